"""The rhythm of runs: on which day which month is billed, and the next run after a day."""

from __future__ import annotations

from datetime import date

import pytest

from billing.domain.rhythm import NextRun, Rhythm, find_next_run, rhythm_on
from core.periods import Period

LONG_AGO = date(2020, 1, 1)
FIFTH = Rhythm(LONG_AGO, day=5)
AHEAD = Rhythm(LONG_AGO, day=25, month_before=True)
PAUSED = Rhythm(date(2026, 11, 10), day=5, is_paused=True)


def months(*names: str) -> list[Period]:
    return [Period.month(name) for name in names]


@pytest.mark.parametrize(
    ("rhythm", "day", "due"),
    [
        (FIFTH, date(2026, 11, 4), []),
        (FIFTH, date(2026, 11, 5), ["2026-11"]),
        (FIFTH, date(2026, 11, 30), ["2026-11"]),
        (FIFTH, date(2026, 12, 1), []),
        (AHEAD, date(2026, 12, 24), ["2026-12"]),
        (AHEAD, date(2026, 12, 25), ["2026-12", "2027-01"]),
        (AHEAD, date(2027, 1, 1), ["2027-01"]),
        (Rhythm(LONG_AGO, day=28, month_before=True), date(2028, 2, 28), ["2028-02", "2028-03"]),
        (PAUSED, date(2026, 11, 30), []),
    ],
)  # fmt: skip
def test_months_due_from_the_bill_day_until_the_month_is_over(
    rhythm: Rhythm, day: date, due: list[str]
) -> None:
    assert rhythm.months_due(day) == months(*due)


def test_rhythm_on_is_the_one_that_began_last() -> None:
    versions = [PAUSED, FIFTH]
    assert rhythm_on(versions, date(2026, 11, 9)) == FIFTH
    assert rhythm_on(versions, date(2026, 11, 10)) == PAUSED
    assert rhythm_on([], date(2026, 11, 10)).day == 1


@pytest.mark.parametrize(
    ("versions", "billed", "after", "day", "month"),
    [
        ([FIFTH], [], date(2026, 11, 2), date(2026, 11, 5), "2026-11"),
        ([FIFTH], [], date(2026, 11, 5), date(2026, 11, 6), "2026-11"),  # the night is still to come
        ([FIFTH], ["2026-11"], date(2026, 11, 5), date(2026, 12, 5), "2026-12"),
        ([AHEAD], ["2026-11"], date(2026, 11, 22), date(2026, 11, 25), "2026-12"),
        ([AHEAD], ["2026-11", "2026-12"], date(2026, 11, 26), date(2026, 12, 25), "2027-01"),
        (
            [FIFTH, PAUSED, Rhythm(date(2027, 2, 1), day=3)],
            [],
            date(2026, 11, 20),
            date(2027, 2, 3),
            "2027-02",
        ),
        ([], ["2026-11"], date(2026, 11, 22), date(2026, 12, 1), "2026-12"),
    ],
)
def test_find_next_run(versions: list[Rhythm], billed: list[str], after: date, day: date, month: str) -> None:
    starts = {period.start for period in months(*billed)}
    assert find_next_run(versions, starts, after) == NextRun(day, Period.month(month))


def test_find_next_run_knows_none_while_the_rhythm_rests() -> None:
    assert find_next_run([FIFTH, PAUSED], [], date(2026, 11, 20)) is None
