"""The two reminders every household gets: before a bill falls due, and once after it did.

Personal strategies (steps by segment, channel and tone) replace this ladder household by household; they plan
the same kind of message, so the seam is the plan, not the sending.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Step(StrEnum):
    """Which of the reminders this is."""

    BEFORE_DUE = "before_due"
    AFTER_DUE = "after_due"


@dataclass(frozen=True)
class Ladder:
    """How many days before and after the due day a reminder leaves."""

    days_before: int = 3
    days_after: int = 5


@dataclass(frozen=True)
class OpenBill:
    """A bill with something outstanding, as the ladder sees it."""

    bill_id: int
    person_id: int
    due_on: date


@dataclass(frozen=True)
class Reminder:
    """One reminder to one person for all bills that fall due together, over all units."""

    person_id: int
    due_on: date
    step: Step
    bill_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """What makes it the same reminder: the person, the due day and the step."""
        return f"reminder:{self.person_id}:{self.due_on}:{self.step}"


def step_on(day: date, due_on: date, ladder: Ladder, next_workday: Callable[[date], date]) -> Step | None:
    """The step that falls on the day for bills due on ``due_on``; None on any other day.

    The kind word before the due day comes on any day; the one after it waits for a working day.
    """
    if day == due_on - timedelta(days=ladder.days_before):
        return Step.BEFORE_DUE
    if day == next_workday(due_on + timedelta(days=ladder.days_after)):
        return Step.AFTER_DUE
    return None


def plan_reminders(
    day: date, bills: Iterable[OpenBill], ladder: Ladder, next_workday: Callable[[date], date]
) -> list[Reminder]:
    """The reminders of one day: one a person and due day, the bills in order of their ids."""
    grouped: dict[tuple[int, date, Step], list[int]] = {}
    for bill in bills:
        step = step_on(day, bill.due_on, ladder, next_workday)
        if step is not None:
            grouped.setdefault((bill.person_id, bill.due_on, step), []).append(bill.bill_id)
    return [
        Reminder(person_id, due_on, step, tuple(sorted(bill_ids)))
        for (person_id, due_on, step), bill_ids in sorted(grouped.items())
    ]


def due_days_to_look_at(day: date, ladder: Ladder) -> tuple[date, date]:
    """The first and last due day whose bills can have a step on the day; holidays move one by ten days at most."""
    return day - timedelta(days=ladder.days_after + 12), day + timedelta(days=ladder.days_before)
