"""A line that turns out to cost less keeps its discount in proportion, and no more of it (DOMAIN-RULES §4.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.explaining.discounts import list_discounts
from billing.models import Allocation, Bill, ChargeLine, ReductionKind, RequestKind
from billing.selectors.discounts import list_paid_ahead
from billing.selectors.requests import foresee
from billing.services.approval import Approval
from billing.services.on_time import take_back_unearned
from billing.services.reductions import MoreThanChargedError, reduce_lines
from billing.services.settlement import reverse_allocations
from core.invariants import check_all
from ledger import chart
from payments.models import Receipt
from payments.selectors.prepayments import get_balance_of, list_purses
from tests.payments.discounts.deeds import (
    DUE,
    ZERO,
    bill,
    booked,
    moment,
    month,
    night,
    outstanding,
    pay,
    serve,
)
from tests.payments.world import World

LATER = date(2026, 11, 25)


def correct(line: ChargeLine, amount: str, deed: str = "request:1") -> None:
    """So much of a line was wrong, say two people."""
    approval = Approval(deed, "面积登记错了", "王芳", "赵强", LATER, moment(LATER))
    reduce_lines(amounts={line.pk: Decimal(amount)}, kind=ReductionKind.CORRECTION, approval=approval)


def standing(*bills: Bill) -> list[str]:
    """The discounts that stand, each of which explains itself."""
    views = list_discounts([one.pk for one in bills])
    assert all(view.explanation.agrees for view in views)
    return [str(view.amount) for view in views]


def line_of(of_bill: Bill, item: str = "property") -> ChargeLine:
    found: ChargeLine = of_bill.lines.get(fee_item__code=item)
    return found


def test_on_time_discount_follows_the_corrected_line(world: World, two_percent: None) -> None:
    """100.00 less 2.00 were paid with 98.00. 80.00 were right: less 1.60 that is 78.40, and 19.60 are the account's."""
    paid = bill(world)
    pay(world, "98.00")
    foreseen = foresee(paid, RequestKind.LESS, {line_of(paid).pk: Decimal("20.00")})
    assert (foreseen.charged_after, foreseen.released) == (Decimal("78.40"), Decimal("19.60"))
    correct(line_of(paid), "20.00")
    assert standing(paid) == ["1.60"]
    assert (outstanding(world), get_balance_of(world.accounts[0].pk)) == (ZERO, Decimal("19.60"))
    assert booked(chart.DISCOUNT) == Decimal("1.60")
    correct(line_of(paid), "30.00", "request:2")
    assert (standing(paid), get_balance_of(world.accounts[0].pk)) == (["1.00"], Decimal("49.00"))


def test_on_time_discount_of_other_lines_stays(world: World, two_percent: None) -> None:
    """2 % of 150.00, 2.00 and 1.00. The parking fee was wrong altogether: its 1.00 goes with it, the 2.00 stay."""
    paid = bill(world, property="100.00", parking="50.00")
    pay(world, "147.00")
    correct(line_of(paid, "parking"), "50.00")
    assert (standing(paid), outstanding(world)) == (["2.00"], ZERO)
    assert get_balance_of(world.accounts[0].pk) == Decimal("49.00")


def test_line_with_a_discount_goes_down_to_nothing_and_no_further(world: World, two_percent: None) -> None:
    paid = bill(world)
    pay(world, "98.00")
    with pytest.raises(MoreThanChargedError):
        correct(line_of(paid), "100.01")
    correct(line_of(paid), "100.00")
    assert (standing(paid), get_balance_of(world.accounts[0].pk)) == ([], Decimal("98.00"))


@pytest.mark.broken_books("the receipt stays in the books")
def test_on_time_discount_that_shrank_goes_whole_when_the_money_does(world: World, two_percent: None) -> None:
    paid = bill(world)
    pay(world, "98.00")
    correct(line_of(paid), "20.00")
    live = Allocation.objects.filter(line__bill=paid, reverses=None, reversal=None)
    reverse_allocations(
        allocations=list(live), value_day=LATER, source="bounced:1", reason="t", by="t", now=moment(LATER)
    )
    take_back_unearned(bill_ids=[paid.pk], day=LATER, now=moment(LATER))
    assert (standing(paid), outstanding(world)) == ([], Decimal("80.00"))


def test_gift_follows_the_corrected_line_and_the_rest_of_it_comes_later(world: World, year: Receipt) -> None:
    """December took 92.31 and 7.69 of the gift. Of 80.00 the gift's part is 6.15: 18.46 are for property again."""
    december = bill(world, 1)
    night(world, month(1).start)
    correct(line_of(december), "20.00")
    assert (standing(december), outstanding(world)) == (["6.15"], ZERO)
    assert [str(purse.amount) for purse in list_purses(world.accounts[0].pk) if purse.fee_item_id] == [
        "1126.15"
    ]
    (ahead,) = list_paid_ahead(world.accounts[0].pk)
    assert (ahead.money_left, ahead.gift_left) == (Decimal("1126.15"), Decimal("93.85"))


def test_gift_is_given_whole_after_a_correction(world: World, year: Receipt) -> None:
    """Thirteen months were promised: 80.00, eleven of 100.00, and 120.00 of the two months after."""
    december = bill(world, 1)
    night(world, month(1).start)
    correct(line_of(december), "20.00")
    for number in range(2, 15):
        bill(world, number)
        night(world, month(number).start)
    assert outstanding(world) == Decimal("80.00")
    assert get_balance_of(world.accounts[0].pk) == 0
    assert booked(chart.DISCOUNT) == Decimal("100.00")


def test_gift_on_a_part_of_a_line_stays_until_the_line_costs_less_than_that(
    world: World, year: Receipt
) -> None:
    """The last 100.00 of money and gift meet 300.00: 200.00 stay open, and 150.00 of them were wrong."""
    serve(world, 12)
    last = bill(world, 13, property="300.00")
    night(world, month(13).start)
    (before,) = standing(last)
    correct(line_of(last), "150.00")
    assert (standing(last), outstanding(world)) == ([before], Decimal("50.00"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 10_000), st.integers(0, 9_800))
def test_correcting_does_what_was_foreseen(world: World, two_percent: None, less: int, paid: int) -> None:
    """The preview of a correction and the deed agree to the fen, whatever was paid, discount earned or not."""
    number = Bill.objects.count()
    of_bill = bill(world, number)
    if paid:
        pay(world, str(Decimal(paid) / 100), DUE, chosen={line_of(of_bill).pk: Decimal(paid) / 100})
    line, amount = line_of(of_bill), Decimal(less) / 100
    foreseen = foresee(of_bill, RequestKind.LESS, {line.pk: amount})
    held, owed = get_balance_of(world.accounts[0].pk), outstanding(world)
    if foreseen.problems:
        with pytest.raises(MoreThanChargedError):
            correct(line, str(amount), f"request:{number}")
        return
    correct(line, str(amount), f"request:{number}")
    assert get_balance_of(world.accounts[0].pk) - held == foreseen.released
    assert outstanding(world) - owed == foreseen.open_after - foreseen.open_before
    assert check_all() == []
