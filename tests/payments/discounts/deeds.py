"""What owners and nights do in tests of discounts, in a few words each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing.models import Bill, Waiver
from billing.selectors.outstanding import account_balance
from core.periods import Period, add_months
from ledger.selectors import get_balance
from payments.models import Channel, PayoutKind, Receipt
from payments.services.booking import Incoming, book_receipt
from payments.services.payouts import PayoutDraft, approve_payout, open_payout
from payments.services.prepayment import use_prepayment
from tests.billing.factories import issue_bill
from tests.payments.world import World
from tests.staff import hire
from users.roles import Role

DUE = date(2026, 11, 20)
ZERO = Decimal("0.00")


def moment(day: date) -> datetime:
    """Noon in Beijing."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def month(number: int) -> Period:
    """November 2026 is 0."""
    return Period.of_month(add_months(date(2026, 11, 1), number))


def bill(world: World, number: int = 0, **amounts: str) -> Bill:
    """A regular bill of a month, due on its 20th."""
    return issue_bill(world.accounts[0], amounts or {"property": "100.00"}, period=month(number))


def pay(world: World, amount: str, day: date = DUE, **more: Any) -> Receipt:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), moment(day), **more)
    return book_receipt(incoming=money, now=moment(day))


def prepay(world: World, amount: str, day: date = DUE, item: str = "property") -> Receipt:
    meant_for = world.community.fee_items.get(code=item).pk
    return pay(world, amount, day, chosen={}, meant_for=meant_for)


def night(world: World, day: date) -> Decimal:
    return use_prepayment(account_id=world.accounts[0].pk, day=day, now=moment(day))


def serve(world: World, months: int) -> None:
    """Bill so many months after November, and let the night of each bill's day meet it."""
    for number in range(1, months + 1):
        bill(world, number)
        night(world, month(number).start)


def pay_back(world: World, amount: str, day: date) -> None:
    clerk = hire(Role.CASHIER, world.community, f"clerk{amount}")
    manager = hire(Role.MANAGER, world.community, f"manager{amount}")
    draft = PayoutDraft(PayoutKind.PREPAYMENT, Decimal(amount), "搬走了", Channel.CASH)
    payout = open_payout(account=world.accounts[0], draft=draft, by=clerk, now=moment(day))
    approve_payout(payout=payout, by=manager, day=day, now=moment(day))


def outstanding(world: World) -> Decimal:
    return account_balance(world.accounts[0].pk).outstanding


def discounts() -> list[str]:
    return [str(row.amount) for row in Waiver.objects.filter(kind="discount").order_by("pk")]


def booked(code: str) -> Decimal:
    return get_balance(code=code)
