"""Working days in mainland China.

The day an obligation falls due moves to the next working day when it is a holiday or a rest day (Civil
Code 203). Three sources, the first that knows a day answers: the `Holiday` table, the bundled statutory
calendar, and for years that are not announced yet the plain week, which is said aloud.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import chinese_calendar
import structlog
from django.utils import timezone

from core.models import Holiday

SATURDAY = 5
LONGEST_REST = 30
ANNOUNCED = frozenset(day.year for day in chinese_calendar.constants.holidays)
"""The years whose statutory holidays the bundled calendar knows."""

log: Any = structlog.get_logger(__name__)


def day_of(moment: datetime) -> date:
    """Return the day a moment falls on in the time zone of the books. It reads no clock: the moment is given."""
    return timezone.localdate(moment)


def moment_of(day: date, at: time = time.min) -> datetime:
    """Return the moment at which it is so late on a day in the time zone of the books: its beginning, by default."""
    return timezone.make_aware(datetime.combine(day, at))


@dataclass(frozen=True)
class WorkCalendar:
    """Answers for many days without asking the database again; `overrides` says which days people work."""

    overrides: Mapping[date, bool]

    def is_workday(self, day: date) -> bool:
        """Return whether people work on this day."""
        if day in self.overrides:
            return self.overrides[day]
        if not is_announced(day.year):
            log.warning("calendar.year_unknown", year=day.year, used="weekends")
            return day.weekday() < SATURDAY
        return bool(chinese_calendar.is_workday(day))

    def next_workday(self, day: date) -> date:
        """Return `day` when people work on it, else the first day after it on which they do."""
        for ahead in range(LONGEST_REST):
            if self.is_workday(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise ValueError(f"No working day within {LONGEST_REST} days of {day}: look at the Holiday table.")


def get_calendar() -> WorkCalendar:
    """Return the calendar with the overrides that the database holds now."""
    return WorkCalendar(dict(Holiday.objects.values_list("day", "is_workday")))


def is_workday(day: date) -> bool:
    """Return whether people work on this day; for many days take `get_calendar()` once."""
    return get_calendar().is_workday(day)


def next_workday(day: date) -> date:
    """Return `day`, or the first working day after it (Civil Code 203)."""
    return get_calendar().next_workday(day)


def is_announced(year: int) -> bool:
    """Return whether the bundled calendar knows the statutory holidays of a year."""
    return year in ANNOUNCED
