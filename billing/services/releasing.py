"""Money that a line no longer asks for goes back to its account, wherever an upper app keeps such money.

Billing knows allocations, not prepayments: the app that keeps money for accounts registers with `register_keeper`
the function that takes it in (payments does, when it starts).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Protocol

from billing.models import Allocation, ChargeLine
from billing.services.approval import Approval
from billing.services.settlement import AllocationDraft, record_allocations, reverse_allocations
from core.money import to_fen, to_yuan


class Keeper(Protocol):
    """Takes money in for accounts, by id, and posts it: receivable against where the money is kept."""

    def __call__(self, *, amounts: Mapping[int, Decimal], approval: Approval) -> None: ...


_keepers: list[Keeper] = []


def register_keeper(keep: Keeper) -> Keeper:
    """Let released money be kept by this function; one app does."""
    _keepers[:] = [keep]
    return keep


def release_money(*, surplus: Mapping[int, Decimal], approval: Approval) -> dict[int, Decimal]:
    """Take so much money off each line, the latest first, and give it to the keeper; return it by account.

    Rows are reversed whole; what a line keeps of a row is set against it again. Runs inside the transaction of the
    act that reduces the lines, which holds their locks.
    """
    if not surplus:
        return {}
    owners = dict(ChargeLine.objects.filter(pk__in=surplus).values_list("pk", "bill__account_id"))
    amounts: Counter[int] = Counter()
    for line_id, amount in surplus.items():
        amounts[owners[line_id]] += to_fen(amount)
    _take_off(surplus, approval)
    released = {account_id: to_yuan(fen) for account_id, fen in sorted(amounts.items())}
    (keep,) = _keepers
    keep(amounts=released, approval=approval)
    return released


def _take_off(surplus: Mapping[int, Decimal], approval: Approval) -> None:
    taken, kept = _choose(surplus)
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


def _choose(surplus: Mapping[int, Decimal]) -> tuple[Collection[Allocation], list[AllocationDraft]]:
    """The rows to be reversed, latest first, until each line's surplus is covered; and what the lines keep."""
    wanted = dict(surplus)
    taken: list[Allocation] = []
    live = Allocation.objects.filter(line__in=surplus, reverses=None, reversal=None)
    for row in live.order_by("-pk"):
        if wanted[row.line_id] > 0:
            taken.append(row)
            wanted[row.line_id] -= row.amount
    return taken, [AllocationDraft(line_id, -left) for line_id, left in wanted.items() if left < 0]
