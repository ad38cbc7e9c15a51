"""What is corrected, and on which line: worked out by hand."""

from __future__ import annotations

from decimal import Decimal

from billing.domain.rebilling import Asked, Due, Slot, find_differences, take_back
from core.periods import Period

NOVEMBER = Period.month("2026-11")
OLD, NEW = Slot(1, 7), Slot(2, 7)


def due(amount: str) -> Due:
    return Due(Decimal(amount), NOVEMBER)


def asked(line: int, billed: str, left: str = "") -> Asked:
    return Asked(line, Decimal(billed), Decimal(left or billed))


def test_alike_is_no_difference() -> None:
    found = find_differences({OLD: due("300.00")}, {OLD: [asked(5, "300.00")]})
    assert (found.less, found.more) == ({}, [])


def test_what_was_waived_is_not_asked_for_again() -> None:
    found = find_differences({OLD: due("300.00")}, {OLD: [asked(5, "300.00", "260.00")]})
    assert (found.less, found.more) == ({}, [])


def test_a_new_owner_takes_over_a_part() -> None:
    found = find_differences({OLD: due("105.25"), NEW: due("105.24")}, {OLD: [asked(5, "210.49")]})
    assert found.less == {5: Decimal("105.24")}
    assert [(more.slot, more.amount, more.line) for more in found.more] == [(NEW, Decimal("105.24"), None)]


def test_more_names_the_line_that_asked_for_too_little() -> None:
    found = find_differences({OLD: due("330.00")}, {OLD: [asked(5, "200.00"), asked(6, "100.00")]})
    assert [(more.amount, more.line) for more in found.more] == [(Decimal("30.00"), 5)]


def test_what_is_no_longer_due_goes_down_to_nothing() -> None:
    assert find_differences({}, {OLD: [asked(5, "300.00")]}).less == {5: Decimal("300.00")}


def test_take_back_leaves_what_was_waived() -> None:
    lines = [asked(5, "80.00", "70.00"), asked(6, "20.00", "0.00")]
    assert take_back(Decimal("90.00"), lines) == {5: Decimal("70.00")}
