"""What lines of late fee are called: after what they grew on, for an account may owe several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from billing.models import LateFeeCharge
from billing.models.bills import LATE_FEE
from billing.selectors.outstanding import OpenLine


def name_late_fee(item: str, principal: str) -> str:
    """Return the name of a line of late fee: 违约金 · 物业费."""
    return f"{item} · {principal}"


def name_late_fees(lines: Sequence[OpenLine]) -> list[OpenLine]:
    """Return the lines with those of late fee so named; asks the database only when there are any."""
    late = [line.line_id for line in lines if line.fee_item_code == LATE_FEE]
    charges = LateFeeCharge.objects.filter(line__in=late) if late else LateFeeCharge.objects.none()
    grew_on = dict(charges.values_list("line_id", "principal__fee_item__name"))
    return [_named(line, grew_on.get(line.line_id)) for line in lines]


def _named(line: OpenLine, principal: str | None) -> OpenLine:
    return replace(line, fee_item_name=name_late_fee(line.fee_item_name, principal)) if principal else line
