"""What pools are shared from: meters and suppliers' bills, and what the keys ask about units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Sum

from billing.domain.formulas import find_rows
from billing.domain.losses import Balance, Counted, total_use
from billing.domain.pool_rules import TREE, Key
from billing.domain.pools import FLOORLESS, Pool, PoolFacts, needs_facts
from billing.domain.slab import UNKNOWN, IntArray, TextArray
from billing.models import SupplierBill, UnitCoefficient
from billing.models.pools import USUAL_COEFFICIENT
from billing.selectors.columns import read_labelled
from billing.selectors.snapshot import load_uses
from core.periods import Period
from estates.models import Meter
from estates.selectors import USE_OF_PERIOD

FIELD = "\x1e"
WORDS = ("unit", "building", "stair", "kind", "state")
FACT_NAMES = ("id", "floor", "inner_area")
FACTS = f"""
    SELECT u.id, coalesce(u.floor, {FLOORLESS}), coalesce(u.inner_area_m2 * 10000, {UNKNOWN}),
           concat_ws('{FIELD}', u.code, coalesce(b.code, ''),
                     concat(b.code, '-', coalesce(nullif(u.stair, ''), '0')), u.kind, u.state)
    FROM estates_unit u LEFT JOIN estates_building b ON b.id = u.building_id
    WHERE u.community_id = %s ORDER BY u.code COLLATE "C"
"""
COUNTED = f"""
    SELECT meter.code, opening.value, closing.value, closing.factor, round(closing.level - opening.level, 4),
           closing.read_on >= %(start)s
    {USE_OF_PERIOD}
    WHERE meter.community_id = %(community)s AND meter.code = ANY(%(codes)s) AND opening.value IS NOT NULL
    ORDER BY meter.code
"""


def load_pool_facts(community_id: int, pools: Iterable[Pool], period: Period) -> PoolFacts | None:
    """Return what these pools ask about the units, in the order of codes; None when areas and days are enough."""
    asking = [pool for pool in pools if needs_facts(pool)]
    if not asking:
        return None
    columns, labels = read_labelled(FACT_NAMES, FACTS, [community_id])
    texts = np.array([label.split(FIELD) for label in labels], dtype=object).reshape(-1, len(WORDS))
    words: dict[str, TextArray] = {word: texts[:, at] for at, word in enumerate(WORDS)}
    kinds = _kinds_of_meters(community_id, {pool.meter for pool in asking})
    keys = [(key, pool.meter) for pool in asking for key in pool.rule.keys]
    return PoolFacts(
        floor=columns["floor"],
        inner_area=columns["inner_area"],
        words=words,
        uses=_load_own_uses(columns["id"], _use_kinds(keys, kinds), period),
        coefficients=_load_coefficients(columns["id"], keys, period),
        meter_kinds=kinds,
    )


def _kinds_of_meters(community_id: int, codes: Iterable[str]) -> dict[str, str]:
    meters = Meter.objects.filter(community_id=community_id, code__in=list(codes))
    return dict(meters.values_list("code", "kind"))


def _use_kinds(keys: Iterable[tuple[Key, str]], kinds: Mapping[str, str]) -> set[str]:
    return {key.name or kinds.get(meter, "") for key, meter in keys if key.kind == "use"}


def _load_own_uses(units: IntArray, kinds: Iterable[str], period: Period) -> dict[str, IntArray]:
    """What the units' own meters counted; UNKNOWN without a meter, or where it runs backwards."""
    found: dict[str, IntArray] = {}
    for kind in sorted(kinds):
        uses = load_uses(kind, period, units.tolist())
        rows = find_rows(uses.unit, units)
        good = (rows != UNKNOWN) & ~uses.marked(uses.backwards, rows)
        column = np.full(units.shape, UNKNOWN, dtype=np.int64)
        column[good] = uses.use[rows[good]]
        found[kind] = column
    return found


