"""From a month to issued bills: one process at a time drives a run, and takes over from one that died."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, BillRun, BillState, RunChunk, RunProblem, RunState
from billing.models.runs import REGULAR
from billing.selectors.differences import CauseTotal, total_by_cause
from billing.selectors.snapshot import load_plan, with_pools
from billing.services.locking import standing_facts
from billing.services.run.issuing import begin_issue, close_run, issue_chunk, review_run
from billing.services.run.opening import CHUNK, open_run
from billing.services.run.writing import compute, write_chunk
from core.calendars import day_of
from core.errors import ConflictError, Problem
from core.failpoints import failpoint
from core.periods import Period
from core.progress import Advance, no_progress
from estates.models import Community

BATCH_CHUNKS = 10
"""So many chunks are computed together: few queries, and memory that does not grow with the community."""

Watch = Callable[[int], AbstractContextManager[Advance]]
"""Opens a progress bar of so many chunks, such as ``core.progress.progress``."""

Biller = Callable[[BillRun, Watch], None]
"""What gets the waiting chunks of a run billed: this process, or workers."""


def unwatched(total: int) -> AbstractContextManager[Advance]:
    """Show nothing: nobody watches."""
    return nullcontext(no_progress)


@dataclass(frozen=True)
class RunOutcome:
    """What a run came to; bills and sums are those of the whole run, whoever made them."""

    run_id: int
    accounts: int
    bills_created: int
    bills_existing: int
    lines: int
    total: Decimal
    problems: tuple[Problem, ...]
    differences: Mapping[str, CauseTotal] = field(default_factory=dict)


class RunIssuedError(ConflictError):
    """A month that has been issued takes no more drafts: whoever comes late is billed by the approved run."""

    code = "billing.run_issued"
    message = _(
        "This month has been issued already. Accounts that came later can only be issued, not drafted."
    )


@contextmanager
def run_lock(community_id: int, period: Period) -> Iterator[None]:
    """Wait until nobody else drives this month's run. A driver that is killed lets go at once."""
    # A lock of the session: a run commits chunk by chunk under it, which a lock of a transaction would not
    # outlive.
    key = f"billing.run:{community_id}:{period.start}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    try:
        yield
    finally:
        # A broken transaction answers no statement; its lock ends with the connection, and the error
        # that broke it is not hidden.
        if connection.is_usable() and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def bill_period(
    *,
    community: Community,
    period: Period,
    now: datetime,
    by: Any,
    issue: bool = True,
    dry_run: bool = False,
    compare: bool = False,
    chunk_size: int = CHUNK,
    biller: Biller | None = None,
    watch: Watch = unwatched,
) -> RunOutcome:
    """Bill a month of a community, wholly: open the run, bill every chunk and, with ``issue``, issue it.

    Whoever comes second waits and then reports what exists; who comes after a crash goes on where it stopped.
    Without ``issue`` a month that was issued stays as it is, and a remark says so. With ``dry_run`` everything is
    worked out and nothing stays; with ``compare`` the outcome has the differences from the run before, by cause.
    ``biller`` gets the chunks billed elsewhere, such as by Celery workers; ``watch`` shows how far the chunks are.
    """
    with run_lock(community.pk, period), _kept_unless(dry_run):
        if not issue and (issued := _find_begun(community, period)):
            return replace(get_outcome(issued, issued.bill_count, compare=compare), problems=(_no_drafts(),))
        with standing_facts(community.pk):
            run = open_run(community=community, period=period, now=now, by=by, chunk_size=chunk_size)
        existing = run.bill_count
        if issue:
            run = _approve(run, now=now, by=by)
        (biller or bill_chunks)(run, watch)
        if issue:
            issue_drafts(run)
            close_run(run=run, now=now)
        failpoint("billing.run.closed")
        return get_outcome(run, existing, compare=compare)


def start_run(*, community: Community, period: Period, now: datetime, by: Any, issue: bool) -> BillRun:
    """Open a run for workers: its chunks wait to be sent, and whoever bills the last one closes it.

    Raises RunIssuedError when drafts are asked for in a month that was issued.
    """
    with run_lock(community.pk, period):
        if not issue and _find_begun(community, period):
            raise RunIssuedError()
        with standing_facts(community.pk):
            run = open_run(community=community, period=period, now=now, by=by)
        if issue:
            run = _approve(run, now=now, by=by)
            issue_drafts(run)
    return run


def _find_begun(community: Community, period: Period) -> BillRun | None:
    """The month's run, if issuing it has begun: whatever it writes from then on is issued."""
    runs = BillRun.objects.filter(community=community, schedule=REGULAR, period_start=period.start)
    return runs.filter(booked_on__isnull=False).first()


def _no_drafts() -> Problem:
    return Problem(RunIssuedError.code, str(RunIssuedError.message), {}, blocks=False)


@contextmanager
def _kept_unless(dry_run: bool) -> Iterator[None]:
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _approve(run: BillRun, *, now: datetime, by: Any) -> BillRun:
    """Take the run to the point where its chunks are written as issued; asking for issue is the approval."""
    if run.state == RunState.DRAFT:
        run = review_run(run=run, by=by)
    if run.state == RunState.ISSUED and not run.chunks.filter(is_billed=False).exists():
        return run
    return begin_issue(run=run, day=day_of(now), by=by)


def bill_chunks(run: BillRun, watch: Watch = unwatched, numbers: Sequence[int] | None = None) -> None:
    """Bill the chunks that wait, in this process: computed several at a time, written one by one.

    ``numbers`` is a worker's share of them; without it, all. What is common to all is loaded once, and a chunk that
    somebody else has billed meanwhile is passed over.
    """
    waiting = RunChunk.objects.filter(run=run, is_billed=False).order_by("number")
    if numbers is not None:
        waiting = waiting.filter(number__in=numbers)
    own = list(waiting.values_list("number", flat=True))
    if not own:
        return
    plan = with_pools(load_plan(run), run.pk)
    with watch(len(own)) as advance:
        for start in range(0, len(own), BATCH_CHUNKS):
            part = own[start : start + BATCH_CHUNKS]
            # Asked again for every batch: others may have billed some of these meanwhile.
            accounts = dict(waiting.filter(number__in=part).values_list("number", "account_ids"))
            with standing_facts(run.community_id):
                batch = compute(plan, [account for ids in accounts.values() for account in ids])
                for number in part:
                    if number in accounts:
                        write_chunk(run.pk, number, batch)
                    advance(1)


def issue_drafts(run: BillRun) -> None:
    """Issue what was written as a draft before issuing began."""
    if Bill.objects.filter(run=run, state=BillState.DRAFT).exists():
        for number in RunChunk.objects.filter(run=run).order_by("number").values_list("number", flat=True):
            issue_chunk(run, number)


def get_outcome(run: BillRun, existing: int, *, compare: bool = False) -> RunOutcome:
    """Return what the run came to; ``existing``: how many bills it had before this pass."""
    run.refresh_from_db()
    problems = RunProblem.objects.filter(run=run).order_by("unit", "code", "id")
    return RunOutcome(
        run_id=run.pk,
        accounts=run.account_count,
        bills_created=run.bill_count - existing,
        bills_existing=existing,
        lines=run.line_count,
        total=run.total,
        problems=tuple(Problem(p.code, p.message, p.where, p.blocks) for p in problems),
        differences=total_by_cause(run) if compare else {},
    )
