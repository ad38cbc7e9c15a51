"""The night's billing: each community's run of the month is opened on its day, and issued where its policy says so."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import structlog
from django.utils import timezone

from billing.models import BillingPolicy, BillRun, FeeItem, RunState
from billing.services.run.driving import bill_period
from core.errors import DomainError
from core.periods import Period
from estates.models import Community

log: Any = structlog.get_logger(__name__)

BY = "night"


def bill_due_runs(day: date) -> dict[str, Any]:
    """Bill the month of a day for every community whose billing day has come; return figures for the record.

    A run is opened once; with automatic issue every night goes over it again, so that accounts that came late, or
    were parked and put right, get their bill. A community that cannot be billed is named and does not stop the
    others.
    """
    month, now = Period.of_month(day), timezone.make_aware(datetime.combine(day, time(1)))
    figures: dict[str, Any] = {"runs": 0, "bills_created": 0, "failed": []}
    charged = FeeItem.objects.filter(versions__isnull=False).values("community_id")
    for community in Community.objects.filter(pk__in=charged).order_by("code"):
        policy = BillingPolicy.objects.filter(community=community).first() or BillingPolicy()
        if not _is_due(community, policy, month, day):
            continue
        try:
            outcome = bill_period(
                community=community, period=month, now=now, by=BY, issue=_may_issue(community, policy, month)
            )
        except DomainError as error:
            log.warning("billing.night_failed", community=community.code, code=error.code)
            figures["failed"].append({"community": community.code, "message": str(error)})
        else:
            figures["runs"] += 1
            figures["bills_created"] += outcome.bills_created
    return figures


def _may_issue(community: Community, policy: BillingPolicy, month: Period) -> bool:
    """Whether the night issues: where the policy says so, and where a person began to."""
    runs = BillRun.objects.filter(community=community, schedule="regular", period_start=month.start)
    return policy.issue_at_night or runs.filter(booked_on__isnull=False).exists()


def _is_due(community: Community, policy: BillingPolicy, month: Period, day: date) -> bool:
    """Whether there is anything to do: a draft that waits for review is left alone once it is complete."""
    if day.day < policy.bill_on_day:
        return False
    run = BillRun.objects.filter(community=community, schedule="regular", period_start=month.start).first()
    if run is None or policy.issue_at_night:
        return True
    return run.state != RunState.ISSUED and run.chunks.filter(is_billed=False).exists()
