"""A pool as it was shared, beside the same pool by other keys, for all who took part; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from billing.domain.formulas import find_rows
from billing.domain.rounding import COIN_FEN
from billing.domain.slab import UNKNOWN, IntArray
from billing.domain.what_if import KEYS, Alternative, compare_keys
from billing.models import PoolResult
from billing.selectors.columns import array_text, read_labelled
from billing.selectors.snapshot import load_uses
from core.money import to_yuan
from core.periods import Period
from estates.models import Meter, name_unit

NAMES = ("unit", "area", "building")
PARTICIPANTS = f"""
    SELECT u.id, coalesce((
               SELECT a.area_m2 FROM estates_unitarea a WHERE a.unit_id = u.id AND a.start < %s
               ORDER BY a.start DESC LIMIT 1
           ), u.area_m2, -0.0001) * 10000,
           coalesce(u.building_id, {UNKNOWN}),
           concat_ws(E'\\x1e', u.code, u.kind, coalesce(b.code, ''), u.stair, u.room)
    FROM estates_unit u LEFT JOIN estates_building b ON b.id = u.building_id
    WHERE u.id = ANY(%s::bigint[]) ORDER BY u.code COLLATE "C"
"""


@dataclass(frozen=True)
class WhatIf:
    """A shared pool and its alternatives; all columns in the order of unit codes, amounts in fen.

    names: how people name the units; lacking: how many participants have no figure for a key, and would pay nothing
    by it.
    """

    pool: PoolResult
    parts: tuple[PoolResult, ...]
    codes: list[str]
    names: list[str]
    buildings: list[str]
    now_fen: IntArray
    alternatives: list[Alternative]
    lacking: dict[str, int]

    @property
    def whole(self) -> Decimal:
        """What was shared, in yuan."""
        return to_yuan(int(self.now_fen.sum()))

    @property
    def period(self) -> Period:
        """The days the pool was shared for."""
        return Period(self.pool.period_start, self.pool.period_end)


def find_parts(pool: PoolResult) -> tuple[PoolResult, ...]:
    """Return the results of one pool, a key each: together they are what was shared."""
    found = PoolResult.objects.filter(
        run_id=pool.run_id,
        fee_item_id=pool.fee_item_id,
        applies_to=pool.applies_to,
        meter_code=pool.meter_code,
        period_start=pool.period_start,
        rule=pool.rule,
    )
    return tuple(found.order_by("place"))


def compare_pool(pool: PoolResult) -> WhatIf:
    """Return the pool by area, by household and by own use beside the way it was shared.

    Days, vacancy and agreed weights count for the other keys as they did for this one; what a meter counted is as it
    is. A key that nobody has a figure for is left out.
    """
    parts = find_parts(pool)
    ids = np.unique(np.concatenate([np.array(part.unit_ids, dtype=np.int64) for part in parts]))
    columns, labels = read_labelled(NAMES, PARTICIPANTS, [pool.period_end, array_text(ids.tolist())])
    units, texts = columns["unit"], [label.split("\x1e") for label in labels]
    now = sum((_align(part, "shares_fen", units, 0) for part in parts), np.zeros_like(units))
    times = next((_align(part, "times", units, 1) for part in parts if part.times), np.ones_like(units))
    figures = {
        "area": columns["area"],
        "household": np.ones_like(units),
        "use": _own_uses(pool, units),
    }
    weights = {key: np.maximum(figures[key], 0) * (1 if key == "use" else times) for key in KEYS}
    return WhatIf(
        pool=pool,
        parts=parts,
        codes=[code for code, *_rest in texts],
        names=[name_unit(code, kind, building or None, *place) for code, kind, building, *place in texts],
        buildings=[building for _code, _kind, building, *_rest in texts],
        now_fen=now,
        alternatives=compare_keys(now, COIN_FEN[pool.rounding], weights),
        lacking={key: int((figures[key] == UNKNOWN).sum()) for key in KEYS},
    )


def _align(part: PoolResult, column: str, units: IntArray, default: int) -> IntArray:
    """A column of a result in the order of these units; the default for who is not in it."""
    ids, values = np.array(part.unit_ids, dtype=np.int64), np.array(getattr(part, column), dtype=np.int64)
    order = np.argsort(ids)
    rows = find_rows(ids[order], units)
    aligned: IntArray = np.where(rows == UNKNOWN, default, values[order][rows])
    return aligned


def _own_uses(pool: PoolResult, units: IntArray) -> IntArray:
    """What the units' own meters of the pool's kind counted; UNKNOWN without one."""
    column = np.full(units.shape, UNKNOWN, dtype=np.int64)
    meter = Meter.objects.filter(community=pool.fee_item.community_id, code=pool.meter_code).first()
    if meter is None:
        return column
    uses = load_uses(meter.kind, Period(pool.period_start, pool.period_end), units.tolist())
    rows = find_rows(uses.unit, units)
    good = (rows != UNKNOWN) & ~uses.marked(uses.backwards, rows)
    column[good] = uses.use[rows[good]]
    return column
