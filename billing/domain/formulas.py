"""The formulas: what accounts are charged for one fee item by one method, for all of them at once.

Each says what it multiplies (area, one household, use, the value of slabs, a share of a pool) and by which exact
ratios; ``billing.domain.methods`` names them all. What is the same for all, rounding once and sharing between
payers, is in ``billing.domain.charges``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from billing.domain.metered import SLAB_SCALE, slab_days
from billing.domain.rates import Rate, days_covered
from billing.domain.rounding import COIN_FEN, round_half_up
from billing.domain.slab import (
    AREA_SCALE,
    UNKNOWN,
    DueItem,
    Finding,
    IntArray,
    MeterUses,
    Plan,
    PoolShares,
    Slab,
    first_rows,
)
from core.bulk import render_scaled

DAYS_WIDTH = 1000


@dataclass(frozen=True)
class Base:
    """What a formula works on: plan, slab and item, and the charged accounts, each with its rate.

    at: rows in the slab's accounts, rising; which: the index of each one's rate.
    """

    plan: Plan
    slab: Slab
    item: DueItem
    rates: list[Rate]
    at: IntArray
    which: IntArray

    @property
    def units(self) -> IntArray:
        """The unit of each charged account."""
        return self.slab.accounts.unit[self.at]

    def keep(self, rows: IntArray) -> Base:
        """Return the base with these of its accounts only."""
        return replace(self, at=self.at[rows], which=self.which[rows])

    def find(self, code: str, rows: IntArray, *, blocks: bool) -> list[Finding]:
        """Return one finding about the units of these accounts, or none when there are none."""
        units = self.units[rows]
        units = units[first_rows(units)]
        return [Finding(code, self.item.code, units, blocks)] if units.size else []


@dataclass(frozen=True)
class Terms:
    """What accounts with one rate have in common.

    ratio: exact coins for one of the quantity; price: × 10⁶ as the line shows it, or UNKNOWN; tail: the JSON that
    ends the inputs.
    """

    ratio: Fraction
    coin_fen: int
    price: int
    tail: str


@dataclass(frozen=True)
class Charge:
    """Amounts still exact: ``quantities[i] × terms[term[i]].ratio`` coins for the base's account i.

    shown: the quantity × 10⁴ as the line shows it; heads: the JSON that begins each line's inputs.
    """

    base: Base
    quantities: IntArray
    terms: list[Terms]
    term: IntArray
    shown: IntArray
    heads: list[str]


Outcome = tuple[list[Charge], list[Finding]]


def charge_area(base: Base) -> Outcome:
    """Area × Σ price × months. A unit without an area is parked."""
    known = base.slab.accounts.area[base.at] != UNKNOWN
    found = base.find("no_area", np.flatnonzero(~known), blocks=True)
    base = base.keep(np.flatnonzero(known))
    area = base.slab.accounts.area[base.at]
    terms = [
        Terms(r.yuan_by_months * 100 / (AREA_SCALE * r.coin_fen), r.coin_fen, r.price_shown, r.month_parts())
        for r in base.rates
    ]
    heads = [f'"area": "{text}", ' for text in render_scaled(area, 4)]
    return [Charge(base, area, terms, base.which, area, heads)], found


def charge_fixed(base: Base) -> Outcome:
    """Σ price × months."""
    months = np.array([round_half_up(rate.months * AREA_SCALE) for rate in base.rates], dtype=np.int64)
    terms = [
        Terms(r.yuan_by_months * 100 / r.coin_fen, r.coin_fen, r.price_shown, r.month_parts())
        for r in base.rates
    ]
    one, heads = np.ones_like(base.at), [""] * base.at.size
    return [Charge(base, one, terms, base.which, months[base.which], heads)], []


def charge_meter(base: Base) -> Outcome:
    """Use × Σ price × days ÷ days of the unit: a meter's use is always charged whole, to whoever pays."""
    terms = [
        Terms(r.yuan_by_days * 100 / (AREA_SCALE * r.coin_fen), r.coin_fen, r.price_shown, r.day_parts())
        for r in base.rates
    ]
    parts = list(list_metered(base))
    charges = [Charge(p.base, p.use, terms, p.base.which, p.use, p.heads()) for p in parts]
    return charges, [finding for part in parts for finding in part.findings]


