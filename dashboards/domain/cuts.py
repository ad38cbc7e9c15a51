"""The month a figure speaks of and the day on which it is read.

Months are compared like with like: a running month on its 10th stands against earlier months as they stood on
their 10th, a whole month against whole months. A rate never seems to fall only because a month is young.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.periods import Period


@dataclass(frozen=True)
class Cut:
    """A calendar month and a day in it; bills issued and money received up to and including the day count."""

    month: Period
    as_of: date

    @classmethod
    def of_month(cls, month: Period, today: date) -> Cut:
        """Cut a month at its last day, or at today while it runs.

        >>> Cut.of_month(Period.month("2026-11"), date(2026, 11, 10)).as_of
        datetime.date(2026, 11, 10)
        """
        return cls(month, min(month.last_day, max(today, month.start)))

    @property
    def is_whole(self) -> bool:
        """Whether the month is over on the day."""
        return self.as_of == self.month.last_day

    def previous(self) -> Cut:
        """The month before on the same day of the month; a whole month has a whole one before it."""
        month = self.month.previous()
        if self.is_whole:
            return Cut(month, month.last_day)
        return Cut(month, month.start.replace(day=min(self.as_of.day, month.last_day.day)))

    def latest(self, count: int) -> list[Cut]:
        """As many months as asked for, up to this one, the oldest first."""
        cuts = [self]
        while len(cuts) < count:
            cuts.append(cuts[-1].previous())
        return cuts[::-1]
