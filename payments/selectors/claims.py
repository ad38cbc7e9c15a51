"""What is open, as the allocator wants to see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.models import ChargeLine, LateFeeCharge
from billing.models.bills import LATE_FEE
from billing.selectors.late_fee_lines import find_daily_rates
from billing.selectors.outstanding import OpenLine
from core.money import to_fen
from payments.domain.allocation import Claim, Kind, Policy, Rule


def make_claims(lines: Sequence[OpenLine], *, policy: Policy, as_of: date) -> list[Claim]:
    """Return open lines in the words of the allocator, each late fee beside the principal it grew on."""
    return weigh_claims(list_claims(lines), policy=policy, as_of=as_of)


def list_claims(lines: Sequence[OpenLine]) -> list[Claim]:
    """Return open lines as claims that bear nothing yet: what is the same on every day."""
    principals = _principals_of([line.line_id for line in lines if line.fee_item_code == LATE_FEE])
    return [_make_claim(line, principals.get(line.line_id)) for line in lines]


def weigh_claims(claims: Sequence[Claim], *, policy: Policy, as_of: date) -> list[Claim]:
    """Add what each debt bears a day, where the policy asks for it (Civil Code 560, the heavier burden)."""
    if policy.rule is not Rule.CIVIL_CODE:
        return list(claims)
    debts = {claim.debt: int(claim.debt.removeprefix("line:")) for claim in claims}
    rates = find_daily_rates(ChargeLine.objects.filter(pk__in=debts.values()), as_of)
    return [replace(claim, daily_rate=rates.get(debts[claim.debt], Decimal(0))) for claim in claims]


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
    if not line_ids:
        return {}
    charges = LateFeeCharge.objects.filter(line__in=line_ids)
    return {
        charge.line_id: charge.principal
        for charge in charges.select_related("principal__bill", "principal__fee_item")
    }


def accounts_of_lines(line_ids: Collection[int]) -> dict[int, int]:
    """Return the charge account of each line, settled or not, by line id."""
    return dict(ChargeLine.objects.filter(pk__in=line_ids).values_list("pk", "bill__account_id"))