def _load_coefficients(
    units: IntArray, keys: Iterable[tuple[Key, str]], period: Period
) -> dict[str, IntArray]:
    """The coefficients in force on the last day of the period; UNKNOWN where a unit has none with the name."""
    found: dict[str, IntArray] = {}
    for name in sorted({key.name for key, _meter in keys if key.kind == "coefficient"}):
        rows = UnitCoefficient.objects.on(period.last_day).filter(name=name, unit__in=units.tolist())
        usual = {} if name else dict.fromkeys(units.tolist(), Decimal(USUAL_COEFFICIENT))
        values = usual | dict(rows.values_list("unit_id", "value"))
        scaled = (int(values[unit].scaleb(4)) if unit in values else UNKNOWN for unit in units.tolist())
        found[name] = np.fromiter(scaled, dtype=np.int64, count=units.size)
    return found


@dataclass(frozen=True)
class Measured:
    """What a pool comes to before its price: the main meter, those taken from it, and the balance of them all."""

    main: Counted
    less: list[Counted]
    without: list[Counted]
    common: list[Counted]
    balance: Balance
    missing: tuple[str, ...] = ()

    @property
    def runs_backwards(self) -> bool:
        """Whether a meter shows less than before, or the others together more than the main one."""
        meters = [self.main, *self.less, *self.without, *self.common]
        return any(meter.use < 0 for meter in meters) or self.balance.shared < 0

    def as_dict(self) -> dict[str, Any]:
        """Return what is frozen with the pool: the meters beside the main one, difference, loss and who bears it."""
        beside = {name: getattr(self, name) for name in ("less", "without", "common")}
        if not any(beside.values()):
            return {}
        meters = {name: [_counted(meter) for meter in found] for name, found in beside.items() if found}
        balance = self.balance
        return {
            **meters,
            "main": f"{balance.main:.4f}",
            "multiplier": f"{self.main.multiplier:.4f}",
            "difference": f"{balance.difference:.4f}",
            "loss": f"{balance.loss:.4f}",
            "borne": f"{balance.borne:.4f}",
            "rule": balance.loss_rule,
        }


def _counted(meter: Counted) -> dict[str, str]:
    return {
        "meter": meter.meter,
        "opening": f"{meter.opening:.4f}",
        "closing": f"{meter.closing:.4f}",
        "multiplier": f"{meter.multiplier:.4f}",
        "use": f"{meter.use:.4f}",
    }


def find_measured(community_id: int, pool: Pool, period: Period) -> Measured | None:
    """Return what the meters of a pool counted in a period, or None when its main meter has not two readings."""
    rule, named = pool.rule, _name_meters(community_id, pool)
    counted = _load_counted(
        community_id, [pool.meter, *(code for codes in named.values() for code in codes)], period
    )
    if pool.meter not in counted:
        return None
    groups = {name: [counted[code] for code in codes if code in counted] for name, codes in named.items()}
    balance = Balance(
        main=counted[pool.meter].use,
        less=total_use(groups["less"]),
        without=total_use(groups["without"]),
        common=total_use(groups["common"]) if rule.common else None,
        loss_rule=rule.loss,
    )
    missing = tuple(code for codes in named.values() for code in codes if code not in counted)
    return Measured(counted[pool.meter], **groups, balance=balance, missing=missing)


def _name_meters(community_id: int, pool: Pool) -> dict[str, list[str]]:
    """The meters each option names; ``less=*`` are all that hang on the main one and are not named otherwise."""
    rule = pool.rule
    named = {"less": list(rule.less), "without": list(rule.without), "common": list(rule.common)}
    if TREE in named["less"]:
        below = Meter.objects.filter(community_id=community_id, parent__code=pool.meter).order_by("code")
        others = {*named["without"], *named["common"]}
        named["less"] = [code for code in below.values_list("code", flat=True) if code not in others]
    return named


def _load_counted(community_id: int, codes: list[str], period: Period) -> dict[str, Counted]:
    params: dict[str, Any] = {
        "start": period.start,
        "end": period.end,
        "community": community_id,
        "codes": codes,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, params)
        return {row[0]: Counted(*row) for row in cursor.fetchall()}


def find_billed(community_id: int, meter_code: str, period: Period) -> Decimal | None:
    """Return what the supplier's bills of a period come to, or None when none has been recorded."""
    bills = SupplierBill.objects.filter(
        community_id=community_id,
        meter_code=meter_code,
        period_end__gt=period.start,
        period_end__lte=period.end,
    )
    total: Decimal | None = bills.aggregate(total=Sum("amount"))["total"]
    return total
