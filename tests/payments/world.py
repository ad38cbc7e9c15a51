"""A small community whose bills are owed: two flats of one owner, one of another, and their merchants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from billing.models import ChargeAccount, ChargeLine
from billing.selectors.outstanding import open_lines
from core.periods import Period
from estates.models import Community, Company
from payments.gateways.interface import PaymentResult, PaymentState
from payments.models import Intent, MerchantAccount
from tests.billing.factories import issue_bill, make_account, make_community, make_fee_item
from tests.staff import hire
from users.models import User
from users.roles import Role

NOW = datetime(2026, 11, 19, 8, 42, tzinfo=UTC)
"""19 November 2026, 16:42 in Beijing."""
DUE = date(2026, 11, 20)
FEES = ("property", "parking", "lift")

_schedules = count(1)


@dataclass
class World:
    """The rows a test starts from; ``bill`` adds bills to them."""

    company: Company
    community: Community
    accounts: list[ChargeAccount]
    wechat: MerchantAccount
    alipay: MerchantAccount

    def bill(self, account: ChargeAccount, *amounts: str, due: date = DUE) -> list[ChargeLine]:
        """Issue a bill of these amounts, one line a fee item, and return its lines."""
        bill = issue_bill(
            account,
            dict(zip(FEES, amounts, strict=False)),
            period=Period.of_month(due),
            due_on=due,
            schedule=f"test{next(_schedules)}",
        )
        return list(bill.lines.order_by("fee_item__rank"))

    def hire(self, role: Role) -> User:
        """Somebody with the role here, named after role and community."""
        return hire(role, self.community, f"{role}-{self.community.code}")

    def open_amounts(self) -> list[Decimal]:
        """What is open, line by line."""
        return [line.outstanding for line in open_lines(account_ids=[a.pk for a in self.accounts])]


def make_world(slug: str = "yunshan") -> World:
    """Make a community with three accounts (101 and 102 of one owner, 201 of another) and two merchants."""
    community = make_community(slug)
    for rank, code in enumerate(FEES):
        make_fee_item(community, code, rank=rank)
    accounts = [
        make_account(community, unit, payer)
        for unit, payer in (("1-1-101", "吴建国"), ("1-1-102", "吴建国"), ("1-2-201", "李小明"))
    ]
    return World(community.company, community, accounts, *_make_merchants(community, slug))


def _make_merchants(community: Community, slug: str) -> list[MerchantAccount]:
    return [
        MerchantAccount.objects.create(
            community=community,
            gateway=gateway,
            merchant_id=merchant_id,
            app_id=app_id,
            secret_name=f"{slug}-{gateway}",
            slug=f"{slug}-{gateway}-k7x2",
        )
        for gateway, merchant_id, app_id in (
            ("wechat", "1900000109", "wxd678efh567hg6787"),
            ("alipay", "2088000000000001", "2021000000000001"),
        )
    ]


def heard(intent: Intent, state: PaymentState = PaymentState.SUCCESS, **changes: Any) -> PaymentResult:
    """What a platform says of an order that was paid as ordered, with changes."""
    said: dict[str, Any] = {
        "order_number": intent.number,
        "state": state,
        "transaction_id": f"4200{intent.pk:010d}",
        "amount": intent.amount,
        "currency": "CNY",
        "paid_at": NOW + timedelta(minutes=1),
        "merchant_id": intent.merchant.merchant_id,
        "app_id": intent.merchant.app_id,
    }
    return PaymentResult(**said | changes)
