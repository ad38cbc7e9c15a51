"""A pool shared again for units that joined late: shares paid or given up stay, the rest is divided anew (B4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.domain.resharing import Reshared, reshare
from billing.domain.rounding import COIN_FEN
from billing.domain.slab import BoolArray, IntArray
from billing.models import ChargeAccount, ChargeLine, PoolResult, ReductionKind
from billing.models.bills import CORRECTION
from billing.selectors.outstanding import lines_with_outstanding
from billing.selectors.resharing import sum_moved
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
    """A unit's share in yuan as it was, None for who joins, and as it would be; one paid or given up stays."""

    unit: Unit
    before: Decimal | None
    after: Decimal
    stays: bool

    @property
    def difference(self) -> Decimal:
        """What the unit is asked for beyond the first split, or given back."""
        return self.after - (self.before or Decimal("0.00"))


@dataclass(frozen=True)
class PoolAgain:
    """A second split of a pool: the units in the order of their codes, both splits in coins, and whose share stays."""

    pool: PoolResult
    units: IntArray
    split: Reshared
    stays: BoolArray

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
        columns = (self.split.before.tolist(), self.split.after.tolist(), self.stays.tolist())
        return [
            UnitShare(
                units[unit],
                to_yuan(before * self.coin_fen) if before else None,
                to_yuan(after * self.coin_fen),
                stays,
            )
            for unit, before, after, stays in zip(self.units.tolist(), *columns, strict=True)
        ]


def preview_resharing(pool: PoolResult) -> PoolAgain:
    """Return the split of a frozen pool among those who take part today; nothing is written.

    It begins from the shares as earlier splits left them. A share of which anything was paid or given up stays as it
    is. Raises NobodyJoinedError, also where somebody joined and no share changes, as in a pool of nothing.
    """
    due, place = _find_due(pool)
    lines = _lines_by_unit(pool)
    held = _shares_fen([pool], pool.run_id)
    weights = due.weights[place].weight
    before = np.zeros_like(weights)
    order = np.argsort(due.units.id)
    rows = order[np.searchsorted(due.units.id, np.array(list(held), dtype=np.int64), sorter=order)]
    before[rows] = np.array(list(held.values()), dtype=np.int64) // COIN_FEN[pool.rounding]
    if not (weights[before == 0] > 0).any():
        raise NobodyJoinedError()
    taking = (weights > 0) | (before > 0)
    units = due.units.id[taking]
    stays = np.isin(units, _list_staying(pool, lines))
    again = PoolAgain(pool, units, reshare(before[taking], weights[taking], stays), stays)
    if not again.changes():
        raise NobodyJoinedError()
    return again


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


def _lines_by_unit(pool: PoolResult) -> Mapping[int, list[Any]]:
    """The lines that ask for the fee item on days of the pool, settled and waived beside them, newest payer last."""
    days = Q(period_start__gte=pool.period_start, period_end__lte=pool.period_end)
    of_run = ChargeLine.objects.filter(bill__run=pool.run_id, fee_item=pool.fee_item_id)
    corrections = ChargeLine.objects.filter(days, bill__schedule=CORRECTION, fee_item=pool.fee_item_id)
    found: dict[int, list[Any]] = defaultdict(list)
    rows = lines_with_outstanding(of_run | corrections).select_related("bill__account")
    for line in rows.order_by("bill__account__start", "pk"):
        found[line.bill.account.unit_id].append(line)
    return found


def _shares_fen(pools: Iterable[PoolResult], run_id: int) -> Mapping[int, int]:
    """What each unit carries of some pools of a run: its frozen shares, and what later splits made of them."""
    held: dict[int, int] = defaultdict(int)
    moved = sum_moved(run_id)
    for pool in pools:
        for unit, fen in (*zip(pool.unit_ids, pool.shares_fen, strict=True), *moved[pool.pk].items()):
            held[unit] += fen
    return held


def _list_staying(pool: PoolResult, lines: Mapping[int, list[Any]]) -> list[int]:
    """The units whose share stays: something of it was paid, or it was waived, written off or voided."""
    of_item = PoolResult.objects.filter(run=pool.run_id, fee_item=pool.fee_item_id)
    held = _shares_fen(of_item, pool.run_id)
    asked = {unit: sum(to_fen(_asks(line)) for line in of_unit) for unit, of_unit in lines.items()}
    paid = {unit for unit, of_unit in lines.items() if any(line.settled > 0 for line in of_unit)}
    return [unit for unit, share in held.items() if unit in paid or asked.get(unit, 0) < share]


def _asks(line: Any) -> Decimal:
    asks: Decimal = line.amount - line.waived
    return asks


def _less(changes: Mapping[int, Decimal], lines: Mapping[int, list[Any]]) -> dict[int, Decimal]:
    """What each line asks less, taken from the newest payer's line first."""
    less: dict[int, Decimal] = {}
    for unit, change in changes.items():
        left = -change
        for line in reversed(lines.get(unit, [])):
            part = min(left, _asks(line))
            if part > 0:
                less[line.pk] = part
                left -= part
    return less


def _addition(pool: PoolResult, unit: int, amount: Decimal, lines: Mapping[int, list[Any]]) -> Addition:
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
