"""A run issued by mistake is called back before anybody heard of it: reversed in the books, ready to be billed anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.domain.lifecycle import next_run_state
from billing.models import (
    Bill,
    BillRun,
    BillState,
    ChargeLine,
    PoolResult,
    RunChunk,
    RunItem,
    RunProblem,
)
from billing.notices.bills import notices_of
from billing.selectors.delivery import count_delivered
from billing.selectors.late_fee_lines import find_bearing
from billing.selectors.settling import is_settled
from billing.services.run.posting import find_ledger_codes
from core import audit
from core.errors import ConflictError
from core.events import publish
from ledger.chart import RECEIVABLE
from ledger.services import LegColumn, post_columns
from messaging.services import withdraw_messages

ISSUED_SUMS = """
    SELECT account_id, issued_on, (total * 100)::bigint FROM billing_bill
    WHERE run_id = %s AND state = 'issued' ORDER BY id
"""
ITEM_SUMS = """
    SELECT bill.issued_on, line.fee_item_id, (sum(line.amount) * 100)::bigint
    FROM billing_bill bill JOIN billing_chargeline line ON line.bill_id = bill.id
    WHERE bill.run_id = %s AND bill.state = 'issued' GROUP BY 1, 2
"""


class AlreadyDeliveredError(ConflictError):
    """A bill of the run was already sent to a payer or printed."""

    code = "billing.already_delivered"
    message = _("Notices of this run have left already. Void single bills instead, or charge a correction.")


class AlreadyPaidError(ConflictError):
    """Money or a reduction stands against a bill of the run."""

    code = "billing.already_paid"
    message = _("Something has been paid or waived on bills of this run, so it cannot be recalled.")


class LateFeeChargedError(ConflictError):
    """Late fee on a bill of the run was already charged on a bill of its own."""

    code = "billing.late_fee_charged"
    message = _("Late fee was charged on bills of this run. Void those late-fee bills first.")


@transaction.atomic
def recall_run(*, run: BillRun, reason: str, day: date, by: Any) -> BillRun:
    """Void every bill of a run on a day, reverse it in the journal, and leave the run as an empty draft.

    Its notices are withdrawn. Pools are shared anew when the month is billed again. The event
    ``billing.run_recalled`` follows.

    Raises StepNotAllowedError, AlreadyDeliveredError, AlreadyPaidError, LateFeeChargedError.
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("community").get(pk=run.pk)
    state = next_run_state(run.state, "recall")
    bills = Bill.objects.select_for_update(no_key=True, of=("self",)).filter(run=run).order_by("due_on", "pk")
    taken_back = list(bills.exclude(state=BillState.VOID).values_list("pk", flat=True))
    _refuse_if_known_or_paid(run)
    # Before the bills become void: what goes back is the sum of those that are issued.
    _post_reversals(run, day, reason)
    withdraw_messages(keys_beginning=notices_of(run), reason="recalled")
    Bill.objects.filter(pk__in=taken_back).update(state=BillState.VOID, voided_on=day)
    _empty(run, state)
    audit.record(
        action="billing.recall_run",
        target=run,
        by=by,
        community_id=run.community_id,
        before={"bills": len(taken_back)},
        reason=reason,
    )
    publish("billing.run_recalled", run_id=run.pk, bill_ids=taken_back)
    return run


def _refuse_if_known_or_paid(run: BillRun) -> None:
    lines = ChargeLine.objects.filter(bill__run=run)
    if is_settled(lines):
        raise AlreadyPaidError()
    if find_bearing(lines).exists():
        raise LateFeeChargedError()
    if count_delivered(run):
        raise AlreadyDeliveredError()


def _post_reversals(run: BillRun, day: date, reason: str) -> None:
    """One entry for each day bills were booked on: receivables by account, against what the fees were booked to."""
    with connection.cursor() as cursor:
        cursor.execute(ISSUED_SUMS, [run.pk])
        owed = cursor.fetchall()
        cursor.execute(ITEM_SUMS, [run.pk])
        items = cursor.fetchall()
    for booked_on in sorted({row[1] for row in owed}):
        of_day = [(account, fen) for account, issued, fen in owed if issued == booked_on]
        sums = {item: int(fen) for issued, item, fen in items if issued == booked_on}
        codes = find_ledger_codes(list(sums), booked_on)
        accounts, fen = np.array(of_day, dtype=np.int64).T
        against = [LegColumn(codes[item], np.array([amount])) for item, amount in sorted(sums.items())]
        post_columns(
            company_id=run.community.company_id,
            community_id=run.community_id,
            booked_on=day,
            kind="bills_recalled",
            # Chunks are only ever added, so their count tells a second recall of the run from the
            # first.
            source=f"bill_recall:{run.pk}:{run.chunk_count}:{booked_on}",
            memo=reason[:200],
            columns=[LegColumn(RECEIVABLE, -fen, accounts), *against],
        )


def _empty(run: BillRun, state: str) -> None:
    """Forget what was billed but the numbers of the chunks, which stand in the journal."""
    RunItem.objects.filter(run=run).delete()
    RunProblem.objects.filter(run=run).delete()
    PoolResult.objects.filter(run=run).delete()
    RunChunk.objects.filter(run=run).update(account_ids=[], is_billed=True)
    run.state, run.booked_on, run.issued_at, run.reviewed_by = state, None, None, ""
    run.bill_count, run.line_count, run.total, run.chunks_done = 0, 0, Decimal(0), run.chunk_count
    run.save()
