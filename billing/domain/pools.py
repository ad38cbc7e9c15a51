"""Shared utilities: a pool is rounded first and then shared to the fen, with its participants frozen (B4).

A pool has one or several keys (``billing.domain.pool_rules``). It is split between them first; each part is then a
pool of its own, with its own weights, and each sums to the fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np

from billing.domain.pieces import UnitFacts
from billing.domain.pool_rules import FINEST, FULL, SHARE, SIGNS, Condition, Key, PoolRule, parse_rule
from billing.domain.rates import clip_days, days_covered
from billing.domain.rounding import COIN_FEN, round_half_up
from billing.domain.scopes import Classes, Stretch, Tariff, resolve
from billing.domain.slab import (
    AREA_SCALE,
    PRICE_SCALE,
    SHARE_SCALE,
    UNKNOWN,
    Accounts,
    BoolArray,
    DueItem,
    IntArray,
    TextArray,
    first_rows,
)
from core.money import INT64_MAX, split_fen, split_fen_array
from core.periods import Period

ALL_DAYS = 10**4
"""The share of its days a unit counts with when nothing takes from it; a vacant one may count with less."""

FLOORLESS = -(2**15)
"""The floor of a unit whose floor nobody has written down."""

UNDATED = ("use", "fixed")
"""Keys that days and agreed weights change nothing about: what a meter counted, and a share fixed by itself."""

SCALES: Mapping[str, int] = {"household": 1, "fixed": 1}


@dataclass(frozen=True)
class Pool:
    """What the units of one scope share: what a community meter counted, or a supplier's bill.

    stretches: the versions of the pool in force in the period, in the order of days.
    """

    applies_to: str
    meter: str
    rule: PoolRule
    stretches: tuple[Stretch, ...]

    @property
    def last(self) -> Tariff:
        """The newest version; it sets the rounding."""
        return self.stretches[-1].tariff

    @property
    def coin_fen(self) -> int:
        """The coin the pool and its shares are rounded to, in fen."""
        return COIN_FEN[self.last.rounding]

    @property
    def rule_text(self) -> str:
        """What makes this pool another one than a second of the same scope and meter, as results remember it."""
        return ";".join([self.rule.key_text, *self.rule.options])

    def price(self, days: int) -> Fraction:
        """Σ price × days ÷ days of the period: yuan for one metered unit."""
        return sum((Fraction(s.tariff.price) * s.period.days / days for s in self.stretches), Fraction(0))

    def amount_coins(self, use: Fraction, days: int) -> int:
        """Return what the use costs, rounded half-up to whole coins: this is the sum that is shared."""
        return round_half_up(use * self.price(days) * 100 / self.coin_fen)

    def billed_coins(self, fen: int, days: int) -> int:
        """Return what of a supplier's bill falls on the days the pool is in force, rounded half-up to coins."""
        in_force = sum(stretch.period.days for stretch in self.stretches)
        return round_half_up(Fraction(fen * in_force, days * self.coin_fen))

    def split_coins(self, coins: int) -> list[int]:
        """Return the part of each key: they sum to the pool (largest remainder, the earlier key first)."""
        percents = [int(key.percent / FINEST) for key in self.rule.keys]
        return split_fen(coins, percents, [f"{place:04d}" for place in range(len(percents))])

    def has(self, tariff: Tariff) -> bool:
        """Whether a version is one of this pool's."""
        return any(stretch.tariff.id == tariff.id for stretch in self.stretches)


def list_pools(item: DueItem) -> list[Pool]:
    """Return the pools of a fee item: one for each scope, meter and way of sharing."""
    tariffs = [tariff for tariff in item.tariffs if tariff.method == "pool"]
    return [pool for name in sorted({_name(t) for t in tariffs}) if (pool := _pool(item, name))]


Name = tuple[str, str, bool, str, tuple[str, ...]]


def _name(tariff: Tariff) -> Name:
    return (tariff.applies_to, tariff.pool_meter, tariff.is_billed, tariff.pool_key, tariff.pool_rules)


def _pool(item: DueItem, name: Name) -> Pool | None:
    own = [t for t in item.tariffs if t.method == "pool" and _name(t) == name]
    stretches = resolve(own, (name[0],), item.period)
    if not stretches:
        return None
    last = stretches[-1].tariff
    rule = parse_rule(last.pool_key, last.pool_rules, last.agreement)
    return Pool(last.applies_to, last.pool_meter, rule, tuple(stretches))


