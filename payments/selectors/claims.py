"""What is open, as the allocator wants to see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.models import ChargeLine, LateFeeCharge
from billing.selectors.late_fee_lines import find_daily_rates
from billing.selectors.outstanding import OpenLine
from core.money import to_fen
from payments.domain.allocation import Claim, Kind, Policy, Rule


def make_claims(lines: Sequence[OpenLine], *, policy: Policy, as_of: date) -> list[Claim]:
    """Return open lines in the words of the allocator, each late fee beside the principal it grew on.

    What a debt bears a day is looked up only where the policy asks for it (Civil Code 560, the heavier burden).
    """
    principals = _principals_of([line.line_id for line in lines])
    rates: Mapping[int, Decimal] = {}
    if policy.rule is Rule.CIVIL_CODE:
        wanted = {line.line_id for line in lines} | {principal.pk for principal in principals.values()}
        rates = find_daily_rates(ChargeLine.objects.filter(pk__in=wanted), as_of)
    claims = (_make_claim(line, principals.get(line.line_id)) for line in lines)
    return [
        replace(claim, daily_rate=rates.get(int(claim.debt.removeprefix("line:")), Decimal(0)))
        for claim in claims
    ]


def _make_claim(line: OpenLine, principal: ChargeLine | None) -> Claim:
    """Ties go by bill number, fee item and line; a late fee takes due day, rank and name of its principal."""
    if principal is None:
        bill_number, due_on, rank, line_id = line.bill_number, line.due_on, line.fee_item_rank, line.line_id
    else:
        bill_number, due_on = principal.bill.number, principal.bill.due_on
        rank, line_id = principal.fee_item.rank, principal.pk
    name = f"{bill_number}/{rank:05d}/{line_id:012d}"
    return Claim(
        line_id=line.line_id,
        debt=f"line:{line_id}",
        name=name if principal is None else f"{name}/{line.line_id:012d}",
        open_fen=to_fen(line.outstanding),
        due_on=due_on,
        rank=rank,
        kind=Kind.PRINCIPAL if principal is None else Kind.LATE_FEE,
    )


def _principals_of(line_ids: Sequence[int]) -> dict[int, ChargeLine]:
    """The principal of each line that is late fee, by the line."""
    charges = LateFeeCharge.objects.filter(line__in=line_ids)
    return {
        charge.line_id: charge.principal
        for charge in charges.select_related("principal__bill", "principal__fee_item")
    }


def accounts_of_lines(line_ids: Collection[int]) -> dict[int, int]:
    """Return the charge account of each line, settled or not, by line id."""
    return dict(ChargeLine.objects.filter(pk__in=line_ids).values_list("pk", "bill__account_id"))
