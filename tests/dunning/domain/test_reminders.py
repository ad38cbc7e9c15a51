"""The calendar of reminders, day by day."""

from datetime import date, timedelta

import pytest

from dunning.domain.reminders import (
    Ladder,
    OpenBill,
    Reminder,
    Step,
    due_days_to_look_at,
    plan_reminders,
    step_on,
)

FRIDAY = date(2026, 11, 20)


def next_workday(day: date) -> date:
    """Weekends only: enough for a calendar of two weeks without holidays."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


@pytest.mark.parametrize(
    ("day", "step"),
    [
        (date(2026, 11, 16), None),
        (date(2026, 11, 17), Step.BEFORE_DUE),
        (date(2026, 11, 18), None),
        (date(2026, 11, 20), None),
        (date(2026, 11, 24), None),
        (date(2026, 11, 25), Step.AFTER_DUE),
        (date(2026, 11, 26), None),
    ],
)
def test_step_on_each_day_around_a_due_day(day, step):
    assert step_on(day, FRIDAY, Ladder(), next_workday) == step


def test_step_on_a_weekend_waits_for_monday():
    due_on = date(2026, 11, 17)
    weekend_and_after = [date(2026, 11, 21) + timedelta(days=n) for n in range(4)]
    steps = [step_on(day, due_on, Ladder(), next_workday) for day in weekend_and_after]
    assert steps == [None, None, Step.AFTER_DUE, None]


def test_plan_reminders_is_one_a_person_over_all_units():
    bills = [
        OpenBill(2, 7, FRIDAY),
        OpenBill(1, 7, FRIDAY),
        OpenBill(3, 8, FRIDAY),
        OpenBill(4, 7, date(2026, 12, 1)),
    ]
    assert plan_reminders(date(2026, 11, 17), bills, Ladder(), next_workday) == [
        Reminder(7, FRIDAY, Step.BEFORE_DUE, (1, 2)),
        Reminder(8, FRIDAY, Step.BEFORE_DUE, (3,)),
    ]


def test_reminder_key_differs_by_person_day_and_step():
    keys = {
        Reminder(7, FRIDAY, Step.BEFORE_DUE, (1,)).key,
        Reminder(7, FRIDAY, Step.AFTER_DUE, (1,)).key,
        Reminder(8, FRIDAY, Step.BEFORE_DUE, (1,)).key,
        Reminder(7, date(2026, 12, 18), Step.BEFORE_DUE, (1,)).key,
    }
    assert len(keys) == 4


def test_due_days_to_look_at_hold_every_step():
    day = date(2026, 11, 25)
    first, last = due_days_to_look_at(day, Ladder())
    assert first <= FRIDAY <= last
    assert last == date(2026, 11, 28)
