"""Taking a whole bill back by two people, whatever stands against it, and issuing another one in its place (B9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from billing.models import Bill, ChargeLine, ReductionKind, Waiver
from billing.models.bills import CORRECTION
from billing.models.resharing import RESHARING
from billing.selectors.outstanding import lines_with_outstanding
from billing.services.approval import Approval
from billing.services.bills import reissue_bill, void_bill
from billing.services.locking import lock_lines
from billing.services.reductions import reduce_lines, reverse_reductions, take_back_late_fee
from billing.services.releasing import release_money
from core.money import to_fen, to_yuan


@transaction.atomic
def take_bill_back(*, bill: Bill, approval: Approval) -> Bill:
    """Void a bill: money on it goes back to the account, reductions are taken back, then its entry is reversed.

    What correction bills asked for beyond it, and the late fee that was charged on it, are taken back in the same deed:
    nobody owes more of what he does not owe, nor was late with it.

    Raises StepNotAllowedError.
    """
    _clear(bill, approval)
    # A settled bill is not voided, so it is cleared first; the late fee is weighed last, when nothing is
    # owed any more.
    void = void_bill(bill=bill, reason=approval.reason, day=approval.day, by=approval.approved_by)
    _take_back_additions(list_additions(bill), approval)
    _take_back_late_fee(bill, approval)
    return void


@transaction.atomic
def replace_bill(*, bill: Bill, approval: Approval) -> Bill | None:
    """Void a bill as `take_bill_back` does and issue what its account owes for the month by the facts of now.

    The money that was on it is prepayment and meets the new bill at night. Shares of pools are billed as they were last
    split: what that took from the old bill is taken from the new one too. None: there is nothing to bill.

    Raises StepNotAllowedError, BillWithoutRunError.
    """
    split_off = _sum_split_off(bill)
    _clear(bill, approval)
    new = reissue_bill(
        bill=bill, reason=approval.reason, now=approval.now, day=approval.day, by=approval.approved_by
    )
    _take_back_additions(list_additions(bill).exclude(inputs__deed__startswith=RESHARING), approval)
    _take_back_late_fee(bill, approval)
    if new:
        _split_off(new, split_off, approval)
    return new


def _take_back_late_fee(bill: Bill, approval: Approval) -> None:
    take_back_late_fee(principal_ids=list(bill.lines.values_list("pk", flat=True)), approval=approval)


def list_additions(bill: Bill) -> QuerySet[ChargeLine]:
    """The lines of correction bills that ask for more than a bill did, or than such a line did."""
    found: set[int] = set()
    corrected: Collection[int] = set(bill.lines.values_list("pk", flat=True))
    others = ChargeLine.objects.filter(bill__account=bill.account_id, bill__schedule=CORRECTION)
    while corrected := set(
        others.filter(inputs__corrects__line__in=corrected).exclude(pk__in=found).values_list("pk", flat=True)
    ):
        found |= corrected
    return ChargeLine.objects.filter(pk__in=found)


def _take_back_additions(lines: QuerySet[ChargeLine], approval: Approval) -> None:
    asked = {line.pk: line.amount - line.waived for line in lines_with_outstanding(lines)}
    amounts = {pk: amount for pk, amount in asked.items() if amount > 0}
    if amounts:
        deed = replace(approval, source=f"{approval.source}:added")
        reduce_lines(amounts=amounts, kind=ReductionKind.CORRECTION, approval=deed)


def _sum_split_off(bill: Bill) -> Mapping[int, Decimal]:
    """What later splits took from the bill's shares, by pool."""
    rows = Waiver.objects.filter(line__bill=bill, source__startswith=RESHARING, reverses=None, reversal=None)
    sums: Counter[int] = Counter()
    for pool, amount in rows.values_list("line__inputs__pool", "amount"):
        sums[pool] += to_fen(amount)
    return {pool: to_yuan(fen) for pool, fen in sums.items()}


def _split_off(new: Bill, amounts: Mapping[int, Decimal], approval: Approval) -> None:
    lines = new.lines.filter(inputs__pool__in=list(amounts))
    less = {line.pk: min(line.amount, amounts[line.inputs["pool"]]) for line in lines}
    if less:
        deed = replace(approval, source=f"{approval.source}:split")
        reduce_lines(amounts=less, kind=ReductionKind.CORRECTION, approval=deed)


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
