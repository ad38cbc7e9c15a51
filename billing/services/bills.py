"""A wrong bill is voided, and where it should have been another one, issued anew; nothing is ever changed in place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from billing.domain.lifecycle import next_bill_state
from billing.models import Bill, BillRun, BillState, ChargeLine, RunChunk, RunItem
from billing.models.bills import OPENING
from billing.selectors.due_days import find_due_day
from billing.selectors.settling import is_settled
from billing.services.run import bill_chunk
from billing.services.run.driving import run_lock
from billing.services.run.issuing import begin_issue, close_run
from billing.services.run.posting import find_ledger_codes
from core import audit
from core.errors import ConflictError
from core.events import publish
from core.periods import Period
from ledger.chart import OPENING as OPENING_BALANCES
from ledger.chart import RECEIVABLE
from ledger.services import Leg, post


class BillSettledError(ConflictError):
    """Money or a waiver stands against the bill; it is taken back first."""

    code = "billing.bill_settled"
    message = _("Something has been paid or waived on this bill. Take that back first, then void the bill.")


class BillWithoutRunError(ConflictError):
    """The bill was not made by a run, so no run can make it again."""

    code = "billing.bill_without_run"
    message = _("This bill did not come from a billing run and cannot be issued again.")


@transaction.atomic
def void_bill(*, bill: Bill, reason: str, day: date, by: Any) -> Bill:
    """Take a bill back on a day. An issued one is reversed in the journal; its lines stay as they were, to be read.

    The run does not make it again by itself; `reissue_bill` does. The event ``billing.bill_voided`` follows.

    Raises StepNotAllowedError, BillSettledError.
    """
    bill = Bill.objects.select_for_update(of=("self",)).select_related("community").get(pk=bill.pk)
    was_issued = bill.state == BillState.ISSUED
    bill.state = next_bill_state(bill.state, "void")
    if is_settled(bill.lines.all()):
        raise BillSettledError()
    bill.voided_on = day
    bill.save(update_fields=["state", "voided_on"])
    if was_issued:
        _post_reversal(bill, day, reason)
    audit.record(
        action="billing.void_bill", target=bill, by=by, community_id=bill.community_id, reason=reason
    )
    publish("billing.bill_voided", bill_id=bill.pk)
    return bill


def _post_reversal(bill: Bill, day: date, reason: str) -> None:
    """Mirror what issuing the bill posted, or bringing it in; the entry of the whole chunk or file stays as it is."""
    assert bill.issued_on, "an issued bill has its day"
    sums = dict(ChargeLine.objects.filter(bill=bill).values_list("fee_item").annotate(sum=Sum("amount")))
    codes = dict.fromkeys(sums, OPENING_BALANCES)
    if bill.schedule != OPENING:
        codes = find_ledger_codes(list(sums), bill.issued_on)
    post(
        company_id=bill.community.company_id,
        community_id=bill.community_id,
        booked_on=day,
        kind="bill_void",
        source=f"bill_void:{bill.pk}",
        memo=reason[:200],
        legs=[
            Leg(RECEIVABLE, -bill.total, bill.account_id),
            *(Leg(codes[item], amount) for item, amount in sorted(sums.items())),
        ],
    )


def reissue_bill(*, bill: Bill, reason: str, now: datetime, day: date, by: Any) -> Bill | None:
    """Void a bill and issue what its account owes for the same month by the facts of now.

    Pools keep their shares. The term counts from the new bill's issue, and never ends before the old one's: nobody is
    late with an amount he could not know (Civil Code 511(4) leaves a debtor the time he needs), so that a bill issued
    anew after the due day is not overdue the same day. Returns the new bill, or None when the account has nothing to
    pay or is parked.

    Raises StepNotAllowedError, BillSettledError, BillWithoutRunError.
    """
    run = bill.run
    if run is None:
        raise BillWithoutRunError()
    with run_lock(run.community_id, Period(run.period_start, run.period_end)):
        number = _replace(run, bill, reason, day, by)
        bill_chunk(run.pk, number, due_on=max(bill.due_on, find_due_day(bill.community_id, day)))
        close_run(run=run, now=now)
    return Bill.objects.filter(run=run, account_id=bill.account_id).exclude(state=BillState.VOID).first()


@transaction.atomic
def _replace(run: BillRun, bill: Bill, reason: str, day: date, by: Any) -> int:
    """Void the bill and put its account into a chunk of its own; the account's item makes room for a new one."""
    void_bill(bill=bill, reason=reason, day=day, by=by)
    begin_issue(run=run, day=day, by=by)
    # The item is what keeps a run from billing an account twice; without it the new chunk may.
    RunItem.objects.filter(run=run, account_id=bill.account_id).delete()
    number = 1 + (run.chunks.aggregate(last=Max("number"))["last"] or 0)
    RunChunk.objects.create(run=run, number=number, account_ids=[bill.account_id])
    lines = bill.lines.count()
    BillRun.objects.filter(pk=run.pk).update(
        chunk_count=F("chunk_count") + 1,
        bill_count=F("bill_count") - 1,
        line_count=F("line_count") - lines,
        total=F("total") - bill.total,
    )
    return number
