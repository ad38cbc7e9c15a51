"""The discount for a bill paid whole by its due day, and when it goes again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Allocation, BillingPolicy, DiscountKind
from billing.selectors.on_time import find_offer
from billing.selectors.outstanding import bill_balances
from billing.services.on_time import take_back_unearned
from billing.services.run.opening import find_due_day
from billing.services.settlement import reverse_allocations
from core.invariants import check_all
from core.periods import Period
from ledger import chart
from ledger.models import JournalEntry
from ledger.services import reverse
from payments.models import PrepaymentEntry, Receipt
from payments.selectors.prepayments import get_balance_of
from tests.billing.discounts import make_rule
from tests.billing.factories import issue_bill
from tests.payments.discounts.deeds import DUE, ZERO, bill, booked, discounts, moment, night, outstanding, pay
from tests.payments.world import World


@pytest.mark.parametrize(
    ("first", "after", "due", "paid_on", "given"),
    [
        # due on Friday 20 November
        ("2026-11-01", 19, "2026-11-20", "2026-11-19", ["2.00"]),
        ("2026-11-01", 19, "2026-11-20", "2026-11-20", ["2.00"]),
        ("2026-11-01", 19, "2026-11-20", "2026-11-21", []),
        # 5 October 2026 is a holiday: due on Thursday 8 October
        ("2026-10-01", 4, "2026-10-08", "2026-10-05", ["2.00"]),
        ("2026-10-01", 4, "2026-10-08", "2026-10-08", ["2.00"]),
        ("2026-10-01", 4, "2026-10-08", "2026-10-09", []),
        # Sunday 15 November: due on Monday
        ("2026-11-01", 14, "2026-11-16", "2026-11-16", ["2.00"]),
        ("2026-11-01", 14, "2026-11-16", "2026-11-17", []),
        # the last day of a year, and the leap day
        ("2026-12-01", 30, "2026-12-31", "2026-12-31", ["2.00"]),
        ("2026-12-01", 30, "2026-12-31", "2027-01-01", []),
        ("2028-02-01", 28, "2028-02-29", "2028-02-29", ["2.00"]),
        ("2028-02-01", 28, "2028-02-29", "2028-03-01", []),
    ],
)
def test_on_time_is_until_the_due_day(
    world: World, two_percent: None, first: str, after: int, due: str, paid_on: str, given: list[str]
) -> None:
    """The day before, on and after the due day, which moves to the next working day (Civil Code 203)."""
    BillingPolicy.objects.create(community=world.community, due_after_days=after)
    period = Period.of_month(date.fromisoformat(first))
    due_on = find_due_day(world.community, period)
    issue_bill(world.accounts[0], {"property": "100.00"}, due_on=due_on, period=period)
    pay(world, "100.00", date.fromisoformat(paid_on))
    assert (due_on.isoformat(), discounts()) == (due, given)


@pytest.mark.parametrize(
    ("start", "end", "given"),
    [
        ("2026-11-20", None, ["2.00"]),
        ("2026-11-21", None, []),  # agreed a day too late for a bill due on the 20th
        ("2026-10-01", "2026-11-21", ["2.00"]),  # the due day is its last
        ("2026-10-01", "2026-11-20", []),
    ],
)
def test_on_time_by_the_rule_that_holds_on_the_due_day(
    world: World, start: str, end: str | None, given: list[str]
) -> None:
    span: dict[str, Any] = {
        "start": date.fromisoformat(start),
        "end": date.fromisoformat(end) if end else None,
    }
    make_rule(world.community, DiscountKind.ON_TIME, percent=Decimal("2.00"), **span)
    bill(world)
    pay(world, "100.00")
    assert discounts() == given


def test_on_time_pays_less_and_keeps_the_rest(world: World, two_percent: None) -> None:
    bill(world, property="60.00", parking="40.00")
    receipt = pay(world, "100.00")
    assert discounts() == ["1.20", "0.80"]
    assert [str(row.amount) for row in PrepaymentEntry.objects.all()] == ["2.00"]
    paid = receipt.source
    allocated = Allocation.objects.order_by("pk").values_list("source", "amount")
    assert list(allocated) == [(paid, Decimal("58.80")), (paid, Decimal("39.20"))]
    assert (outstanding(world), booked(chart.DISCOUNT)) == (ZERO, Decimal("2.00"))
    assert check_all(None) == []


@pytest.mark.parametrize(("amount", "given", "left"), [("98.00", ["2.00"], "0.00"), ("97.99", [], "2.01")])
def test_on_time_may_be_what_is_missing(
    world: World, two_percent: None, amount: str, given: list[str], left: str
) -> None:
    bill(world)
    pay(world, amount)
    assert (discounts(), outstanding(world)) == (given, Decimal(left))


@pytest.mark.parametrize("first", [0, 1])
def test_on_time_in_two_parts_in_any_order(world: World, two_percent: None, first: int) -> None:
    """Booked later does not mean paid later: the days of the payments decide."""
    bill(world)
    days = [date(2026, 11, 10), DUE]
    for day in (days[first], days[1 - first]):
        pay(world, "50.00", day)
    assert (discounts(), outstanding(world)) == (["2.00"], ZERO)


@pytest.mark.parametrize("first", [0, 1])
def test_on_time_not_when_one_part_came_late(world: World, two_percent: None, first: int) -> None:
    bill(world)
    days = [DUE, DUE + timedelta(days=1)]
    for day in (days[first], days[1 - first]):
        pay(world, "50.00", day)
    assert (discounts(), outstanding(world)) == ([], ZERO)


def test_on_time_of_one_fee_item_needs_the_whole_bill(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, "property", amount=Decimal("5.00"))
    bill(world, property="60.00", parking="40.00")
    pay(world, "60.00", date(2026, 11, 10))
    assert discounts() == []
    pay(world, "40.00")
    assert discounts() == ["5.00"]
    assert check_all(None) == []


def test_on_time_never_takes_a_bill_below_zero(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, amount=Decimal("5.00"))
    small = bill(world, property="3.00")
    pay(world, "0.01")
    assert discounts() == ["3.00"]
    assert bill_balances([small.pk])[small.pk].outstanding == 0
    assert get_balance_of(world.accounts[0].pk) == Decimal("0.01")


def test_on_time_by_prepayment_in_the_night(world: World, two_percent: None) -> None:
    pay(world, "150.00", date(2026, 10, 30))
    bill(world)
    assert night(world, date(2026, 11, 1)) == Decimal("98.00")
    assert (discounts(), outstanding(world)) == (["2.00"], ZERO)


def bounce(world: World, receipt: Receipt, day: date) -> None:
    """Take the money of a receipt off its bills again, as whoever reverses a payment does."""
    rows = list(world.accounts[0].bills.get().lines.get().allocations.filter(source=receipt.source))
    reverse_allocations(
        allocations=rows, value_day=day, source="bounced", reason="退票", by="t", now=moment(day)
    )
    entry = JournalEntry.objects.get(source=receipt.source)
    reverse(entry=entry, booked_on=day, source="bounced")
    take_back_unearned(bill_ids=[rows[0].line.bill_id], day=day, now=moment(day))


def test_on_time_is_taken_back_with_the_payment(world: World, two_percent: None) -> None:
    only = bill(world)
    receipt = pay(world, "98.00")
    day = date(2026, 11, 25)
    bounce(world, receipt, day)
    assert discounts() == ["2.00", "-2.00"]
    assert bill_balances([only.pk])[only.pk].outstanding == Decimal("100.00")
    assert booked(chart.DISCOUNT) == 0
    pay(world, "100.00", DUE)
    assert (discounts(), outstanding(world)) == (["2.00", "-2.00", "2.00"], ZERO)


def test_on_time_stays_while_the_bill_is_paid(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    take_back_unearned(bill_ids=[only.pk], day=date(2026, 11, 25), now=moment(date(2026, 11, 25)))
    assert discounts() == ["2.00"]


@pytest.mark.parametrize(("day", "offer"), [(DUE, "2.00"), (DUE + timedelta(days=1), "0.00")])
def test_find_offer_is_until_the_due_day(world: World, two_percent: None, day: date, offer: str) -> None:
    assert find_offer(bill(world), day) == Decimal(offer)


def test_find_offer_of_a_bill_that_has_its_discount_is_nothing(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    assert find_offer(only, DUE) == ZERO
