"""What the night does for billing."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing.services.run.nightly import bill_due_runs
from core.nightly import nightly


@nightly(order=100, name="billing.runs")
def bill_runs(day: date) -> dict[str, Any]:
    """Open, bill and, where the policy says so, issue the runs that are due."""
    return bill_due_runs(day)
