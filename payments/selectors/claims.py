"""What is open, as the allocator wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from billing.models import Allocation, BillState, ChargeLine, Waiver
from core.money import to_fen
from payments.domain.allocation import Claim

MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True)
class OpenLine:
    """A charge line of an issued bill and what of it is open, in yuan (zero when it is settled)."""

    line_id: int
    bill_id: int
    bill_number: str
    account_id: int
    community_id: int
    rank: int
    part: int
    due_on: date
    amount: Decimal
    open: Decimal


def list_open_lines(
    *, line_ids: Sequence[int] | None = None, account_ids: Sequence[int] | None = None
) -> list[OpenLine]:
    """Return the lines of issued bills by id, or those of some accounts, in the order of bills and lines.

    By id, settled lines are returned too, with nothing open.
    """
    rows = ChargeLine.objects.filter(bill__state=BillState.ISSUED)
    rows = rows.filter(pk__in=line_ids) if line_ids is not None else rows.filter(bill__account__in=account_ids or [])
    settled = {
        name: Coalesce(
            Subquery(
                model.objects.filter(line=OuterRef("pk")).values("line").annotate(sum=Sum("amount")).values("sum")
            ),
            Value(Decimal(0)),
            output_field=MONEY,
        )
        for name, model in (("allocated", Allocation), ("waived", Waiver))
    }
    found = rows.annotate(**settled).annotate(open=F("amount") - F("allocated") - F("waived"))
    return [
        OpenLine(*row)
        for row in found.order_by("bill__due_on", "bill_id", "fee_item__rank", "pk").values_list(
            "pk",
            "bill_id",
            "bill__number",
            "bill__account_id",
            "bill__community_id",
            "fee_item__rank",
            "part",
            "bill__due_on",
            "amount",
            "open",
        )
    ]


def make_claim(line: OpenLine) -> Claim:
    """Return an open line in the words of the allocator; ties go by bill number, fee item and part."""
    name = f"{line.bill_number}/{line.rank:05d}/{line.part:05d}/{line.line_id:012d}"
    return Claim(line.line_id, f"line:{line.line_id}", name, to_fen(line.open), line.due_on, line.rank)
