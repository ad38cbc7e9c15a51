"""Replaces drafts whose facts have changed since they were computed, account by account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import F, Max, Sum

from billing.models import Bill, BillRun, BillState, ChargeAccount, ChargeLine, RunChunk, RunItem, RunState
from billing.selectors.snapshot import hull, load_plan
from billing.services.run.writing import bill_chunk
from estates.models import Community


@transaction.atomic
def redraft_units(*, community: Community, unit_ids: Collection[int], since: date) -> None:
    """Bill these units again in every run that is not issued and charges days from ``since`` on; pools stay as shared.

    So an account that the change has opened is billed by a run under way, too. What was issued already, of some
    buildings or by a run that has begun to issue, is left to corrections. The caller has locked the facts.
    """
    runs = BillRun.objects.filter(community=community, chunk_count__gt=0).exclude(state=RunState.ISSUED)
    for run in runs.select_for_update(of=("self",)).order_by("period_start"):
        span = hull(load_plan(run))
        accounts = ChargeAccount.objects.filter(unit__in=unit_ids).overlapping(span.start, span.end)
        ids = set(accounts.values_list("pk", flat=True)) - _waiting(run) - _issued(run)
        if span.end > since and ids:
            _forget(run, ids)
            bill_chunk(run.pk, _add_chunk(run, sorted(ids)))


def find_unissued(run: BillRun, account_ids: Collection[int]) -> set[int]:
    """Return those of the accounts that a run is still to bill or has a draft for: no bill of theirs can be wrong."""
    drafts = Bill.objects.filter(run=run, account__in=account_ids, state=BillState.DRAFT)
    return _waiting(run) & set(account_ids) | set(drafts.values_list("account", flat=True))


def _waiting(run: BillRun) -> set[int]:
    """The accounts that stand in a chunk which is still to be billed."""
    chunks = RunChunk.objects.filter(run=run, is_billed=False).values_list("account_ids", flat=True)
    return {account for chunk in chunks for account in chunk}


def _issued(run: BillRun) -> set[int]:
    """The accounts whose bill of the run went out already."""
    return set(Bill.objects.issued().filter(run=run).values_list("account", flat=True))


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
