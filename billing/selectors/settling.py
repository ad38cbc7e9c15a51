"""How lines were settled: allocations and waivers, and what was taken back, in the order they were written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from billing.models import Allocation, Bill, ChargeLine, Waiver
from billing.sources import name_sources


@dataclass(frozen=True)
class SettledRow:
    """One allocation or reduction: its kind (empty for money), from where or why, which fee item, when, how much."""

    kind: str
    source: str
    fee_item: str
    value_day: date
    amount: Decimal


def is_settled(lines: QuerySet[ChargeLine]) -> bool:
    """Whether money or a reduction stands against any of the lines that was not taken back."""
    return any(find_settled(model, lines).exists() for model in (Allocation, Waiver))


def find_settled(model: type[Allocation] | type[Waiver], lines: QuerySet[Any]) -> QuerySet[Any]:
    """Return the ids of the lines on which rows of the model stand that were not taken back."""
    sums = model.objects.filter(line__in=lines).order_by().values("line").annotate(sum=Sum("amount"))
    return sums.exclude(sum=0).values_list("line", flat=True)


def list_settled(bill: Bill) -> list[SettledRow]:
    """Everything that reduced the bill's lines, or took a reduction back, oldest first."""
    allocations = Allocation.objects.filter(line__bill=bill).select_related("line__fee_item")
    words = name_sources({row.source for row in allocations})
    waivers = Waiver.objects.filter(line__bill=bill).select_related("line__fee_item")
    rows = [
        (row.written_at, SettledRow("", words[row.source], row.line.fee_item.name, row.value_day, row.amount))
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
