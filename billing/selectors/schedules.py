"""When communities are billed by themselves: the version that holds on a day, and the run that comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing.domain.rhythm import NextRun, find_next_run
from billing.models import BillRun, FeeItem, RunSchedule
from billing.models.runs import REGULAR
from core.periods import Period
from estates.models import Community


@dataclass(frozen=True)
class PlannedRuns:
    """What holds for a community today, and its next run; None while it rests."""

    community: Community
    schedule: RunSchedule
    next_run: NextRun | None


def get_schedule(community: Community, day: date) -> RunSchedule:
    """Return the version that holds on a day; one of drafts on the first of each month where none was set."""
    found = RunSchedule.objects.filter(community=community).on(day).first()
    return found or RunSchedule(community=community, start=day)


def list_planned_runs(user: Any, today: date) -> list[PlannedRuns]:
    """Return the plans of the communities a person may see that charge anything, by name; four queries."""
    charged = FeeItem.objects.filter(versions__isnull=False).values("community_id")
    communities = list(Community.objects.visible_to(user).filter(pk__in=charged).order_by("name"))
    versions, billed = _load(communities, today)
    return [
        PlannedRuns(
            community,
            next((one for one in versions[community.pk] if one.start <= today), None)
            or RunSchedule(community=community, start=today),
            _find_next(versions[community.pk], billed[community.pk], today),
        )
        for community in communities
    ]


def find_next_run_of(community: Community, today: date) -> NextRun | None:
    """Return a community's next run after today; None while its schedule is paused."""
    versions, billed = _load([community], today)
    return _find_next(versions[community.pk], billed[community.pk], today)


def _find_next(versions: Sequence[RunSchedule], billed: set[date], today: date) -> NextRun | None:
    return find_next_run([version.rhythm for version in versions], billed, today)


def _load(
    communities: Sequence[Community], today: date
) -> tuple[Mapping[int, list[RunSchedule]], Mapping[int, set[date]]]:
    """The versions of each community, the newest first, and the months from this one on that have a run."""
    versions: dict[int, list[RunSchedule]] = defaultdict(list)
    for version in RunSchedule.objects.filter(community__in=communities).order_by("-start"):
        versions[version.community_id].append(version)
    billed: dict[int, set[date]] = defaultdict(set)
    this_month = Period.of_month(today).start
    runs = BillRun.objects.filter(
        community__in=communities, schedule=REGULAR, period_start__gte=this_month
    ).order_by()
    for community_id, start in runs.values_list("community_id", "period_start"):
        billed[community_id].add(start)
    return versions, billed
