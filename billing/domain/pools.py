"""Shared utilities: a pool is rounded first and then shared to the fen, with its participants frozen (B4)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from billing.domain.rates import days_covered
from billing.domain.rounding import COIN_FEN, round_half_up
from billing.domain.scopes import Classes, Stretch, Tariff, resolve
from billing.domain.slab import PRICE_SCALE, UNKNOWN, DueItem, IntArray, first_rows
from core.money import INT64_MAX, split_fen_array


@dataclass(frozen=True)
class Pool:
    """One community meter whose cost the units of one scope share; ``key``: area or household.

    stretches: the versions of the pool in force in the period, in the order of days.
    """

    applies_to: str
    meter: str
    key: str
    stretches: tuple[Stretch, ...]

    @property
    def last(self) -> Tariff:
        """The newest version; it sets the rounding."""
        return self.stretches[-1].tariff

    @property
    def coin_fen(self) -> int:
        """The coin the pool and its shares are rounded to, in fen."""
        return COIN_FEN[self.last.rounding]

    def price(self, days: int) -> Fraction:
        """Σ price × days ÷ days of the period: yuan for one metered unit."""
        return sum((Fraction(s.tariff.price) * s.period.days / days for s in self.stretches), Fraction(0))

    def amount_coins(self, use: Fraction, days: int) -> int:
        """Return what the use costs, rounded half-up to whole coins: this is the sum that is shared."""
        return round_half_up(use * self.price(days) * 100 / self.coin_fen)

    def has(self, tariff: Tariff) -> bool:
        """Whether a version is one of this pool's."""
        return any(stretch.tariff.id == tariff.id for stretch in self.stretches)


def list_pools(item: DueItem) -> list[Pool]:
    """Return the pools of a fee item: one for each scope, meter and key."""
    tariffs = [tariff for tariff in item.tariffs if tariff.method == "pool"]
    names = sorted({(t.applies_to, t.pool_meter, t.pool_key) for t in tariffs})
    return [pool for name in names if (pool := _pool(item, name))]


def _pool(item: DueItem, name: tuple[str, str, str]) -> Pool | None:
    own = [t for t in item.tariffs if t.method == "pool" and (t.applies_to, t.pool_meter, t.pool_key) == name]
    stretches = resolve(own, (name[0],), item.period)
    return Pool(*name, tuple(stretches)) if stretches else None


@dataclass(frozen=True)
class Units:
    """All units of a community in the order of their codes, and the days of the period they had a payer for.

    days: 0 where nobody pays; such a unit keeps its full share, which waits until a payer is found.
    """

    id: IntArray
    area: IntArray
    days: IntArray


def weigh_units(pool: Pool, item: DueItem, units: Units, classes: Classes) -> IntArray:
    """Return the weight of each unit in the pool: area × 10⁴ or 1 a household, and 0 for who has no part in it.

    Vacant and unsold units take part like all others. Units with a payer, or under the pool, for only some days
    weigh by days; then all weights are multiplied by days.
    """
    by_class = [
        sum(s.period.days for s in resolve(item.tariffs, scopes, item.period) if pool.has(s.tariff))
        for scopes in classes.scopes
    ]
    under = np.array(by_class, dtype=np.int64)[classes.of_unit]
    days = np.minimum(under, np.where(units.days == 0, item.period.days, units.days))
    base = np.where(units.area == UNKNOWN, 0, units.area) if pool.key == "area" else np.ones_like(units.id)
    taking_part = days[(days > 0) & (base > 0)]
    alike = not taking_part.size or taking_part.min() == taking_part.max()
    return base * (days > 0) if alike else base * days


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


def price_shown(pool: Pool, days: int) -> int:
    """The pool's price × 10⁶; the average by days when it changed inside the period."""
    return round_half_up(pool.price(days) * PRICE_SCALE)
