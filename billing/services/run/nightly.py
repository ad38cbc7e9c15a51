"""The night's billing: each community's run is opened on the day its schedule says, and issued where that says so."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import structlog

from billing.models import BillRun, FeeItem, RunSchedule, RunState
from billing.models.runs import REGULAR
from billing.selectors.schedules import get_schedule
from billing.services.run.driving import bill_period
from core.calendars import moment_of
from core.errors import DomainError
from core.periods import Period
from estates.models import Community

log: Any = structlog.get_logger(__name__)

BY = "night"


def bill_due_runs(day: date) -> dict[str, Any]:
    """Bill what each community's schedule has due on a day; return figures for the record.

    A run is opened once; with automatic issue every night goes over it again until its month is over, so that accounts
    that came late, or were parked and put right, get their bill. A community that cannot be billed is named and does
    not stop the others.
    """
    figures: dict[str, Any] = {"runs": 0, "bills_created": 0, "failed": []}
    charged = FeeItem.objects.filter(versions__isnull=False).values("community_id")
    for community in Community.objects.filter(pk__in=charged).order_by("code"):
        schedule = get_schedule(community, day)
        for month in schedule.rhythm.months_due(day):
            _bill(schedule, month, day, figures)
    return figures


def _bill(schedule: RunSchedule, month: Period, day: date, figures: dict[str, Any]) -> None:
    community, now = schedule.community, moment_of(day, time(1))
    run = BillRun.objects.filter(community=community, schedule=REGULAR, period_start=month.start).first()
    if run and not _is_worth_a_look(run, schedule):
        return
    issue = schedule.issues or (run is not None and run.booked_on is not None)
    try:
        outcome = bill_period(community=community, period=month, now=now, by=BY, issue=issue)
    except DomainError as error:
        log.warning("billing.night_failed", community=community.code, code=error.code)
        figures["failed"].append({"community": community.code, "message": str(error)})
    else:
        figures["runs"] += 1
        figures["bills_created"] += outcome.bills_created


def _is_worth_a_look(run: BillRun, schedule: RunSchedule) -> bool:
    """Whether there may be something to do: a draft that waits for review is left alone once it is complete."""
    return schedule.issues or (run.state != RunState.ISSUED and run.chunks.filter(is_billed=False).exists())
