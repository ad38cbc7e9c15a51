"""The next bill takes the prepayment first."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from billing.models import Allocation
from ledger import chart
from ledger.selectors import get_balance
from payments.models import Channel, PrepaymentEntry
from payments.services.booking import Incoming, book_receipt
from payments.services.prepayment import use_prepayment, use_prepayments
from tests.payments.world import NOW, World

DAY = date(2026, 11, 20)


def prepay(world: World, amount: str, account: int = 0) -> None:
    money = Incoming(world.accounts[account].pk, Channel.CASH, Decimal(amount), NOW, chosen={})
    book_receipt(incoming=money, now=NOW)


def test_use_prepayments_pays_the_oldest_bill_and_keeps_the_rest(world: World) -> None:
    prepay(world, "150.00")
    world.bill(world.accounts[0], "100.00")
    assert use_prepayments(day=DAY, now=NOW) == 1
    assert world.open_amounts() == []
    assert PrepaymentEntry.objects.balance() == Decimal("50.00")
    assert get_balance(code=chart.PREPAYMENT, charge_account_id=world.accounts[0].pk) == Decimal("-50.00")
    allocation = Allocation.objects.get()
    assert (allocation.amount, allocation.value_day) == (Decimal("100.00"), DAY)


def test_use_prepayments_pays_a_part_when_it_is_less_than_the_bill(world: World) -> None:
    prepay(world, "30.00")
    world.bill(world.accounts[0], "100.00")
    use_prepayments(day=DAY, now=NOW)
    assert world.open_amounts() == [Decimal("70.00")]
    assert PrepaymentEntry.objects.balance() == Decimal("0.00")


def test_use_prepayments_never_pays_a_neighbours_bill(world: World) -> None:
    prepay(world, "30.00", account=1)
    world.bill(world.accounts[0], "100.00")
    assert use_prepayments(day=DAY, now=NOW) == 0
    assert world.open_amounts() == [Decimal("100.00")]


def test_use_prepayments_twice_on_a_day_is_once(world: World) -> None:
    prepay(world, "30.00")
    world.bill(world.accounts[0], "100.00")
    assert [use_prepayments(day=DAY, now=NOW) for _ in range(2)] == [1, 0]
    prepay(world, "20.00")
    assert use_prepayment(account_id=world.accounts[0].pk, day=DAY, now=NOW) == Decimal("0.00")
    assert use_prepayments(day=DAY + timedelta(days=1), now=NOW) == 1
    assert world.open_amounts() == [Decimal("50.00")]
