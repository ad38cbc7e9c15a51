"""What dunning does at night."""

from datetime import date
from typing import Any

from core.nightly import nightly
from dunning.services import plan_reminders_of


@nightly(order=500, name="dunning.reminders")
def plan_reminders(day: date) -> dict[str, Any]:
    """Plan the reminders of the day; delivery happens inside the contact window."""
    return plan_reminders_of(day=day).as_figures()
