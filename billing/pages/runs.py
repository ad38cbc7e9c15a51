"""What the desk of a run shows, as values in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.domain.rhythm import NextRun
from billing.explaining.causes import CAUSE_MEANINGS, CAUSE_NAMES, tell_causes
from billing.models import Bill, BillRun, RunProblem, RunSample, RunSchedule, RunState
from billing.pages.bills import ShownLine, show_line
from billing.selectors.differences import Outlier, find_differences, list_outliers
from billing.selectors.explained import explain_bills
from billing.selectors.progress import RunProgress, measure_progress
from billing.selectors.runs import (
    ItemTotals,
    compare_pools,
    compare_runs,
    count_drafts,
    find_run_before,
    find_sample,
    list_buildings_to_print,
    list_drafts_by_building,
    list_parked_since,
    list_problems,
    list_samples,
)
from billing.selectors.schedules import PlannedRuns
from core.access import may
from core.cards import FlowStep, Tile
from core.figures import format_amount, format_change, format_day, format_month, format_number, format_period
from core.money import to_yuan
from core.periods import Period
from estates.models import Community

MOST_PROBLEMS = 300
MOST_OUTLIERS = 10
MOST_POOLS = 5
SAMPLE = 5


@dataclass(frozen=True)
class CauseRow:
    """One cause of the difference to the run before: name, what it means, how many units, how many yuan."""

    name: str
    meaning: str
    accounts: int
    amount: Decimal


@dataclass(frozen=True)
class OutlierRow:
    """A unit that changed much, with its causes in words."""

    outlier: Outlier
    why: str


@dataclass(frozen=True)
class ParkedRow:
    """A finding about a unit, its age, and the page on which its cause can be removed."""

    problem: RunProblem
    age: str
    move: str
    url: str


@dataclass(frozen=True)
class Move:
    """Where a cause of parking is mended: the words of the link, the page, and whether it is searched by unit."""

    label: Promise
    page: str
    is_searched: bool = False


READINGS = Move(gettext_lazy("Correct the readings"), "admin:estates_reading_changelist", True)
ENTRY = Move(gettext_lazy("Import readings"), "estates:readings_upload")
TARIFF = Move(gettext_lazy("Look at the tariffs"), "admin:billing_tariffversion_changelist")
MOVES: Mapping[str, Move] = {
    "no_payer": Move(gettext_lazy("Name an owner"), "admin:estates_unit_changelist", True),
    "no_area": Move(gettext_lazy("Enter the area"), "admin:estates_unit_changelist", True),
    "meter_backwards": READINGS,
    "meter_opened": READINGS,
    "meter_unread": ENTRY,
    "pool_no_meter": ENTRY,
    "pool_unread": ENTRY,
    "pool_backwards": READINGS,
    "pool_nobody": TARIFF,
    "no_meter": Move(gettext_lazy("Look at the unit"), "admin:estates_unit_changelist", True),
    "absurd": TARIFF,
}


def run_page(run: BillRun, user: Any, now: datetime) -> dict[str, Any]:
    """Return what a reviewer of a run reads, and the acts open to this person."""
    before = find_run_before(run)
    problems = list_problems(run)
    progress = _progress(run)
    return {
        "run": run,
        "state": RunState(run.state).label,
        "steps": _steps(run),
        "tiles": _tiles(run, before, sum(problem.blocks for problem in problems)),
        "items": compare_runs(run, before),
        "items_total": ItemTotals("", run.total, before.total if before else None),
        "before": before and format_period(Period(before.period_start, before.period_end)),
        "pools": [pool for pool in compare_pools(run, before) if pool.change][:MOST_POOLS],
        "problems": _parked(run, problems[:MOST_PROBLEMS], now),
        "problems_left": max(0, len(problems) - MOST_PROBLEMS),
        "is_parked": any(problem.blocks for problem in problems),
        "samples": list_samples(run),
        "sample_size": SAMPLE,
        "buildings": list_buildings_to_print(run),
        "drafts": list_drafts_by_building(run),
        "statistics": _statistics(run, now),
        **({} if progress["is_running"] else _differences(run)),
        **progress,
        **_acts(run, user, is_running=progress["is_running"]),
    }


def progress_part(run: BillRun) -> dict[str, Any]:
    """Return what the part of the page needs that asks again while the run is under way."""
    return {"run": run, **_progress(run)}


def _differences(run: BillRun) -> dict[str, Any]:
    found = find_differences(run)
    if found is None:
        return {}
    return {
        "causes": [
            CauseRow(str(CAUSE_NAMES[cause]), str(CAUSE_MEANINGS[cause]), total.accounts, to_yuan(total.fen))
            for cause, total in found.by_cause().items()
        ],
        "causes_total": to_yuan(found.fen),
        "outliers": [
            OutlierRow(row, tell_causes(row.causes)) for row in list_outliers(run, found, MOST_OUTLIERS)
        ],
    }


def _parked(run: BillRun, problems: list[RunProblem], now: datetime) -> list[ParkedRow]:
    since = list_parked_since(run)
    return [
        _parked_row(problem, since.get((problem.unit, problem.code), run.opened_at), now)
        for problem in problems
    ]


def _parked_row(problem: RunProblem, since: datetime, now: datetime) -> ParkedRow:
    days = max(0, (now - since).days)
    age = ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else _("since today")
    move = MOVES.get(problem.code)
    if move is None:
        return ParkedRow(problem, age, "", "")
    query = f"?{urlencode({'q': problem.unit})}" if move.is_searched and problem.unit else ""
    return ParkedRow(problem, age, str(move.label), reverse(move.page) + query)


def _statistics(run: BillRun, now: datetime) -> list[Tile]:
    """What became of the bills once they were out: nothing before."""
    progress: RunProgress = measure_progress(run)
    if not progress.issued:
        return []
    return [
        Tile(_("Issued bills"), format_number(progress.issued)),
        Tile(_("Payers told"), format_number(progress.told), note=_("of %(all)s") % {"all": progress.payers}),
        Tile(_("Opened by payers"), format_number(progress.opened)),
        Tile(_("Paid bills"), format_number(progress.paid)),
        Tile(
            _("Paid so far"),
            format_amount(progress.settled),
            _("yuan"),
            note=_("of %(all)s") % {"all": format_amount(progress.billed)},
        ),
    ]


def _progress(run: BillRun) -> dict[str, Any]:
    """How far billing or issuing is; neither under way, nothing is running."""
    billing = run.chunks_done < run.chunk_count
    drafts = count_drafts(run) if run.booked_on and run.state != RunState.ISSUED and not billing else 0
    if drafts:
        done, total, label = run.bill_count - drafts, run.bill_count, _("Issuing bills")
    else:
        done, total, label = run.chunks_done, run.chunk_count, _("Computing bills in batches")
    return {"is_running": billing or bool(drafts), "done": done, "total": total, "label": label}


def _steps(run: BillRun) -> list[FlowStep]:
    labels = [RunState.DRAFT, RunState.REVIEWED, RunState.ISSUED]
    at = labels.index(RunState(run.state))
    return [FlowStep(str(state.label), place < at, place == at) for place, state in enumerate(labels)]


def _acts(run: BillRun, user: Any, *, is_running: bool) -> dict[str, bool]:
    idle = not is_running
    can_review, can_issue = may(user, "billing.review"), may(user, "billing.issue")
    was_issued = Bill.objects.filter(run=run, issued_on__isnull=False).exists()
    is_out = run.state != RunState.DRAFT and was_issued
    return {
        "can_review": idle and run.state == RunState.DRAFT and can_review,
        "can_issue": idle and run.state == RunState.REVIEWED and can_issue,
        "can_resume": may(user, "billing.run"),
        "can_discard": run.state == RunState.DRAFT and not was_issued and may(user, "billing.run"),
        "can_sample": idle and can_review and bool(run.bill_count),
        "can_recall": idle and is_out and can_issue,
    }


def _tiles(run: BillRun, before: BillRun | None, parked: int) -> list[Tile]:
    change = run.total - before.total if before else None
    return [
        Tile(_("Accounts"), format_number(run.account_count)),
        Tile(_("Bills"), format_number(run.bill_count)),
        Tile(_("Lines"), format_number(run.line_count)),
        Tile(
            _("Billed"),
            format_amount(run.total),
            _("yuan"),
            trend=format_change(change) if change is not None else "",
            since=_("against the run before") if change is not None else "",
        ),
        Tile(_("Parked"), format_number(parked), note=_("with reasons, below") if parked else _("nobody")),
    ]


# The sample ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawnBill:
    """A bill of a sample with every line opened, and whether a person found it right."""

    bill: Bill
    lines: tuple[ShownLine, ...]
    is_right: bool


def sample_page(sample: RunSample, user: Any) -> dict[str, Any]:
    """Return the bills of a sample, opened, in the order they were drawn."""
    bills = Bill.objects.select_related("account__unit", "account__payer").in_bulk(sample.bill_ids)
    opened = explain_bills(list(bills))
    return {
        "sample": sample,
        "run": sample.run,
        "drawn": [
            DrawnBill(bills[pk], tuple(map(show_line, opened[pk].lines)), pk in sample.right_ids)
            for pk in sample.bill_ids
            if pk in bills
        ],
        "can_sign": sample.signed_at is None and may(user, "billing.review"),
        "newest": find_sample(sample.run) == sample,
    }


# When months are billed ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlannedRow:
    """When a community is billed by itself, in words; ``next_run`` is empty while that is paused."""

    community: Community
    rhythm: str
    outcome: str
    next_run: str
    is_paused: bool


def planned_rows(planned: Sequence[PlannedRuns], today: date) -> list[PlannedRow]:
    """Put the plans of communities into words."""
    return [
        PlannedRow(
            community=one.community,
            rhythm=_tell_rhythm(one.schedule),
            outcome=_("issued without review") if one.schedule.issues else _("drafts for review"),
            next_run=_tell_next(one.next_run, today) if one.next_run else "",
            is_paused=one.schedule.is_paused,
        )
        for one in planned
    ]


def _tell_rhythm(schedule: RunSchedule) -> str:
    day = {"day": schedule.bill_on_day}
    return (
        _("day %(day)d of the month before") % day
        if schedule.month_before
        else _("day %(day)d of the month") % day
    )


def _tell_next(next_run: NextRun, today: date) -> str:
    words = {"day": format_day(next_run.day, today), "month": format_month(next_run.month.start, today)}
    return _("%(day)s for %(month)s") % words
