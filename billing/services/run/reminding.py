"""Runs that wait for their reviewer: he is reminded, and reminded again, until somebody has looked."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from billing.models import BillRun, RunState
from billing.models.runs import REGULAR
from billing.selectors.schedules import get_schedule
from core.calendars import day_of
from core.events import publish


def remind_reviewers(day: date) -> int:
    """Announce the drafts that have waited too long for a reviewer; return how many. Twice a day is once.

    How long is too long says the schedule of each community. A run whose accounts are still being billed does not wait.
    """
    drafts = BillRun.objects.filter(schedule=REGULAR, state=RunState.DRAFT)
    complete = drafts.exclude(chunks__is_billed=False).select_related("community").order_by("pk")
    return sum(_remind(run.pk, day) for run in complete if _is_due(run, day))


def _is_due(run: BillRun, day: date) -> bool:
    wait = get_schedule(run.community, day).remind_after_days
    since = run.reminded_on or day_of(run.opened_at)
    return wait is not None and since + timedelta(days=wait) <= day


@transaction.atomic
def _remind(run_id: int, day: date) -> bool:
    """Note the day and announce it, unless somebody else did or the run is no draft any more."""
    waiting = BillRun.objects.filter(pk=run_id, state=RunState.DRAFT).exclude(reminded_on__gte=day)
    is_ours = bool(waiting.update(reminded_on=day))
    if is_ours:
        publish("billing.review_waits", run_id=run_id)
    return is_ours
