"""What is open, as the allocator wants to see it."""

from __future__ import annotations

from collections.abc import Collection

from billing.models import ChargeLine
from billing.selectors.outstanding import OpenLine
from core.money import to_fen
from payments.domain.allocation import Claim


def make_claim(line: OpenLine) -> Claim:
    """Return an open line in the words of the allocator; ties go by bill number, fee item and line."""
    name = f"{line.bill_number}/{line.fee_item_rank:05d}/{line.line_id:012d}"
    return Claim(
        line_id=line.line_id,
        debt=f"line:{line.line_id}",
        name=name,
        open_fen=to_fen(line.outstanding),
        due_on=line.due_on,
        rank=line.fee_item_rank,
    )


def accounts_of_lines(line_ids: Collection[int]) -> dict[int, int]:
    """Return the charge account of each line, settled or not, by line id."""
    return dict(ChargeLine.objects.filter(pk__in=line_ids).values_list("pk", "bill__account_id"))
