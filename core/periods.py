"""Stretches of days and the cycles fees are charged by.

A `Period` is half-open: it holds `start` and every day before `end`, so that neighbours never share a day
and the days of parts add up. People are shown `last_day`. Nothing here reads the clock.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from django.utils.translation import gettext as _

from core.errors import InvalidError


class PeriodError(InvalidError):
    """A period that holds no day, or that cannot be shifted by its own length."""

    code = "period"


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of a month that is too short; negative goes back.

    Count an anniversary from its anchor, never from the previous one, so that the 31st comes back after
    February.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to, not including, `end`; at least one day.

    Raises PeriodError when `end` is not after `start`.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise PeriodError(_("A period must end after it starts: %(start)s, %(end)s.") % vars(self))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.start}/{self.last_day}"

    @classmethod
    def month(cls, text: str) -> "Period":
        """Return the calendar month written `2026-09`.

        Raises PeriodError when the text is anything else.
        """
        year, dash, month = text.partition("-")
        if not (dash and len(year) == 4 and len(month) == 2 and text.replace("-", "").isdecimal()):
            raise PeriodError(_("“%(text)s” is not a month; write it as 2026-09.") % {"text": text})
        if not (1 <= int(month) <= 12 and int(year)):
            raise PeriodError(_("There is no month “%(text)s”.") % {"text": text})
        return cls.of_month(date(int(year), int(month), 1))

    @classmethod
    def of_month(cls, day: date) -> "Period":
        """Return the calendar month that holds `day`."""
        first = day.replace(day=1)
        return cls(first, add_months(first, 1))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside, the one people are shown."""
        return self.end - timedelta(days=1)

    def overlap(self, other: "Period") -> "Period | None":
        """Return the days both share, or None when they share none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def split_at(self, days: Iterable[date]) -> list["Period"]:
        """Return the parts in order, a new one starting on each of `days` that falls inside.

        The parts cover the period without gap or overlap; days outside, doubled or equal to `start`
        change nothing.
        """
        inside = {day for day in days if self.start < day < self.end}
        return [Period(start, end) for start, end in pairwise([self.start, *sorted(inside), self.end])]

    def months(self) -> Iterator["Period"]:
        """Iterate over the parts that lie in one calendar month each, in order."""
        start = self.start
        while start < self.end:
            end = min(Period.of_month(start).end, self.end)
            yield Period(start, end)
            start = end

    @property
    def whole_months(self) -> int:
        """Number of calendar months when the period is made of whole ones, else 0."""
        if self.start.day != 1 or self.end.day != 1:
            return 0
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def next(self) -> "Period":
        """Return the period of the same number of calendar months that follows.

        Raises PeriodError when this one is not made of whole calendar months.
        """
        return Period(self.end, add_months(self.end, self._step()))

    def previous(self) -> "Period":
        """Return the period of the same number of calendar months that comes before.

        Raises PeriodError when this one is not made of whole calendar months.
        """
        return Period(add_months(self.start, -self._step()), self.start)

    def _step(self) -> int:
        if not self.whole_months:
            raise PeriodError(_("%(period)s is not made of whole calendar months.") % {"period": self})
        return self.whole_months


def span_of(periods: Collection[Period]) -> Period:
    """Return the days from the first of some periods to the last.

    >>> span_of([Period.month("2026-10"), Period.month("2026-08")])
    Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 11, 1))
    """
    return Period(min(period.start for period in periods), max(period.end for period in periods))


class Cycle(StrEnum):
    """How often a fee is charged; cycles of the calendar start in January."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Calendar months in one cycle."""
        return {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[self.value]

    def period_containing(self, day: date) -> Period:
        """Return the calendar month, quarter, half-year or year that holds `day`."""
        first = date(day.year, (day.month - 1) // self.months * self.months + 1, 1)
        return Period(first, add_months(first, self.months))

    def anniversary_period(self, anchor: date, day: date) -> Period:
        """Return the cycle that holds `day` when cycles are counted from `anchor`, such as a hand-over.

        A cycle that would start on the 31st starts on the last day of a shorter month, and on the 31st
        again after.
        """
        count = ((day.year - anchor.year) * 12 + day.month - anchor.month) // self.months
        if add_months(anchor, count * self.months) > day:
            count -= 1
        start, end = (add_months(anchor, (count + i) * self.months) for i in (0, 1))
        return Period(start, end) if end > day else Period(end, add_months(anchor, (count + 2) * self.months))


def month_fraction(period: Period, month_day: int = 1) -> Fraction:
    """Return the length in months: a whole month is 1, a part its days over the days of that month.

    This is the proration by days of each month of DOMAIN-RULES §4.4; it is exact and adds up over parts. Months
    begin on ``month_day``, or on the last day of a month that is too short: from 31 January to 28 February is a
    month of 28 days.

    >>> month_fraction(Period(date(2026, 2, 15), date(2026, 4, 1)))
    Fraction(3, 2)
    >>> month_fraction(Period(date(2026, 1, 31), date(2026, 2, 28)), 31)
    Fraction(1, 1)
    """
    anchor = date(2000, 1, month_day)
    months, start = Fraction(0), period.start
    while start < period.end:
        month = Cycle.MONTH.anniversary_period(anchor, start)
        end = min(month.end, period.end)
        months += Fraction((end - start).days, month.days)
        start = end
    return months
