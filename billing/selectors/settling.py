"""How a bill was settled: allocations and waivers, and what was taken back, in the order they were written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Allocation, Bill, Waiver


@dataclass(frozen=True)
class SettledRow:
    """One allocation or reduction: its kind (empty for money), from where or why, which fee item, when, how much."""

    kind: str
    source: str
    fee_item: str
    value_day: date
    amount: Decimal


def list_settled(bill: Bill) -> list[SettledRow]:
    """Everything that reduced the bill's lines, or took a reduction back, oldest first."""
    allocations = Allocation.objects.filter(line__bill=bill).select_related("line__fee_item")
    waivers = Waiver.objects.filter(line__bill=bill).select_related("line__fee_item")
    rows = [
        (row.written_at, SettledRow("", row.source, row.line.fee_item.name, row.value_day, row.amount))
        for row in allocations
    ] + [
        (
            row.written_at,
            SettledRow(
                str(row.get_kind_display()), row.reason, row.line.fee_item.name, row.value_day, row.amount
            ),
        )
        for row in waivers
    ]
    return [row for _written, row in sorted(rows, key=lambda pair: pair[0])]
