"""On which day which month is billed: the rhythm a community gives its runs, and the next run that follows (B6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.periods import Period

HORIZON = 400
"""Days the next run is looked for: a month that nobody has billed comes round within them, or none does."""


@dataclass(frozen=True)
class Rhythm:
    """From ``start`` on a month is billed on a day of itself, or of the month before; while paused, none is."""

    start: date
    day: int = 1
    month_before: bool = False
    is_paused: bool = False

    def bill_day(self, month: Period) -> date:
        """Return the day on which a month is billed first.

        >>> print(Rhythm(date(2026, 1, 1), day=25, month_before=True).bill_day(Period.month("2027-01")))
        2026-12-25
        """
        return (month.previous() if self.month_before else month).start.replace(day=self.day)

    def months_due(self, day: date) -> list[Period]:
        """Return the months to look at on a day: each from its bill day until it is over, for those who came late.

        >>> ahead = Rhythm(date(2026, 1, 1), day=25, month_before=True)
        >>> [str(month) for month in ahead.months_due(date(2026, 11, 25))]
        ['2026-11-01/2026-11-30', '2026-12-01/2026-12-31']
        """
        if self.is_paused:
            return []
        month = Period.of_month(day)
        return [one for one in (month, month.next()) if self.bill_day(one) <= day]


@dataclass(frozen=True)
class NextRun:
    """The run that comes next, and the month it bills."""

    day: date
    month: Period


def rhythm_on(rhythms: Sequence[Rhythm], day: date) -> Rhythm:
    """Return the rhythm that holds on a day, the one that began last; without any, the first of each month."""
    begun = [rhythm for rhythm in rhythms if rhythm.start <= day]
    return max(begun, key=lambda rhythm: rhythm.start, default=Rhythm(date.min))


def find_next_run(rhythms: Sequence[Rhythm], billed: Collection[date], after: date) -> NextRun | None:
    """Return the first run after a day for a month that was not billed; None while the rhythm rests.

    billed: first days of the months that have a run.
    """
    for ahead in range(1, HORIZON):
        day = after + timedelta(days=ahead)
        due = [month for month in rhythm_on(rhythms, day).months_due(day) if month.start not in billed]
        if due:
            return NextRun(day, due[0])
    return None
