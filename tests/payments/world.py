"""A small community whose bills are owed: two flats of one owner, one of another, and their merchants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from billing.models import Bill, BillState, ChargeAccount, ChargeLine, FeeItem
from core import checkdigit
from estates.models import Community, Company, Person, Unit
from ledger import chart
from ledger.services import Leg, open_books, post
from payments.gateways.interface import PaymentResult, PaymentState
from payments.models import Intent, MerchantAccount

NOW = datetime(2026, 11, 19, 8, 42, tzinfo=UTC)
"""19 November 2026, 16:42 in Beijing."""
DUE = date(2026, 11, 20)

_numbers = count(1)


@dataclass
class World:
    """The rows a test starts from; ``bill`` adds more."""

    company: Company
    community: Community
    fees: list[FeeItem]
    accounts: list[ChargeAccount]
    wechat: MerchantAccount
    alipay: MerchantAccount
    bills: list[Bill] = field(default_factory=list)

    def bill(self, account: ChargeAccount, *amounts: str, due: date = DUE) -> list[ChargeLine]:
        """Issue a bill of these amounts, one line a fee item, posted as the run posts it."""
        total = sum(map(Decimal, amounts), Decimal(0))
        number = next(_numbers)
        start = due.replace(day=1)
        bill: Bill = Bill.objects.create(
            community=self.community,
            account=account,
            number=checkdigit.append(f"{2611_0000_0000 + number}"),
            schedule=f"test{number}",
            period_start=start,
            period_end=(start + timedelta(days=32)).replace(day=1),
            due_on=due,
            total=total,
            state=BillState.ISSUED,
            issued_on=start,
        )
        lines = [self._line(bill, fee, amount) for fee, amount in zip(self.fees, amounts, strict=False)]
        post(
            company_id=self.company.pk,
            community_id=self.community.pk,
            booked_on=start,
            kind="bill",
            source=f"bill:{bill.pk}",
            legs=[Leg(chart.RECEIVABLE, total, account.pk), Leg(chart.REVENUE, -total)],
        )
        self.bills.append(bill)
        return lines

    def _line(self, bill: Bill, fee: FeeItem, amount: str) -> ChargeLine:
        line: ChargeLine = ChargeLine.objects.create(
            bill=bill,
            fee_item=fee,
            period_start=bill.period_start,
            period_end=bill.period_end,
            method="fixed",
            amount=Decimal(amount),
        )
        return line


def make_world(slug: str = "yunshan") -> World:
    """Make a community with three accounts (101 and 102 of one owner, 201 of another) and two merchants."""
    company: Company = Company.objects.create(name=f"Warm Neighbours {slug}")
    open_books(company=company)
    community = Community.objects.create(company=company, code=slug, name="云杉苑")
    people = [
        Person.objects.create(company=company, name=name, phone=phone)
        for name, phone in (("吴建国", "13800138000"), ("李小明", "13900139000"))
    ]
    accounts = [
        ChargeAccount.objects.create(
            community=community,
            unit=Unit.objects.create(community=community, code=code, room=code, kind="high_rise", sort_key=code),
            payer=payer,
            start=date(2025, 1, 1),
        )
        for code, payer in (("1-1-101", people[0]), ("1-1-102", people[0]), ("1-2-201", people[1]))
    ]
    fees = [
        FeeItem.objects.create(
            community=community, code=code, name=name, cycle="month", timing="advance", rank=rank
        )
        for rank, (code, name) in enumerate((("property", "物业费"), ("parking", "车位费"), ("lift", "电梯费")))
    ]
    return World(company, community, fees, accounts, *_make_merchants(community, slug))


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


def heard(intent: Intent, state: PaymentState = PaymentState.SUCCESS, **changes: object) -> PaymentResult:
    """What a platform says of an order that was paid as ordered, with changes."""
    said: dict[str, object] = {
        "order_number": intent.number,
        "state": state,
        "transaction_id": f"4200{intent.pk:010d}",
        "amount": intent.amount,
        "currency": "CNY",
        "paid_at": NOW + timedelta(minutes=1),
        "merchant_id": intent.merchant.merchant_id,
        "app_id": intent.merchant.app_id,
    }
    return PaymentResult(**said | changes)  # type: ignore[arg-type]
