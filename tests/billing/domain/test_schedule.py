"""When a fee is due: the first month of its cycle, for the cycle itself or for the one before."""

from datetime import date
from itertools import pairwise

import pytest

from billing.domain.schedule import anniversary_period, service_period
from core.periods import Period


@pytest.mark.parametrize(
    ("cycle", "in_advance", "run", "expected"),
    [
        ("month", True, "2026-09", "2026-09-01/2026-09-30"),
        ("month", False, "2026-09", "2026-08-01/2026-08-31"),
        ("month", False, "2026-01", "2025-12-01/2025-12-31"),
        ("month", False, "2024-03", "2024-02-01/2024-02-29"),
        ("quarter", True, "2026-10", "2026-10-01/2026-12-31"),
        ("quarter", True, "2026-11", None),
        ("quarter", True, "2026-12", None),
        ("quarter", False, "2026-10", "2026-07-01/2026-09-30"),
        ("quarter", False, "2026-01", "2025-10-01/2025-12-31"),
        ("half_year", True, "2026-07", "2026-07-01/2026-12-31"),
        ("half_year", True, "2026-04", None),
        ("half_year", False, "2026-07", "2026-01-01/2026-06-30"),
        ("year", True, "2026-01", "2026-01-01/2026-12-31"),
        ("year", False, "2026-01", "2025-01-01/2025-12-31"),
        ("year", True, "2026-07", None),
    ],
)
def test_service_period(cycle: str, in_advance: bool, run: str, expected: str | None) -> None:
    found = service_period(Period.month(run), cycle=cycle, in_advance=in_advance)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("anchor", "cycle", "in_advance", "run", "expected"),
    [
        ("2026-01-31", "month", True, "2025-12", None),
        ("2026-01-31", "month", True, "2026-01", "2026-01-31/2026-02-27"),
        ("2026-01-31", "month", True, "2026-02", "2026-02-28/2026-03-30"),
        ("2026-01-31", "month", True, "2026-03", "2026-03-31/2026-04-29"),
        ("2026-01-31", "month", True, "2028-02", "2028-02-29/2028-03-30"),
        ("2026-01-31", "month", False, "2026-01", None),
        ("2026-01-31", "month", False, "2026-02", "2026-01-31/2026-02-27"),
        ("2026-01-30", "month", True, "2026-02", "2026-02-28/2026-03-29"),
        ("2026-01-28", "month", True, "2026-02", "2026-02-28/2026-03-27"),
        ("2026-03-15", "month", True, "2026-04", "2026-04-15/2026-05-14"),
        ("2026-03-01", "month", True, "2026-04", "2026-04-01/2026-04-30"),
        ("2024-02-29", "year", True, "2025-02", "2025-02-28/2026-02-27"),
        ("2024-02-29", "year", True, "2028-02", "2028-02-29/2029-02-27"),
        ("2024-02-29", "year", True, "2025-03", None),
        ("2024-05-20", "year", False, "2026-05", "2025-05-20/2026-05-19"),
        ("2026-05-20", "quarter", True, "2026-08", "2026-08-20/2026-11-19"),
        ("2026-05-20", "quarter", True, "2026-09", None),
        ("2026-08-31", "half_year", True, "2027-02", "2027-02-28/2027-08-30"),
    ],
)
def test_anniversary_period(
    anchor: str, cycle: str, in_advance: bool, run: str, expected: str | None
) -> None:
    day = date.fromisoformat(anchor)
    found = anniversary_period(Period.month(run), cycle=cycle, in_advance=in_advance, anchor=day)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize("day", range(1, 32))
def test_anniversary_periods_follow_each_other_without_gap(day: int) -> None:
    anchor = date(2026, 1, day)
    runs = [Period.of_month(date(2026 + n // 12, n % 12 + 1, 1)) for n in range(30)]
    found = [anniversary_period(run, cycle="month", in_advance=True, anchor=anchor) for run in runs]
    periods = [period for period in found if period]
    assert len(periods) == 30
    assert all(28 <= period.days <= 31 for period in periods)
    assert all(one.end == other.start for one, other in pairwise(periods))
