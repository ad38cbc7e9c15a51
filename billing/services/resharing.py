"""A pool shared again for units that joined late: paid shares stay, the rest is divided anew by corrections (B4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.domain.resharing import Reshared, reshare
from billing.domain.rounding import COIN_FEN
from billing.domain.slab import BoolArray, IntArray
from billing.models import BillState, ChargeAccount, ChargeLine, PoolResharing, PoolResult, ReductionKind
from billing.selectors.snapshot import load_holdings, load_plan
from billing.services.approval import Approval
from billing.services.corrections import Addition, Corrected, charge_correction
from billing.services.reductions import reduce_lines
from billing.services.run.pools import DuePool, list_due_pools
from core.errors import InvalidError
from core.money import to_fen, to_yuan
from core.periods import Period
from estates.models import Unit


class NobodyJoinedError(InvalidError):
    """The pool was shared among everybody who takes part in it by the register of today."""

    code = "billing.nobody_joined"
    message = _("Nobody joined this pool after it was shared.")


@dataclass(frozen=True)
class UnitShare:
    """A unit's share in yuan as it was, None for who joins, and as it would be; a paid one stays."""

    unit: Unit
    before: Decimal | None
    after: Decimal
    is_paid: bool

    @property
    def difference(self) -> Decimal:
        """What the unit is asked for beyond the first split, or given back."""
        return self.after - (self.before or Decimal("0.00"))


@dataclass(frozen=True)
class PoolAgain:
    """A second split of a pool: the units in the order of their codes, both splits in coins, and who is protected."""

    pool: PoolResult
    units: IntArray
    split: Reshared
    paid: BoolArray

    @property
    def coin_fen(self) -> int:
        """The coin of the split, in fen."""
        return COIN_FEN[self.pool.rounding]

    def changes(self) -> dict[int, Decimal]:
        """What each unit is to pay more or less, in yuan; the unchanged are left out."""
        fen = self.split.difference * self.coin_fen
        return {
            unit: to_yuan(change)
            for unit, change in zip(self.units.tolist(), fen.tolist(), strict=True)
            if change
        }

    def shares(self) -> list[UnitShare]:
        """Each unit with both shares, in the order of the codes."""
        units = Unit.objects.select_related("building").in_bulk(self.units.tolist())
        columns = (self.split.before.tolist(), self.split.after.tolist(), self.paid.tolist())
        return [
            UnitShare(
                units[unit],
                to_yuan(before * self.coin_fen) if before else None,
                to_yuan(after * self.coin_fen),
                paid,
            )
            for unit, before, after, paid in zip(self.units.tolist(), *columns, strict=True)
        ]


def preview_resharing(pool: PoolResult) -> PoolAgain:
    """Return the split of a frozen pool among those who take part today; nothing is written.

    It begins from the shares as earlier splits left them. A share of which anything is settled is paid and stays as
    it is. Raises NobodyJoinedError.
    """
    due, place = _find_due(pool)
    lines = _lines_by_unit(pool)
    held = _shares_fen(pool, lines)
    weights = due.weights[place].weight
    before = np.zeros_like(weights)
    order = np.argsort(due.units.id)
    rows = order[np.searchsorted(due.units.id, np.array(list(held), dtype=np.int64), sorter=order)]
    before[rows] = np.array(list(held.values()), dtype=np.int64) // COIN_FEN[pool.rounding]
    if not (weights[before == 0] > 0).any():
        raise NobodyJoinedError()
    taking = (weights > 0) | (before > 0)
    units = due.units.id[taking]
    paid = np.isin(units, list(_paid_units(lines)))
    return PoolAgain(pool, units, reshare(before[taking], weights[taking], paid), paid)


