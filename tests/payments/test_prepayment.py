"""The next bill takes the prepayment first."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Allocation
from billing.selectors.outstanding import account_balance
from core.invariants import check_all
from ledger import chart
from ledger.selectors import get_balance
from payments.models import Channel, PrepaymentEntry
from payments.selectors.prepayments import list_purses, list_statement
from payments.services.booking import Incoming, book_receipt
from payments.services.prepayment import use_prepayment, use_prepayments
from tests.payments.world import NOW, World, make_world

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


# Meant for a fee item -----------------------------------------------------------------------------------


def prepay_for(world: World, code: str, amount: str) -> None:
    item = world.community.fee_items.get(code=code)
    account = world.accounts[0].pk
    money = Incoming(account, Channel.CASH, Decimal(amount), NOW, chosen={}, meant_for=item.pk)
    book_receipt(incoming=money, now=NOW)


def purses(world: World) -> list[tuple[str, Decimal]]:
    return [(purse.name, purse.amount) for purse in list_purses(world.accounts[0].pk)]


def test_use_prepayment_meant_for_a_fee_item_pays_no_other(world: World) -> None:
    prepay_for(world, "parking", "80.00")
    world.bill(world.accounts[0], "100.00", "30.00")
    use_prepayments(day=DAY, now=NOW)
    assert world.open_amounts() == [Decimal("100.00")]
    assert purses(world) == [("parking", Decimal("50.00"))]


def test_use_prepayment_takes_what_is_meant_first(world: World) -> None:
    prepay(world, "60.00")
    prepay_for(world, "parking", "20.00")
    world.bill(world.accounts[0], "50.00", "30.00")
    assert use_prepayment(account_id=world.accounts[0].pk, day=DAY, now=NOW) == Decimal("80.00")
    assert world.open_amounts() == []
    assert purses(world) == []


def test_list_statement_says_why_and_keeps_the_balance(world: World) -> None:
    prepay(world, "150.00")
    prepay_for(world, "parking", "20.00")
    world.bill(world.accounts[0], "100.00")
    use_prepayments(day=DAY, now=NOW)
    with translation.override("en"):
        rows = list_statement(world.accounts[0])
    assert [(row.words, row.meant_for, str(row.amount), str(row.balance)) for row in rows] == [
        ("Set against bills", "", "-100.00", "70.00"),
        ("Paid in, receipt SJ2026-000002", "parking", "20.00", "170.00"),
        ("Paid in, receipt SJ2026-000001", "", "150.00", "150.00"),
    ]


@pytest.mark.django_db
def test_what_comes_in_is_used_or_still_there() -> None:
    """The law: money in = money on lines + balance, whatever is meant for what and however often the night comes."""
    world = make_world()
    days = iter(range(10**6))

    @settings(deadline=None, max_examples=30)
    @given(
        paid=st.lists(
            st.tuples(st.sampled_from(["", "property", "parking"]), st.integers(1, 20000)), max_size=4
        ),
        charged=st.lists(st.integers(1, 20000), min_size=1, max_size=3),
    )
    def law(paid: list[tuple[str, int]], charged: list[int]) -> None:
        account = world.accounts[0].pk
        before = account_balance(account).settled + PrepaymentEntry.objects.balance()
        for code, fen in paid:
            amount = f"{Decimal(fen).scaleb(-2)}"
            prepay_for(world, code, amount) if code else prepay(world, amount)
        world.bill(world.accounts[0], *(f"{Decimal(fen).scaleb(-2)}" for fen in charged))
        for _ in range(2):
            use_prepayments(day=DAY + timedelta(days=next(days)), now=NOW)
        after = account_balance(account).settled + PrepaymentEntry.objects.balance()
        assert after - before == Decimal(sum(fen for _code, fen in paid)).scaleb(-2)
        assert min((purse.amount for purse in list_purses(account)), default=Decimal(0)) >= 0
        assert check_all() == []

    law()
