"""Letting a line ask for less: given up, written off, or wrong from the start (B9).

A reduction is a row of `Waiver` whose kind says why, so that outstanding = amount − settled − waived stays the one
definition. It is asked for by one person and approved by another (S-19), posted by its kind, and taken back by a
row of the negative amount. Money paid beyond what the line still asks for goes back to the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import ChargeLine, Discount, ReductionKind, Waiver
from billing.models.bills import OPENING
from billing.selectors.discounts import Shrinking, list_shrinking, sum_given_back
from billing.selectors.late_fee_lines import find_excess
from billing.selectors.outstanding import lines_with_outstanding
from billing.services.approval import Approval, the_one_community
from billing.services.locking import lock_lines
from billing.services.releasing import release_money
from billing.services.run.posting import find_ledger_codes
from billing.services.settlement import (
    AlreadyTakenBackError,
    MoreThanOutstandingError,
    NotPositiveError,
)
from core import audit
from core.errors import ConflictError, Problem
from core.money import ZERO, format_yuan
from estates.models import Community
from ledger import chart
from ledger.services import AlreadyPostedError, Leg, Posting, post_many

AGAINST: Mapping[str, str] = {
    ReductionKind.WAIVER: chart.WAIVER,
    ReductionKind.TOLERANCE: chart.WAIVER,
    ReductionKind.WRITE_OFF: chart.WRITE_OFF,
    ReductionKind.DISCOUNT: chart.DISCOUNT,
}
"""The ledger account a kind goes to; a correction goes back to where the line was booked."""


class MoreThanChargedError(ConflictError):
    """A line would be reduced by more than it still asks for. ``problems`` names each line."""

    code = "billing.more_than_charged"
    message = gettext_lazy("This is more than the line asks for.")


@transaction.atomic
def reduce_lines(*, amounts: Mapping[int, Decimal], kind: ReductionKind, approval: Approval) -> list[Waiver]:
    """Let lines ask for less, all of it or none; money already paid beyond that is released to the account.

    A line may go down to nothing, but what is written off must still be owed. What a correction takes off never bore
    late fee, and earned no discount: what was charged of the one, and given of the other, is taken back with it. Locks
    accounts, then bills.

    Raises NotPositiveError, MoreThanChargedError, MoreThanOutstandingError (of a write-off),
    AlreadyPostedError (the deed was done before).
    """
    if not amounts or min(amounts.values()) <= 0:
        raise NotPositiveError()
    lock_lines(amounts)
    # Before amounts are compared: a deed that comes twice is refused as done, not because too little is
    # left for it.
    if approval.source and Waiver.objects.filter(source=approval.source, line__in=amounts).exists():
        raise AlreadyPostedError()
    lines = list(lines_with_outstanding(ChargeLine.objects.filter(pk__in=amounts)))
    asks = {line.pk: line.amount - line.waived for line in lines}
    shrinking = list_shrinking(asks, amounts) if kind == ReductionKind.CORRECTION else []
    back = sum_given_back(shrinking)
    _refuse_more_than_charged(amounts, {pk: charged + back[pk] for pk, charged in asks.items()})
    over = {line.pk: amounts[line.pk] - line.outstanding - back[line.pk] for line in lines}
    surplus = {line_id: amount for line_id, amount in over.items() if amount > 0}
    if surplus and kind == ReductionKind.WRITE_OFF:
        raise MoreThanOutstandingError()
    release_money(surplus=surplus, approval=approval)
    written = _take_back_discounts(shrinking, approval)
    written += _write(amounts, kind, approval)
    written += _give_what_stays(shrinking, approval)
    if kind == ReductionKind.CORRECTION:
        written += take_back_late_fee(principal_ids=list(amounts), approval=approval)
    return written


def _take_back_discounts(shrinking: Sequence[Shrinking], approval: Approval) -> list[Waiver]:
    rows = [
        _row(one.row.line_id, -one.row.amount, one.row.kind, _named(approval, "back", one), one.row)
        for one in shrinking
    ]
    return _record(rows, approval) if rows else []


def _give_what_stays(shrinking: Sequence[Shrinking], approval: Approval) -> list[Waiver]:
    staying = [one for one in shrinking if one.stays]
    rows = [_row(one.row.line_id, one.stays, one.row.kind, _named(approval, "stays", one)) for one in staying]
    written = _record(rows, approval) if rows else []
    Discount.objects.bulk_create(
        Discount(waiver=row, rule=one.row.discount.rule, ahead=one.row.discount.ahead, inputs=one.inputs)
        for row, one in zip(written, staying, strict=True)
    )
    return written


def _named(approval: Approval, step: str, one: Shrinking) -> Approval:
    """The approval under a name of its own for each discount: a line may have had two."""
    return replace(approval, source=f"{approval.source}:{step}:{one.row.pk}")


@transaction.atomic
def take_back_late_fee(*, principal_ids: Sequence[int], approval: Approval) -> list[Waiver]:
    """Take back what late fee was charged on lines beyond what they bear, now that they were wrong or are void.

    What was paid of it is released to the account.
    """
    excess = find_excess(principal_ids, approval.day)
    return reduce_lines(amounts=excess, kind=ReductionKind.CORRECTION, approval=approval) if excess else []


@transaction.atomic
def reverse_reductions(*, reductions: Sequence[Waiver], approval: Approval) -> list[Waiver]:
    """Take reductions back, all or none: their lines are open again from the day on.

    Money that was released with a reduction stays with the account as prepayment and pays the line again at night.

    Raises AlreadyTakenBackError.
    """
    lock_lines({row.line_id for row in reductions})
    found = Waiver.objects.filter(pk__in=[row.pk for row in reductions], reverses=None, reversal=None)
    rows = list(found.order_by("pk"))
    if len(rows) != len(reductions):
        raise AlreadyTakenBackError()
    return _record([_row(row.line_id, -row.amount, row.kind, approval, row) for row in rows], approval)


def _refuse_more_than_charged(amounts: Mapping[int, Decimal], charged: Mapping[int, Decimal]) -> None:
    over = [line_id for line_id, amount in amounts.items() if amount > charged.get(line_id, ZERO)]
    if over:
        raise MoreThanChargedError(problems=[_over(pk, amounts[pk], charged.get(pk)) for pk in over])


def _over(line_id: int, wanted: Decimal, charged: Decimal | None) -> Problem:
    where = {"line": line_id}
    if charged is None:
        return Problem("billing.line_not_owed", _("The bill of this line is not issued."), where)
    message = _("%(wanted)s was to be taken off a line that asks for %(charged)s.")
    figures = {"wanted": format_yuan(wanted), "charged": format_yuan(charged)}
    return Problem("billing.more_than_charged", message % figures, where)


def _write(amounts: Mapping[int, Decimal], kind: str, approval: Approval) -> list[Waiver]:
    return _record([_row(line_id, amount, kind, approval) for line_id, amount in amounts.items()], approval)


def _row(
    line_id: int, amount: Decimal, kind: str, approval: Approval, reverses: Waiver | None = None
) -> Waiver:
    return Waiver(
        line_id=line_id,
        kind=kind,
        amount=amount,
        value_day=approval.day,
        source=approval.source,
        reason=approval.reason,
        requested_by=str(approval.requested_by),
        approved_by=str(approval.approved_by),
        reverses=reverses,
        written_at=approval.now,
    )


def _record(rows: Sequence[Waiver], approval: Approval) -> list[Waiver]:
    """Write reductions or their reversals, post them and note who decided."""
    written = Waiver.objects.bulk_create(rows)
    lines = ChargeLine.objects.select_related("bill__community").in_bulk([row.line_id for row in written])
    community = the_one_community({line.bill.community for line in lines.values()})
    _post_reductions(written, lines, community)
    audit.record(
        action="billing.reverse_reduction" if written[0].reverses_id else f"billing.{written[0].kind}",
        target=approval.source or f"waiver:{written[0].pk}",
        by=approval.approved_by,
        community_id=community.pk,
        after={
            "lines": {str(row.line_id): row.amount for row in written},
            "value_day": approval.day,
            "requested_by": str(approval.requested_by),
        },
        reason=approval.reason,
    )
    return written


def _post_reductions(rows: Sequence[Waiver], lines: Mapping[int, ChargeLine], community: Community) -> None:
    """Post one entry a reduction: the receivable against what its kind is in the books."""
    against = _ledger_codes(lines)
    for kind, of_kind in groupby(sorted(rows, key=lambda row: row.kind), key=lambda row: row.kind):
        post_many(
            company_id=community.company_id,
            community_id=community.pk,
            kind=kind,
            postings=[_posting(row, lines[row.line_id], against) for row in of_kind],
        )


def _posting(row: Waiver, line: ChargeLine, against: Mapping[int, str]) -> Posting:
    code = AGAINST.get(row.kind) or against[line.pk]
    owner = line.bill.account_id
    legs = [
        Leg(code, row.amount, owner if row.kind in AGAINST else None),
        Leg(chart.RECEIVABLE, -row.amount, owner),
    ]
    return Posting(row.value_day, f"waiver:{row.pk}", legs, row.reason)


def _ledger_codes(lines: Mapping[int, ChargeLine]) -> dict[int, str]:
    """Where each line was booked: as the posting profile of its fee item said on the day of its bill.

    What was brought in was booked against the opening balances.
    """
    codes: dict[int, str] = {}
    days = {line.bill.issued_on for line in lines.values() if line.bill.issued_on}
    for day in days:
        of_day = {pk: line.fee_item_id for pk, line in lines.items() if line.bill.issued_on == day}
        by_item = find_ledger_codes(list(set(of_day.values())), day)
        codes |= {pk: by_item[item] for pk, item in of_day.items()}
    return codes | {pk: chart.OPENING for pk, line in lines.items() if line.method == OPENING}
