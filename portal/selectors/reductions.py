"""What of a bill was taken off, as its owner reads it: how much, what it is called, and why."""

from __future__ import annotations

from billing.explaining.discounts import list_discounts
from billing.models import Bill, ReductionKind, Waiver
from portal.pages import ReductionView


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
