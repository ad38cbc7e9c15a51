"""A statement as an accountant would check it: opening + charges − payments − credits = closing, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.domain.statement import Entry, draw_up

DAYS = [date(2026, month, day) for month in range(6, 10) for day in (1, 9, 20)]
entries = st.builds(
    Entry,
    day=st.sampled_from(DAYS),
    kind=st.sampled_from(["charge", "payment", "credit"]),
    amount=st.decimals("-500", "500", places=2),
    bill_id=st.integers(1, 9),
)
JULY, AUGUST = (
    Entry(date(2026, 7, 1), "charge", Decimal("291.88"), 7),
    Entry(date(2026, 8, 1), "charge", Decimal("296.27"), 8),
)


def test_two_months_paid_together() -> None:
    paid = Entry(date(2026, 8, 10), "payment", Decimal("588.15"), source="receipt:1")
    found = draw_up([paid, AUGUST, JULY], date(2026, 7, 1), date(2026, 8, 31))
    assert [(row.opening, row.charged, row.paid, row.closing) for row in found.rows] == [
        (Decimal("0.00"), Decimal("291.88"), Decimal("0.00"), Decimal("291.88")),
        (Decimal("291.88"), Decimal("296.27"), Decimal("588.15"), Decimal("0.00")),
    ]


def test_what_lies_before_the_span_is_its_opening() -> None:
    credit = Entry(date(2026, 8, 20), "credit", Decimal("21.05"), reason="电梯停了 3 天")
    found = draw_up([JULY, AUGUST, credit], date(2026, 8, 1), date(2026, 8, 31))
    assert (found.opening, found.charged, found.credited, found.closing) == (
        Decimal("291.88"),
        Decimal("296.27"),
        Decimal("21.05"),
        Decimal("567.10"),
    )


def test_a_payment_before_the_first_charge_has_a_row_of_its_own() -> None:
    paid = Entry(date(2026, 7, 15), "payment", Decimal("291.88"))
    found = draw_up([JULY, paid, AUGUST], date(2026, 7, 10), date(2026, 8, 31))
    assert [(row.day, row.paid, row.closing) for row in found.rows] == [
        (date(2026, 7, 15), Decimal("291.88"), Decimal("0.00")),
        (date(2026, 8, 1), Decimal("0.00"), Decimal("296.27")),
    ]


def test_what_comes_after_the_span_is_not_on_it() -> None:
    found = draw_up([JULY, AUGUST], date(2026, 6, 1), date(2026, 7, 31))
    assert (len(found.rows), found.closing) == (1, Decimal("291.88"))


@given(st.lists(entries, max_size=30), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_rows_are_a_chain_and_the_sums_close(moved: list[Entry], one: date, other: date) -> None:
    first, last = sorted([one, other])
    found = draw_up(moved, first, last)
    signed = {"charge": 1, "payment": -1, "credit": -1}
    assert found.closing == sum((e.amount * signed[e.kind] for e in moved if e.day <= last), Decimal("0.00"))
    assert found.opening + found.charged - found.paid - found.credited == found.closing
    openings = [found.opening, *(row.closing for row in found.rows)]
    assert [row.opening for row in found.rows] == openings[: len(found.rows)]