def charge_tiers(base: Base) -> Outcome:
    """Each slab of the use at its own price, by days where the slabs change inside the period."""
    terms = [
        Terms(Fraction(100, SLAB_SCALE * r.coin_fen * r.of_days), r.coin_fen, UNKNOWN, r.tier_parts())
        for r in base.rates
    ]
    parts = list(list_metered(base))
    charges = [
        Charge(p.base, slab_days(p.use, base.rates, p.base.which), terms, p.base.which, p.use, p.heads())
        for p in parts
    ]
    return charges, [finding for part in parts for finding in part.findings]


def charge_pool(base: Base) -> Outcome:
    """The unit's share of each frozen pool, by days where the payer changed."""
    return [_charge_share(base, pool) for pool in base.plan.pools.get(base.item.id, ())], []


def _charge_share(base: Base, pool: PoolShares) -> Charge:
    rows = find_rows(pool.unit, base.units)
    base, rows = base.keep(np.flatnonzero(rows != UNKNOWN)), rows[rows != UNKNOWN]
    own = np.array([rate.own_days for rate in base.rates], dtype=np.int64)[base.which]
    pairs, term = np.unique(own * DAYS_WIDTH + days_covered(base.units, own), return_inverse=True)
    terms = [
        Terms(Fraction(*divmod(pair, DAYS_WIDTH)), COIN_FEN[pool.rounding], UNKNOWN, pool.facts)
        for pair in pairs.tolist()
    ]
    shown = base.slab.accounts.area[base.at] if pool.by_area else np.full_like(base.at, AREA_SCALE)
    return Charge(base, pool.share_coins[rows], terms, term, shown, pool.heads(rows))


@dataclass(frozen=True)
class Metered:
    """Accounts whose unit has a use to be charged, that use, and what is to be said of the others."""

    base: Base
    uses: MeterUses
    rows: IntArray
    findings: list[Finding]

    @property
    def use(self) -> IntArray:
        """What each account's unit used, × 10⁴."""
        return self.uses.use[self.rows]

    def heads(self) -> list[str]:
        """The first part of the inputs: the meters and their sum."""
        texts = zip(self.uses.text[self.rows].tolist(), render_scaled(self.use, 4), strict=True)
        return [f'"meters": [{meters}], "use": "{use}", ' for meters, use in texts]


def list_metered(base: Base) -> Iterator[Metered]:
    """Yield the accounts for each kind of meter the tariffs name.

    A meter that runs backwards parks its unit; a unit without a meter, or whose meter has only just been opened, is
    a remark and is not charged. So is a remark that a meter was not read: the unit is charged what the readings tell.
    """
    kinds = np.array([rate.last.tariff.meter_kind for rate in base.rates], dtype=object)
    for kind in sorted(set(kinds[base.which])):
        part = base.keep(np.flatnonzero(kinds[base.which] == kind))
        uses = base.slab.uses[kind, base.item.period]
        rows = find_rows(uses.unit, part.units)
        known = rows != UNKNOWN
        backwards, opened = uses.marked(uses.backwards, rows), uses.marked(uses.opened, rows)
        good = np.flatnonzero(known & ~backwards & ~opened)
        findings = [
            *part.find("no_meter", np.flatnonzero(~known), blocks=False),
            *part.find("meter_opened", np.flatnonzero(opened & ~backwards), blocks=False),
            *part.find(
                "meter_unread", np.flatnonzero(uses.marked(uses.unread, rows) & ~backwards), blocks=False
            ),
            *part.find("meter_backwards", np.flatnonzero(backwards), blocks=True),
        ]
        yield Metered(part.keep(good), uses, rows[good], findings)


def find_rows(ids: IntArray, wanted: IntArray) -> IntArray:
    """Return the row of each wanted id among the rising ids, or UNKNOWN."""
    if not ids.size:
        return np.full(wanted.shape, UNKNOWN, dtype=np.int64)
    rows = np.searchsorted(ids, wanted).clip(max=ids.size - 1)
    found: IntArray = np.where(ids[rows] == wanted, rows, UNKNOWN)
    return found
