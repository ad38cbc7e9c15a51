"""Which days of service a run charges, billed before or after they are served.

Cycles are those of the calendar, the same for all units, or each unit's own, counted from its hand-over.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from core.periods import Cycle, Period, month_fraction


def service_period(run: Period, *, cycle: str, in_advance: bool) -> Period | None:
    """Return the days a fee item is charged for in the run of a month, or None when it is not its turn.

    A cycle is billed in its first month: in advance for itself, in arrears for the cycle that ended the day
    before. Cycles are those of the calendar year.

    >>> from datetime import date, timedelta
    >>> print(service_period(Period.month("2026-10"), cycle="quarter", in_advance=False))
    2026-07-01/2026-09-30
    >>> service_period(Period.month("2026-11"), cycle="quarter", in_advance=True)
    """
    current = Cycle(cycle).period_containing(run.start)
    if current.start != run.start:
        return None
    return current if in_advance else current.previous()


def anniversary_period(run: Period, *, cycle: str, in_advance: bool, anchor: date) -> Period | None:
    """Return the days a unit is charged for in the run of a month when its cycles are counted from ``anchor``.

    The turn is that of the month in which a cycle begins; None in all others, and before the first cycle. Months
    run from the anchor's day to the day before it, 28 to 31 days long, and end on the last day of a short month.

    >>> handed_over = date(2026, 1, 31)
    >>> print(anniversary_period(Period.month("2026-02"), cycle="month", in_advance=True, anchor=handed_over))
    2026-02-28/2026-03-30
    """
    current = Cycle(cycle).anniversary_period(anchor, run.last_day)
    if current.start < run.start or current.start < anchor:
        return None
    if in_advance:
        return current
    before = Cycle(cycle).anniversary_period(anchor, current.start - timedelta(days=1))
    return before if before.start >= anchor else None


def count_months(period: Period, month_day: int = 1, whole: Period | None = None) -> Fraction:
    """Return the months some days count: by the days of each month, or by those of a whole period (§4.4).

    Months begin on ``month_day``.

    >>> august = Period(date(2026, 8, 1), date(2026, 9, 1))
    >>> count_months(august, whole=Period(date(2026, 7, 1), date(2026, 10, 1)))
    Fraction(93, 92)
    """
    if whole is None:
        return month_fraction(period, month_day)
    return month_fraction(whole, month_day) * period.days / whole.days