@dataclass(frozen=True)
class PoolFacts:
    """What keys and conditions look at beside areas, in the order of the units' codes.

    floor: FLOORLESS where unknown; inner_area × 10⁴; words: code of unit, stair (``8-2``) and building, kind and
    state; uses: what the units' own meters of a kind counted × 10⁴; coefficients by name × 10⁴. UNKNOWN where a unit
    has none. meter_kinds: the kind of each pool's meter, by code.
    """

    floor: IntArray
    inner_area: IntArray
    words: Mapping[str, TextArray] = field(default_factory=dict)
    uses: Mapping[str, IntArray] = field(default_factory=dict)
    coefficients: Mapping[str, IntArray] = field(default_factory=dict)
    meter_kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Units:
    """All units of a community in the order of their codes, and the days of the period they had a payer for.

    days: 0 where nobody pays; such a unit keeps its full share, which waits until a payer is found. worth: those
    days × 10⁴, vacant ones by the share still due; None: none is vacant, or no pool asks. facts: None where no pool
    asks for more than areas.
    """

    id: IntArray
    area: IntArray
    days: IntArray
    worth: IntArray | None = None
    facts: PoolFacts | None = None


@dataclass(frozen=True)
class Weights:
    """How the units weigh by one key: ``base × times``, 0 for who has no part.

    base: area, use or coefficient × 10⁴, or 1; times: how much of it counts, for days, vacancy and agreed weights,
    where ``full`` is all of it; lacking: who would take part, had the register the figure that is asked for.
    """

    base: IntArray
    times: IntArray
    full: int
    base_scale: int
    lacking: BoolArray

    @property
    def weight(self) -> IntArray:
        """The weights."""
        return self.base * self.times

    @property
    def scale(self) -> int:
        """What a weight is divided by to be read in m², units of use or households."""
        return self.base_scale * self.full


def weigh_units(pool: Pool, item: DueItem, units: Units, classes: Classes) -> list[Weights]:
    """Return the weights of all units in the pool, for each of its keys.

    Vacant and unsold units take part like all others, unless the rule lets vacant ones weigh by the share still due.
    Units with a payer, or under the pool, for only some days weigh by days; the rule may let a payer's days be.
    """
    under = days_under(pool, item, classes)
    counted = _count_days(pool.rule, under, item.period.days, units)
    meets, agreed = _judge(pool.rule.conditions, units)
    fixed = _named(units, [key.name for key in pool.rule.keys if key.kind == "fixed"])
    found = []
    for key in pool.rule.keys:
        figures = _figures(key, units, pool.meter)
        among = (under > 0) & (_named(units, [key.name]) if key.kind == "fixed" else meets & ~fixed)
        times = np.ones_like(counted) if key.kind in UNDATED else counted * agreed
        found.append(_weights(figures, np.where(among, times, 0), SCALES.get(key.kind, AREA_SCALE)))
    return found


def days_under(pool: Pool, item: DueItem, classes: Classes) -> IntArray:
    """Return for each unit on how many days of the period this pool's versions are the ones that charge it."""
    by_class = [
        sum(s.period.days for s in resolve(item.tariffs, scopes, item.period) if pool.has(s.tariff))
        for scopes in classes.scopes
    ]
    return np.array(by_class, dtype=np.int64)[classes.of_unit]


