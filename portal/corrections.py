"""What of a bill was taken off, as its owner reads it: how much, what it is called, and why."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Bill, Waiver


@dataclass(frozen=True)
class ReductionView:
    """A reduction: the fee item, its kind in words, the reason the community gave, and yuan."""

    name: str
    kind: str
    reason: str
    amount: Decimal


def list_reductions(bill: Bill) -> tuple[ReductionView, ...]:
    """The reductions of a bill that still stand, in the order they were made."""
    live = Waiver.objects.filter(line__bill=bill, reverses=None, reversal=None)
    rows = live.select_related("line__fee_item").order_by("pk")
    return tuple(
        ReductionView(row.line.fee_item.name, str(row.get_kind_display()), row.reason, row.amount)
        for row in rows
    )
