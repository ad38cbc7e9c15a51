"""Money that a line no longer asks for goes back to its account, wherever an upper app keeps such money.

Billing knows allocations, not prepayments: the app that keeps money for accounts registers with `register_keeper`
the function that takes it in (payments does, when it starts).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from billing.models import Allocation, ChargeLine
from billing.services.approval import Approval
from billing.services.settlement import AllocationDraft, record_allocations, reverse_allocations


@dataclass(frozen=True)
class Freed:
    """Money taken off the lines of an account, in yuan; ``source`` names the deed that once brought it there."""

    account_id: int
    source: str
    amount: Decimal


class Keeper(Protocol):
    """Takes money in for its accounts and posts it: receivable against where the money is kept."""

    def __call__(self, *, freed: Sequence[Freed], approval: Approval) -> None: ...


_keepers: list[Keeper] = []


def register_keeper(keep: Keeper) -> Keeper:
    """Let released money be kept by this function; one app does."""
    _keepers[:] = [keep]
    return keep


def release_money(*, surplus: Mapping[int, Decimal], approval: Approval) -> None:
    """Take so much money off each line, the latest first, and give it to the keeper.

    Rows are reversed whole; what a line keeps of a row is set against it again. A deed may release money of other lines
    again, such as of the late fee that goes back with its principal: each release is named after the deed and its
    first line. Runs inside the transaction of the act that reduces the lines, which holds their locks.
    """
    if not surplus:
        return
    owners = dict(ChargeLine.objects.filter(pk__in=surplus).values_list("pk", "bill__account_id"))
    taken, kept = _choose(surplus)
    freed = _list_freed(taken, {draft.line_id: draft.amount for draft in kept}, owners)
    _take_off(taken, kept, approval)
    (keep,) = _keepers
    keep(freed=freed, approval=replace(approval, source=f"{approval.source}:{min(surplus)}"))


def _take_off(taken: Collection[Allocation], kept: Sequence[AllocationDraft], approval: Approval) -> None:
    reverse_allocations(
        allocations=taken,
        value_day=approval.day,
        source=approval.source,
        reason=approval.reason,
        by=approval.approved_by,
        now=approval.now,
    )
    record_allocations(
        drafts=kept,
        value_day=approval.day,
        source=approval.source,
        by=approval.approved_by,
        now=approval.now,
    )


def _choose(surplus: Mapping[int, Decimal]) -> tuple[Sequence[Allocation], list[AllocationDraft]]:
    """The rows to be reversed, latest first, until each line's surplus is covered; and what the lines keep."""
    wanted = dict(surplus)
    taken: list[Allocation] = []
    live = Allocation.objects.filter(line__in=surplus, reverses=None, reversal=None)
    for row in live.order_by("-pk"):
        if wanted[row.line_id] > 0:
            taken.append(row)
            wanted[row.line_id] -= row.amount
    return taken, [AllocationDraft(line_id, -left) for line_id, left in wanted.items() if left < 0]


def _list_freed(
    taken: Sequence[Allocation], kept: Mapping[int, Decimal], owners: Mapping[int, int]
) -> list[Freed]:
    """What of each row leaves its line: all of it, but for what the line keeps of the last one."""
    origins = _find_origins(taken)
    last = {row.line_id: row.pk for row in taken}
    freed = []
    for row in taken:
        stays = kept.get(row.line_id, Decimal(0)) if last[row.line_id] == row.pk else Decimal(0)
        freed.append(Freed(owners[row.line_id], origins[row.pk], row.amount - stays))
    return freed


def _find_origins(rows: Sequence[Allocation]) -> dict[int, str]:
    """The deed that first brought the money of each row: what a line kept of a row was set against it again."""
    reversals = Allocation.objects.filter(line__in=[row.line_id for row in rows], reverses__isnull=False)
    before = {
        (row.line_id, row.source): row.reverses
        for row in reversals.select_related("reverses").order_by("-reverses")
    }

    def find(row: Allocation) -> str:
        earlier = before.get((row.line_id, row.source))
        return find(earlier) if earlier and earlier.pk < row.pk else row.source

    return {row.pk: find(row) for row in rows}
