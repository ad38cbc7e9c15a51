"""What of a bill was taken off, as its owner reads it: how much, what it is called, and why."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.explaining.discounts import list_discounts
from billing.explaining.steps import StepText
from billing.models import Bill, ReductionKind, Waiver


@dataclass(frozen=True)
class ReductionView:
    """A reduction: the fee item, its kind in words, the reason the community gave, and yuan.

    A discount has the steps it is worked out by.
    """

    name: str
    kind: str
    reason: str
    amount: Decimal
    steps: tuple[StepText, ...] = ()


def list_reductions(bill: Bill) -> tuple[ReductionView, ...]:
    """The reductions of a bill that still stand, in the order they were made."""
    live = Waiver.objects.filter(line__bill=bill, reverses=None, reversal=None)
    rows = list(live.select_related("line__fee_item").order_by("pk"))
    has_discounts = any(row.kind == ReductionKind.DISCOUNT for row in rows)
    opened = {view.waiver_id: view.steps for view in list_discounts([bill.pk])} if has_discounts else {}
    return tuple(
        ReductionView(
            row.line.fee_item.name,
            str(row.get_kind_display()),
            row.reason,
            row.amount,
            opened.get(row.pk, ()),
        )
        for row in rows
    )
