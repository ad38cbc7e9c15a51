"""Taking a whole bill back by two people, whatever stands against it, and issuing another one in its place (B9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.db import transaction

from billing.models import Bill, ChargeLine, Waiver
from billing.selectors.outstanding import lines_with_outstanding
from billing.services.approval import Approval
from billing.services.bills import reissue_bill, void_bill
from billing.services.locking import lock_lines
from billing.services.reductions import reverse_reductions, take_back_late_fee
from billing.services.releasing import release_money


@transaction.atomic
def take_bill_back(*, bill: Bill, approval: Approval) -> Bill:
    """Void a bill: money on it goes back to the account, reductions are taken back, then its entry is reversed.

    Late fee that was charged on it is taken back in the same deed: nobody was late with what he did not owe.

    Raises StepNotAllowedError.
    """
    _clear(bill, approval)
    void = void_bill(bill=bill, reason=approval.reason, day=approval.day, by=approval.approved_by)
    _take_back_late_fee(bill, approval)
    return void


@transaction.atomic
def replace_bill(*, bill: Bill, approval: Approval) -> Bill | None:
    """Void a bill as `take_bill_back` does and issue what its account owes for the month by the facts of now.

    The money that was on it is prepayment and meets the new bill at night. None: there is nothing to bill.

    Raises StepNotAllowedError, BillWithoutRunError.
    """
    _clear(bill, approval)
    new = reissue_bill(
        bill=bill, reason=approval.reason, now=approval.now, day=approval.day, by=approval.approved_by
    )
    _take_back_late_fee(bill, approval)
    return new


def _take_back_late_fee(bill: Bill, approval: Approval) -> None:
    take_back_late_fee(principal_ids=list(bill.lines.values_list("pk", flat=True)), approval=approval)


def _clear(bill: Bill, approval: Approval) -> None:
    """Take everything off the bill's lines: money first, then what reduced them."""
    lines = ChargeLine.objects.filter(bill=bill)
    lock_lines(list(lines.values_list("pk", flat=True)))
    settled: dict[int, Decimal] = {
        line.pk: line.settled for line in lines_with_outstanding(lines) if line.settled
    }
    release_money(surplus=settled, approval=approval)
    live = Waiver.objects.filter(line__bill=bill, reverses=None, reversal=None).order_by("pk")
    for number, row in enumerate(live):
        deed = replace(approval, source=f"{approval.source}:{number}")
        reverse_reductions(reductions=[row], approval=deed)
