"""What the night does for billing."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing.services.run.nightly import bill_due_runs
from billing.services.vacancies import end_vacancies_at_night
from core.nightly import nightly


@nightly(order=90, name="billing.vacancies")
def end_vacancies(day: date) -> dict[str, Any]:
    """End vacancies of units that are used again, before the night bills them."""
    return end_vacancies_at_night(day)


@nightly(order=100, name="billing.runs")
def bill_runs(day: date) -> dict[str, Any]:
    """Open, bill and, where the policy says so, issue the runs that are due."""
    return bill_due_runs(day)
