"""Which days of service a run charges: cycles of the calendar, billed before or after they are served."""

from __future__ import annotations

from core.periods import Cycle, Period


def service_period(run: Period, *, cycle: str, in_advance: bool) -> Period | None:
    """Return the days a fee item is charged for in the run of a month, or None when it is not its turn.

    A cycle is billed in its first month: in advance for itself, in arrears for the cycle that ended the day
    before. Cycles are those of the calendar year.

    >>> from datetime import date
    >>> print(service_period(Period.month("2026-10"), cycle="quarter", in_advance=False))
    2026-07-01/2026-09-30
    >>> service_period(Period.month("2026-11"), cycle="quarter", in_advance=True)
    """
    current = Cycle(cycle).period_containing(run.start)
    if current.start != run.start:
        return None
    return current if in_advance else current.previous()
