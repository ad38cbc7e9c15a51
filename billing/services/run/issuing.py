"""A run is approved by a person (or a policy), and its drafts become owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from billing.domain.lifecycle import next_run_state
from billing.models import BillRun, RunChunk
from billing.selectors.columns import array_text, read_integers
from billing.services.locking import standing_facts
from billing.services.run.posting import Owed, post_bills
from core import audit
from core.events import publish
from core.failpoints import failpoint
from ledger.selectors import get_booking_day

ISSUE = """
    UPDATE billing_bill b SET state = 'issued', issued_on = %s FROM billing_runitem i
    WHERE i.run_id = %s AND i.account_id = ANY(%s::bigint[]) AND b.id = i.bill_id AND b.state = 'draft'
    RETURNING b.id, b.account_id, (b.total * 100)::bigint
"""
ITEM_SUMS = """
    SELECT fee_item_id, sum(amount) * 100 FROM billing_chargeline WHERE bill_id = ANY(%s::bigint[]) GROUP BY fee_item_id
"""


@transaction.atomic
def review_run(*, run: BillRun, by: Any) -> BillRun:
    """Note that somebody has looked at the run and approves it. Raises StepNotAllowedError."""
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    run.state = next_run_state(run.state, "review")
    run.reviewed_by = str(by)
    run.save(update_fields=["state", "reviewed_by"])
    audit.record(action="billing.review_run", target=run, by=by, community_id=run.community_id)
    return run


@transaction.atomic
def begin_issue(*, run: BillRun, day: date, by: Any) -> BillRun:
    """Set the day the bills of an approved run are booked on; from now on chunks are written as issued.

    That is ``day``, or the first day after a closed period.

    A run that was issued before is opened again for the accounts that came late. Raises StepNotAllowedError.
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("community").get(pk=run.pk)
    if run.state == "issued":
        run.state = next_run_state(run.state, "extend")
        run.booked_on = day
    next_run_state(run.state, "issue")
    books = run.community
    run.booked_on = get_booking_day(
        company_id=books.company_id, community_id=books.pk, day=run.booked_on or day
    )
    run.save(update_fields=["state", "booked_on"])
    audit.record(action="billing.begin_issue", target=run, by=by, community_id=run.community_id)
    return run


def issue_run(*, run: BillRun, day: date, now: datetime, by: Any) -> BillRun:
    """Issue all drafts of an approved run, a transaction a chunk, and close it. Safe to run again after a crash.

    Raises StepNotAllowedError when the run was not reviewed.
    """
    run = begin_issue(run=run, day=day, by=by)
    for number in RunChunk.objects.filter(run=run).order_by("number").values_list("number", flat=True):
        issue_chunk(run, number)
    return close_run(run=run, now=now)


@transaction.atomic
def issue_chunk(run: BillRun, number: int) -> None:
    """Make the chunk's drafts owed and post them. What is issued or void already stays as it is."""
    with standing_facts(run.community_id):
        chunk = RunChunk.objects.select_for_update(of=("self",)).get(run=run, number=number)
        assert run.booked_on, "issuing has begun"
        post_bills(run, number, make_owed(run, chunk.account_ids, run.booked_on))


def make_owed(run: BillRun, account_ids: Sequence[int], day: date) -> Owed:
    """Make the drafts these accounts have in a run owed from a day on, and return them, not yet in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(ISSUE, [day, run.pk, array_text(account_ids)])
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    return Owed(rows[:, 0], rows[:, 1], rows[:, 2], _sum_items(rows[:, 0].tolist()))


def _sum_items(bill_ids: Sequence[int]) -> dict[int, int]:
    sums = read_integers(["item", "fen"], ITEM_SUMS, [array_text(bill_ids)])
    return dict(zip(sums["item"].tolist(), sums["fen"].tolist(), strict=True))


@transaction.atomic
def close_run(*, run: BillRun, now: datetime) -> BillRun:
    """Call the run issued once every chunk is billed; before that it stays as it is.

    Whoever committed the last chunk finds none waiting, so a worker that finds some need not wait for the run's row.
    """
    if run.chunks.filter(is_billed=False).exists():
        return run
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    # Looked at again under the lock: two workers may both have found no chunk waiting.
    if run.booked_on is None or run.state == "issued":
        return run
    failpoint("billing.run.before_close")
    run.state = next_run_state(run.state, "issue")
    run.issued_at = now
    run.save(update_fields=["state", "issued_at"])
    audit.record(action="billing.issue_run", target=run, community_id=run.community_id)
    publish("billing.run_issued", run_id=run.pk)
    return run
