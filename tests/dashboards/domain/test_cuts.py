"""Months are compared on the same day of the month, whole months with whole ones."""

from datetime import date

import pytest

from core.periods import Period
from dashboards.domain.cuts import Cut

NOVEMBER = Period.month("2026-11")


@pytest.mark.parametrize(
    ("today", "as_of", "is_whole"),
    [
        (date(2026, 11, 1), date(2026, 11, 1), False),
        (date(2026, 11, 29), date(2026, 11, 29), False),
        (date(2026, 11, 30), date(2026, 11, 30), True),
        (date(2027, 2, 1), date(2026, 11, 30), True),
    ],
)
def test_of_month_stops_at_today_or_the_end(today: date, as_of: date, is_whole: bool) -> None:
    cut = Cut.of_month(NOVEMBER, today)
    assert (cut.as_of, cut.is_whole) == (as_of, is_whole)


@pytest.mark.parametrize(
    ("month", "today", "before"),
    [
        ("2026-11", date(2026, 11, 10), date(2026, 10, 10)),
        ("2026-11", date(2026, 11, 30), date(2026, 10, 31)),
        ("2026-03", date(2026, 3, 30), date(2026, 2, 28)),
        ("2026-03", date(2026, 3, 31), date(2026, 2, 28)),
    ],
)
def test_previous_is_the_same_day_of_the_month_before(month: str, today: date, before: date) -> None:
    assert Cut.of_month(Period.month(month), today).previous().as_of == before


def test_latest_ends_with_this_month() -> None:
    days = [cut.as_of for cut in Cut.of_month(NOVEMBER, date(2026, 11, 30)).latest(3)]
    assert days == [date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)]
