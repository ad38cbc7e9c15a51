"""Pausing the runs that come round by themselves, and letting them go on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from billing.models import RunSchedule
from billing.selectors.schedules import get_schedule
from core import audit
from estates.models import Community


@transaction.atomic
def pause_runs(*, community: Community, day: date, by: Any) -> RunSchedule:
    """Let no month be billed by itself from a day on; months that pass meanwhile are billed by hand."""
    return _turn(community, day, by, is_paused=True)


@transaction.atomic
def resume_runs(*, community: Community, day: date, by: Any) -> RunSchedule:
    """Let the runs come round again from a day on, as they did before."""
    return _turn(community, day, by, is_paused=False)


def _turn(community: Community, day: date, by: Any, *, is_paused: bool) -> RunSchedule:
    """Write the version of a day, what holds today but for the pause; versions to come follow. Twice is once."""
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    RunSchedule.objects.filter(community=community, start__gt=day).update(is_paused=is_paused)
    schedule = get_schedule(community, day)
    if schedule.is_paused == is_paused:
        return schedule
    if schedule.start != day:
        schedule.pk, schedule.start = None, day
        schedule._state.adding = True
    schedule.is_paused = is_paused
    schedule.save()
    audit.record(
        action="billing.pause_runs" if is_paused else "billing.resume_runs",
        target=schedule,
        by=by,
        community_id=community.pk,
        after={"from": day},
    )
    return schedule
