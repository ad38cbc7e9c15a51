"""Replaces drafts whose facts have changed since they were computed, account by account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import F, Max, Sum

from billing.models import Bill, BillRun, BillState, ChargeAccount, ChargeLine, RunChunk, RunItem
from billing.selectors.snapshot import hull, load_plan
from billing.services.run.writing import bill_chunk
from estates.models import Community


@transaction.atomic
def redraft_units(*, community: Community, unit_ids: Collection[int], since: date) -> None:
    """Bill these units again in every draft that charges days from ``since`` on. Pools keep their shares."""
    drafts = BillRun.objects.filter(community=community, booked_on=None, chunk_count__gt=0)
    for run in drafts.select_for_update(of=("self",)).order_by("period_start"):
        span = hull(load_plan(run))
        accounts = ChargeAccount.objects.filter(unit__in=unit_ids).overlapping(span.start, span.end)
        ids = set(accounts.values_list("pk", flat=True)) - _waiting(run)
        if span.end > since and ids:
            _forget(run, ids)
            bill_chunk(run.pk, _add_chunk(run, sorted(ids)))


def _waiting(run: BillRun) -> set[int]:
    """The accounts that stand in a chunk which is still to be billed."""
    chunks = RunChunk.objects.filter(run=run, is_billed=False).values_list("account_ids", flat=True)
    return {account for chunk in chunks for account in chunk}


def _forget(run: BillRun, account_ids: Collection[int]) -> None:
    """Remove the drafts of these accounts from the run."""
    bills = Bill.objects.filter(run=run, account__in=account_ids, state=BillState.DRAFT)
    ids = list(bills.values_list("pk", flat=True))
    lines = ChargeLine.objects.filter(bill__in=ids)
    total, count = lines.aggregate(sum=Sum("amount"))["sum"] or 0, lines.count()
    lines.delete()
    bills.delete()
    RunItem.objects.filter(run=run, account__in=account_ids).delete()
    BillRun.objects.filter(pk=run.pk).update(
        bill_count=F("bill_count") - len(ids), line_count=F("line_count") - count, total=F("total") - total
    )


def _add_chunk(run: BillRun, account_ids: list[int]) -> int:
    number = 1 + (run.chunks.aggregate(last=Max("number"))["last"] or 0)
    RunChunk.objects.create(run=run, number=number, account_ids=account_ids)
    BillRun.objects.filter(pk=run.pk).update(chunk_count=F("chunk_count") + 1)
    return int(number)
