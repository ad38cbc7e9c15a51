from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import Cycle, Period, PeriodError, add_months, month_fraction

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
LENGTHS = st.integers(1, 800).map(lambda days: timedelta(days=days))
PERIODS = st.builds(lambda start, length: Period(start, start + length), DAYS, LENGTHS)


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


class TestPeriod:
    @pytest.mark.parametrize("end", ["2026-09-01", "2026-08-31"])
    def test_a_period_without_a_day_is_refused(self, end: str) -> None:
        with pytest.raises(PeriodError):
            period("2026-09-01", end)

    @pytest.mark.parametrize(
        ("text", "days", "last_day"),
        [
            ("2026-09", 30, date(2026, 9, 30)),
            ("2026-02", 28, date(2026, 2, 28)),
            ("2028-02", 29, date(2028, 2, 29)),
            ("2026-12", 31, date(2026, 12, 31)),
        ],
    )
    def test_month(self, text: str, days: int, last_day: date) -> None:
        month = Period.month(text)
        assert (month.start, month.days, month.last_day) == (last_day.replace(day=1), days, last_day)

    @pytest.mark.parametrize(
        "text", ["", "2026", "2026-9", "2026-13", "2026-00", "202609", "0000-01", "2026-09-01"]
    )
    def test_month_refuses_what_is_not_a_month(self, text: str) -> None:
        with pytest.raises(PeriodError):
            Period.month(text)

    @pytest.mark.parametrize(
        ("day", "inside"),
        [("2026-08-31", False), ("2026-09-01", True), ("2026-09-30", True), ("2026-10-01", False)],
    )
    def test_the_first_day_is_inside_and_the_end_is_not(self, day: str, inside: bool) -> None:
        assert (date.fromisoformat(day) in Period.month("2026-09")) is inside

    @pytest.mark.parametrize(
        ("other", "shared"),
        [
            (("2026-08-01", "2026-09-01"), None),
            (("2026-08-01", "2026-09-02"), ("2026-09-01", "2026-09-02")),
            (("2026-09-10", "2026-09-20"), ("2026-09-10", "2026-09-20")),
            (("2026-01-01", "2027-01-01"), ("2026-09-01", "2026-10-01")),
            (("2026-10-01", "2026-11-01"), None),
        ],
    )
    def test_overlap(self, other: tuple[str, str], shared: tuple[str, str] | None) -> None:
        assert Period.month("2026-09").overlap(period(*other)) == (period(*shared) if shared else None)

    def test_split_at_ignores_days_outside_and_doubled(self) -> None:
        days = [date(2026, 9, 16), date(2026, 9, 16), date(2026, 9, 1), date(2026, 10, 1), date(2026, 8, 1)]
        assert Period.month("2026-09").split_at(days) == [
            period("2026-09-01", "2026-09-16"),
            period("2026-09-16", "2026-10-01"),
        ]

    def test_months_cut_at_month_ends(self) -> None:
        assert list(period("2026-01-15", "2026-03-02").months()) == [
            period("2026-01-15", "2026-02-01"),
            period("2026-02-01", "2026-03-01"),
            period("2026-03-01", "2026-03-02"),
        ]

    @pytest.mark.parametrize(
        ("start", "end", "before", "after"),
        [
            ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01"), ("2026-04-01", "2026-05-01")),
            ("2026-01-01", "2026-04-01", ("2025-10-01", "2026-01-01"), ("2026-04-01", "2026-07-01")),
            ("2026-01-01", "2027-01-01", ("2025-01-01", "2026-01-01"), ("2027-01-01", "2028-01-01")),
        ],
    )
    def test_neighbours_have_the_same_number_of_months(
        self, start: str, end: str, before: tuple[str, str], after: tuple[str, str]
    ) -> None:
        assert period(start, end).previous() == period(*before)
        assert period(start, end).next() == period(*after)

    def test_neighbours_of_a_broken_month_are_refused(self) -> None:
        with pytest.raises(PeriodError):
            period("2026-09-02", "2026-10-01").next()

    @given(PERIODS, st.lists(DAYS, max_size=6))
    def test_parts_cover_the_whole_without_gap(self, whole: Period, days: list[date]) -> None:
        parts = whole.split_at(days)
        assert sum(part.days for part in parts) == whole.days
        assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]

    @given(PERIODS)
    def test_months_add_up(self, whole: Period) -> None:
        assert sum(part.days for part in whole.months()) == whole.days


class TestCycle:
    @pytest.mark.parametrize(
        ("cycle", "start", "end"),
        [
            (Cycle.MONTH, "2026-11-01", "2026-12-01"),
            (Cycle.QUARTER, "2026-10-01", "2027-01-01"),
            (Cycle.HALF_YEAR, "2026-07-01", "2027-01-01"),
            (Cycle.YEAR, "2026-01-01", "2027-01-01"),
        ],
    )
    def test_period_containing(self, cycle: Cycle, start: str, end: str) -> None:
        assert cycle.period_containing(date(2026, 11, 21)) == period(start, end)

    @pytest.mark.parametrize(
        ("day", "start", "end"),
        [
            ("2026-01-31", "2026-01-31", "2026-02-28"),
            ("2026-02-27", "2026-01-31", "2026-02-28"),
            ("2026-02-28", "2026-02-28", "2026-03-31"),
            ("2026-03-30", "2026-02-28", "2026-03-31"),
            ("2028-02-29", "2028-02-29", "2028-03-31"),
            ("2025-12-31", "2025-12-31", "2026-01-31"),
        ],
    )
    def test_an_anniversary_on_the_31st_is_clamped_and_comes_back(
        self, day: str, start: str, end: str
    ) -> None:
        found = Cycle.MONTH.anniversary_period(date(2025, 10, 31), date.fromisoformat(day))
        assert found == period(start, end)

    @given(st.sampled_from(Cycle), DAYS, DAYS)
    def test_every_day_lies_in_its_anniversary_period(self, cycle: Cycle, anchor: date, day: date) -> None:
        assert day in cycle.anniversary_period(anchor, day)

    @given(st.sampled_from(Cycle), DAYS)
    def test_every_day_lies_in_its_calendar_period(self, cycle: Cycle, day: date) -> None:
        found = cycle.period_containing(day)
        assert day in found
        assert found.whole_months == cycle.months


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "result"),
        [
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-01-15", -13, "2024-12-15"),
            ("2026-05-05", 0, "2026-05-05"),
        ],
    )
    def test_add_months(self, day: str, months: int, result: str) -> None:
        assert add_months(date.fromisoformat(day), months) == date.fromisoformat(result)

    @pytest.mark.parametrize(
        ("start", "end", "fraction"),
        [
            ("2026-09-01", "2026-10-01", Fraction(1)),
            ("2026-02-15", "2026-03-01", Fraction(1, 2)),
            ("2028-02-15", "2028-03-01", Fraction(15, 29)),
            ("2026-01-15", "2026-03-02", Fraction(17, 31) + 1 + Fraction(1, 31)),
            ("2026-01-01", "2027-01-01", Fraction(12)),
        ],
    )
    def test_month_fraction_counts_days_of_each_month(self, start: str, end: str, fraction: Fraction) -> None:
        assert month_fraction(period(start, end)) == fraction

    @given(PERIODS, st.lists(DAYS, max_size=5))
    def test_month_fractions_of_parts_add_up(self, whole: Period, days: list[date]) -> None:
        assert sum(month_fraction(part) for part in whole.split_at(days)) == month_fraction(whole)