def _count_days(rule: PoolRule, under: IntArray, of: int, units: Units) -> IntArray:
    """The days × 10⁴ that count: those under the pool with a payer, less what vacancy takes from them."""
    days = np.where((units.days == 0) | (rule.moves == FULL), of, units.days)
    if units.worth is None or rule.vacancy != SHARE:
        return np.minimum(under, days) * ALL_DAYS
    worth = days * ALL_DAYS - (units.days * ALL_DAYS - units.worth)
    return np.where(under < days, worth * under // days, worth)


def _weights(figures: IntArray, times: IntArray, base_scale: int) -> Weights:
    """Weights from figures and what of them counts, in the smallest whole numbers."""
    takes_part = (figures > 0) & (times > 0)
    counted = times[takes_part]
    step = int(np.gcd.reduce(counted)) if counted.size else 1
    return Weights(
        base=np.where(takes_part, figures, 0),
        times=np.where(takes_part, times // step, 0),
        full=int(counted.max(initial=step)) // step,
        base_scale=base_scale,
        lacking=(figures == UNKNOWN) & (times > 0),
    )


def _figures(key: Key, units: Units, meter: str) -> IntArray:
    """What each unit has of a key, UNKNOWN where the register does not say."""
    if key.kind == "area":
        return units.area
    if key.kind in ("household", "fixed"):
        return np.ones_like(units.id)
    facts, nothing = units.facts, np.full_like(units.id, UNKNOWN)
    if facts is None:
        return nothing
    if key.kind == "inner_area":
        return facts.inner_area
    if key.kind == "coefficient":
        return facts.coefficients.get(key.name, nothing)
    return facts.uses.get(key.name or facts.meter_kinds.get(meter, ""), nothing)


def _judge(conditions: tuple[Condition, ...], units: Units) -> tuple[BoolArray, IntArray]:
    """Return who meets all conditions, and the agreed weight of each unit as a whole number."""
    meets, agreed = np.ones(units.id.shape, dtype=bool), np.ones_like(units.id)
    whole = lcm(*(c.weight.denominator for c in conditions if c.weight is not None))
    for condition in conditions:
        holds = _holds(condition, units)
        if condition.weight is None:
            meets &= holds
        else:
            agreed = agreed * np.where(holds, int(condition.weight * whole), whole)
    return meets, agreed


def _holds(condition: Condition, units: Units) -> BoolArray:
    if units.facts is None:
        return np.zeros(units.id.shape, dtype=bool)
    if condition.fact != "floor":
        is_one: BoolArray = np.isin(
            units.facts.words[condition.fact], np.array(condition.values, dtype=object)
        )
        return is_one if condition.sign == "=" else ~is_one
    floor, values = units.facts.floor, [int(value) for value in condition.values]
    if condition.sign in ("=", "!="):
        return (floor != FLOORLESS) & (np.isin(floor, values) == (condition.sign == "="))
    return (floor != FLOORLESS) & SIGNS[condition.sign](floor, values[0])  # type: ignore[arg-type]


def _named(units: Units, codes: list[str]) -> BoolArray:
    if not codes or units.facts is None:
        return np.zeros(units.id.shape, dtype=bool)
    return np.isin(units.facts.words["unit"], np.array(codes, dtype=object))


def needs_facts(pool: Pool) -> bool:
    """Whether a pool asks for more than areas and days."""
    return bool(pool.rule.conditions) or any(key.kind not in ("area", "household") for key in pool.rule.keys)


def share_coins(amount: int, weights: IntArray) -> IntArray:
    """Return each participant's whole coins; they sum to the amount (largest remainder, ties by unit code).

    The weights stand in the order of unit codes. Raises MoneyError when nobody has a weight.
    """
    return split_fen_array(amount, weights, np.arange(weights.size, dtype=np.int64))


def floor_coins(amount: int, weights: IntArray) -> IntArray:
    """Return each share rounded down, before the coins left over are given out."""
    whole = int(weights.sum())
    kind = np.int64 if amount * int(weights.max(initial=0)) <= INT64_MAX else object
    floors: IntArray = (weights.astype(kind) * amount // whole).astype(np.int64)
    return floors


def days_with_payer(units: IntArray, account_units: IntArray, days: IntArray) -> IntArray:
    """Return for each unit the days its accounts cover in the period; account rows stand unit by unit."""
    if not account_units.size:
        return np.zeros_like(units)
    first = first_rows(account_units)
    owners, sums = account_units[first], days_covered(account_units, days)[first]
    order = np.argsort(owners)
    at = np.searchsorted(owners, units, sorter=order).clip(max=owners.size - 1)
    covered: IntArray = np.where(owners[order[at]] == units, sums[order[at]], 0)
    return covered


def count_worth(
    units: IntArray, days: IntArray, accounts: Accounts, period: Period, vacancies: UnitFacts
) -> IntArray:
    """Return the days with a payer × 10⁴ of each unit, vacant ones by the share still due.

    days: those of the period with a payer, as `days_with_payer` counts them. Facts that are no shares say nothing here.
    """
    touched = np.isin(accounts.unit, vacancies.unit)
    of_unit, origin = accounts.unit[touched], period.start.toordinal()
    first, end = clip_days(accounts.take(np.flatnonzero(touched)), period)
    worth: IntArray = days * ALL_DAYS
    for unit, start, until, share in _list_shares(vacancies):
        rows = of_unit == unit
        vacant = np.minimum(end[rows], until - origin) - np.maximum(first[rows], start - origin)
        worth[units == unit] -= int(vacant.clip(min=0).sum()) * (SHARE_SCALE - share)
    return worth


def _list_shares(facts: UnitFacts) -> Iterator[tuple[int, int, int, int]]:
    rows = zip(
        facts.unit.tolist(), facts.start.tolist(), facts.end.tolist(), facts.share.tolist(), strict=True
    )
    yield from (row for row in rows if row[3] != UNKNOWN)


def price_shown(pool: Pool, days: int) -> int:
    """The pool's price × 10⁶; the average by days when it changed inside the period."""
    return round_half_up(pool.price(days) * PRICE_SCALE)
