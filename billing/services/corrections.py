"""What lines asked for too much or too little: every act adds rows and leaves the old ones as they are (B9).

Less is a reduction (`billing.services.reductions`), more a line of a new bill with the schedule `correction`. Every
act names a deed and the two people who decided it (S-19); the same deed a second time is refused by the journal.
Other apps call `correct_lines` and `charge_correction`; people go through `billing.services.requests`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from billing.domain.inputs import CorrectionInputs
from billing.models import (
    Bill,
    ChargeLine,
    FeeItem,
    ReductionKind,
    Waiver,
)
from billing.models.bills import CORRECTION
from billing.selectors.due_days import find_due_day
from billing.selectors.outstanding import lines_with_outstanding
from billing.services.approval import (
    Approval,
    MixedCommunitiesError,
    the_one_community,
)
from billing.services.locking import lock_accounts
from billing.services.reductions import reduce_lines
from billing.services.run.posting import find_ledger_codes
from billing.services.settlement import NotPositiveError
from billing.services.single_bills import BillDraft, create_bills
from core import audit
from core.events import publish
from core.money import ZERO
from core.periods import Period, span_of
from estates.models import Community
from ledger import chart
from ledger.services import Leg, Posting, post_many


@dataclass(frozen=True)
class Addition:
    """An amount, in yuan, that an account still owes for a fee item and a period.

    ``corrects`` is the line that asked for too little, where there is one.
    """

    account_id: int
    fee_item_id: int
    period: Period
    amount: Decimal
    corrects: int | None = None


@dataclass(frozen=True)
class Corrected:
    """What a correction wrote: rows that reduce lines, and bills with what was asked for too little."""

    reductions: list[Waiver]
    bills: list[Bill]


# Both ways ----------------------------------------------------------------------------------------------


@transaction.atomic
def correct_lines(*, changes: Mapping[int, Decimal], approval: Approval) -> Corrected:
    """Change what lines ask for by signed amounts: less is a reduction, more a line of a correction bill.

    Raises MoreThanChargedError, AlreadyPostedError (the deed was done before).
    """
    less = {line_id: -amount for line_id, amount in changes.items() if amount < 0}
    reductions = reduce_lines(amounts=less, kind=ReductionKind.CORRECTION, approval=approval) if less else []
    lines = ChargeLine.objects.filter(pk__in=[pk for pk, amount in changes.items() if amount > 0])
    additions = [
        Addition(
            account_id=line.bill.account_id,
            fee_item_id=line.fee_item_id,
            period=Period(line.period_start, line.period_end),
            amount=changes[line.pk],
            corrects=line.pk,
        )
        for line in lines.select_related("bill").order_by("pk")
    ]
    bills = charge_correction(additions=additions, approval=approval) if additions else []
    return Corrected(reductions, bills)


# More ---------------------------------------------------------------------------------------------------


@transaction.atomic
def charge_correction(*, additions: Sequence[Addition], approval: Approval) -> list[Bill]:
    """Issue one correction bill an account for what was asked for too little; each line says why.

    Due as many days after the approval's day as the community's bills are. Publishes ``billing.correction_issued``
    with ``bill_ids``.

    Raises NotPositiveError, MixedCommunitiesError, AlreadyPostedError (the deed was done before).
    """
    if not additions or min(addition.amount for addition in additions) <= 0:
        raise NotPositiveError()
    accounts = lock_accounts({addition.account_id for addition in additions})
    community = the_one_community({account.community for account in accounts.values()})
    by_account = {pk: [a for a in additions if a.account_id == pk] for pk in sorted(accounts)}
    bills = _create_bills(community, by_account, approval)
    _create_lines(bills, by_account, approval)
    _post_additions(bills, by_account, community, approval)
    audit.record(
        action="billing.charge_correction",
        target=approval.source,
        by=approval.approved_by,
        community_id=community.pk,
        after={
            "bills": {bill.number: bill.total for bill in bills},
            "requested_by": str(approval.requested_by),
        },
        reason=approval.reason,
    )
    publish("billing.correction_issued", bill_ids=[bill.pk for bill in bills])
    return bills


def _create_bills(
    community: Community, by_account: Mapping[int, Sequence[Addition]], approval: Approval
) -> list[Bill]:
    due_on = find_due_day(community.pk, approval.day)
    drafts = [
        BillDraft(
            community_id=community.pk,
            account_id=account_id,
            period=span_of([addition.period for addition in additions]),
            total=sum((addition.amount for addition in additions), ZERO),
            issued_on=approval.day,
            due_on=due_on,
        )
        for account_id, additions in by_account.items()
    ]
    return create_bills(CORRECTION, drafts)


def _create_lines(
    bills: Sequence[Bill], by_account: Mapping[int, Sequence[Addition]], approval: Approval
) -> None:
    wanted = [a.corrects for additions in by_account.values() for a in additions if a.corrects]
    corrected = lines_with_outstanding(ChargeLine.objects.filter(pk__in=wanted).select_related("bill"))
    before = {line.pk: line for line in corrected}
    rows = []
    for bill in bills:
        parts: dict[int, count[int]] = {}
        for addition in by_account[bill.account_id]:
            part = next(parts.setdefault(addition.fee_item_id, count()))
            rows.append(_line(bill, addition, part, before.get(addition.corrects or 0), approval))
    ChargeLine.objects.bulk_create(rows)


def _line(bill: Bill, addition: Addition, part: int, corrected: Any, approval: Approval) -> ChargeLine:
    inputs: CorrectionInputs = {
        "amount": str(addition.amount),
        "reason": approval.reason,
        "deed": approval.source,
        "rounding": "fen",
    }
    if corrected is not None:
        was = corrected.amount - corrected.waived
        inputs["corrects"] = {
            "bill": corrected.bill.number,
            "line": corrected.pk,
            "was": str(was),
            "now": str(was + addition.amount),
        }
    return ChargeLine(
        bill=bill,
        fee_item_id=addition.fee_item_id,
        part=part,
        period_start=addition.period.start,
        period_end=addition.period.end,
        method=CORRECTION,
        amount=addition.amount,
        inputs=inputs,
    )


def _post_additions(
    bills: Sequence[Bill],
    by_account: Mapping[int, Sequence[Addition]],
    community: Community,
    approval: Approval,
) -> None:
    """Post one entry a bill; its source names deed and account, so that a deed done twice is refused."""
    items = {addition.fee_item_id for additions in by_account.values() for addition in additions}
    _refuse_foreign_items(items, community)
    codes = find_ledger_codes(sorted(items), approval.day)
    post_many(
        company_id=community.company_id,
        community_id=community.pk,
        kind=CORRECTION,
        postings=[
            Posting(
                approval.day,
                f"charged:{approval.source}:{bill.account_id}",
                [
                    Leg(chart.RECEIVABLE, bill.total, bill.account_id),
                    *(Leg(codes[a.fee_item_id], -a.amount) for a in by_account[bill.account_id]),
                ],
                approval.reason,
            )
            for bill in bills
        ],
    )


def _refuse_foreign_items(item_ids: set[int], community: Community) -> None:
    if FeeItem.objects.filter(pk__in=item_ids, community=community).count() != len(item_ids):
        raise MixedCommunitiesError()