@transaction.atomic
def reshare_pool(*, pool: PoolResult, approval: Approval) -> Corrected:
    """Apply the new split: unpaid shares become smaller by reductions, those who joined get a correction bill.

    The frozen pool stays as it was; the corrections name it. Raises NobodyJoinedError,
    AlreadyPostedError (the deed was done before).
    """
    changes = preview_resharing(pool).changes()
    lines = _lines_by_unit(pool)
    less = _less(changes, lines)
    reductions = reduce_lines(amounts=less, kind=ReductionKind.CORRECTION, approval=approval) if less else []
    additions = [
        _addition(pool, unit, amount, lines) for unit, amount in sorted(changes.items()) if amount > 0
    ]
    return Corrected(reductions, charge_correction(additions=additions, approval=approval))


def _find_due(pool: PoolResult) -> tuple[DuePool, int]:
    plan = load_plan(pool.run)
    holdings = load_holdings(pool.run.community_id, plan)
    for due in list_due_pools(pool.run, plan, holdings):
        same = (due.item.id, due.pool.applies_to, due.pool.meter) == (
            pool.fee_item_id,
            pool.applies_to,
            pool.meter_code,
        )
        if same and due.pool.rule_text == pool.rule:
            return due, pool.place
    raise NobodyJoinedError()


def _lines_by_unit(pool: PoolResult) -> Mapping[int, list[ChargeLine]]:
    """The valid lines that carry shares of the pool, the newest payer's last; ``took``: less by earlier splits."""
    found: dict[int, list[ChargeLine]] = defaultdict(list)
    sources = [asked.source for asked in PoolResharing.objects.filter(pool=pool).approved()]
    shared = Q(bill__run=pool.run_id, inputs__pool=pool.pk)
    rows = ChargeLine.objects.filter(
        shared | Q(inputs__deed__in=sources), bill__state=BillState.ISSUED, fee_item=pool.fee_item_id
    ).annotate(took=Coalesce(Sum("waivers__amount", filter=Q(waivers__source__in=sources)), Decimal("0.00")))
    for line in rows.select_related("bill__account").order_by("bill__account__start", "pk"):
        found[line.bill.account.unit_id].append(line)
    return found


def _shares_fen(pool: PoolResult, lines: Mapping[int, list[ChargeLine]]) -> dict[int, int]:
    """What each unit carries of the pool: its frozen share, and what earlier splits added to it and took from it."""
    held = defaultdict(int, zip(pool.unit_ids, pool.shares_fen, strict=True))
    for unit, of_unit in lines.items():
        added = sum((line.amount for line in of_unit if "deed" in line.inputs), Decimal("0.00"))
        held[unit] += to_fen(added - sum(_took(line) for line in of_unit))
    return held


def _took(line: ChargeLine) -> Decimal:
    took: Decimal = getattr(line, "took")  # noqa: B009  # annotated by `_lines_by_unit`
    return took


def _paid_units(lines: Mapping[int, list[ChargeLine]]) -> set[int]:
    ids = [line.pk for of_unit in lines.values() for line in of_unit]
    settled = ChargeLine.objects.filter(pk__in=ids).annotate(settled=Sum("allocations__amount"))
    paid = set(settled.filter(settled__gt=0).values_list("pk", flat=True))
    return {unit for unit, of_unit in lines.items() if any(line.pk in paid for line in of_unit)}


def _less(changes: Mapping[int, Decimal], lines: Mapping[int, list[ChargeLine]]) -> dict[int, Decimal]:
    """What each line asks less, taken from the newest payer's line first."""
    less: dict[int, Decimal] = {}
    for unit, change in changes.items():
        left = -change
        for line in reversed(lines.get(unit, [])):
            part = min(left, line.amount - _took(line))
            if part > 0:
                less[line.pk] = part
                left -= part
    return less


def _addition(
    pool: PoolResult, unit: int, amount: Decimal, lines: Mapping[int, list[ChargeLine]]
) -> Addition:
    own = lines.get(unit)
    period = Period(pool.period_start, pool.period_end)
    if own:
        line = own[-1]
        return Addition(line.bill.account_id, pool.fee_item_id, period, amount, corrects=line.pk)
    account = (
        ChargeAccount.objects.overlapping(period.start, period.end)
        .filter(unit=unit)
        .order_by("-start")
        .first()
    )
    if account is None:
        raise NobodyJoinedError()
    return Addition(account.pk, pool.fee_item_id, period, amount)
