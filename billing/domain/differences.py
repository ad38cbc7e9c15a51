"""Why a run comes to another sum than the run before: every difference cut into causes, to the fen.

What one unit pays for one fee item in one way is a *strand*. Where a strand costs something else than before, its
figures are exchanged for the new ones in a fixed order, and what the amount moves by at each exchange is that cause's
share of the difference (``billing.domain.measures`` has the order).

The amount after each exchange is worked out exactly and rounded half-up to the fen, so the steps add up to the
difference between the rounded ends; what the lines themselves have beyond that (coins of a jiao, the odd fen
between payers) is ``rounding``. A strand that begins or ends is one cause as a whole: ``state`` where the unit itself
came or went, ``method`` where the fee item is worked out in another way now, ``item`` where it was not charged at all.
Where one of the figures was nothing, the rest of the way is that figure's. ``other`` is what its line does not explain.

Units are compared, not accounts: a change of payer that leaves the unit's sum as it was is no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from billing.domain.exact import ExactArray, as_exact, divide_half_up, kind_for, multiply, sum_groups
from billing.domain.formula_differences import Formula, list_moves
from billing.domain.measures import OWN, SHOWN, Measure, Slabs, Terms
from billing.domain.metered import slab_value
from billing.domain.slab import AREA_SCALE, PRICE_SCALE, UNKNOWN, IntArray

CAUSES = (
    "price",
    "area",
    "days",
    "use",
    "pool",
    "participants",
    "state",
    "method",
    "item",
    "rounding",
    "other",
)
"""The causes in the order they are told."""

BEFORE, NOW = 0, 1
ITEM_BITS = 24
ONE = as_exact([1])


@dataclass(frozen=True)
class Facts:
    """Lines of two runs in parallel columns.

    side: BEFORE or NOW; terms: index into the list of Terms; own: area × 10⁴, use × 10⁴ or weight, as the method
    multiplies; shown: the quantity × 10⁴ on the line; portion: index into ``portions``, the part of the unit's amount
    that is this payer's.
    """

    side: IntArray
    unit: IntArray
    item: IntArray
    fen: IntArray
    terms: IntArray
    own: IntArray
    shown: IntArray
    portion: IntArray
    portions: Sequence[Fraction] = (Fraction(1),)

    @property
    def signed_fen(self) -> IntArray:
        """What each line adds to the difference."""
        return np.where(self.side == NOW, self.fen, -self.fen)

    @property
    def strands(self) -> IntArray:
        """One number for unit and fee item."""
        return self.unit << ITEM_BITS | self.item

    @property
    def keys(self) -> IntArray:
        """One number for side, unit and fee item."""
        return self.strands << 1 | self.side

    @property
    def mirrored(self) -> IntArray:
        """The key each line's counterpart has on the other side."""
        return self.keys ^ 1

    def take(self, rows: IntArray) -> Facts:
        """Return these lines."""
        columns = ("side", "unit", "item", "fen", "terms", "own", "shown", "portion")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})


@dataclass(frozen=True)
class CauseSum:
    """What one cause comes to: how many units it moved, and by how much together, in fen."""

    accounts: int
    fen: int


@dataclass(frozen=True)
class Differences:
    """Every unit of either run: what it was billed, and what moved it, n_units × n_causes in fen."""

    unit: IntArray
    before_fen: IntArray
    now_fen: IntArray
    moved_fen: IntArray

    @property
    def fen(self) -> int:
        """The whole difference; all causes together."""
        return int(self.now_fen.sum() - self.before_fen.sum())

    def by_cause(self) -> dict[str, CauseSum]:
        """The causes that moved anything, in the order they are told."""
        counts, sums = np.count_nonzero(self.moved_fen, axis=0), self.moved_fen.sum(axis=0)
        figures = zip(CAUSES, counts.tolist(), sums.tolist(), strict=True)
        return {cause: CauseSum(count, fen) for cause, count, fen in figures if count}

    def rank(self, count: int) -> list[int]:
        """The rows of the units whose sum changed most for its size, at most so many; who was not there before last."""
        change = np.abs(self.now_fen - self.before_fen)
        permille = change * 1000 // np.maximum(self.before_fen, 1)
        there = (self.before_fen > 0) & (self.now_fen > 0)
        order = np.lexsort((self.unit, -change, -permille, ~there))
        return [row for row in order[: count + 1].tolist() if change[row]][:count]

    def causes_of(self, row: int) -> list[tuple[str, int]]:
        """What moved one unit, the largest first, in fen."""
        moved = zip(CAUSES, self.moved_fen[row].tolist(), strict=True)
        return sorted(((cause, fen) for cause, fen in moved if fen), key=lambda pair: -abs(pair[1]))


# Strands, side by side -------------------------------------------------------------------------------------

Booked = tuple[str, IntArray, IntArray]
"""A cause, units, and what it moved each of them by, in fen."""


def compare_lines(facts: Facts, terms: Sequence[Terms], units: IntArray, billed_fen: IntArray) -> Differences:
    """Return the differences of all units by cause.

    ``facts``: the lines of every unit and fee item whose sum differs; others need not be there. ``units``: all units
    with lines in either run, rising; ``billed_fen``: n_units × 2, what each was billed before and now; UNKNOWN where
    it has no lines in that run.
    """
    moved = np.zeros((units.size, len(CAUSES)), dtype=np.int64)
    stays = (billed_fen != UNKNOWN).all(axis=1)[np.searchsorted(units, facts.unit)]
    came_or_went = facts.take(np.flatnonzero(~stays))
    booked = [("state", came_or_went.unit, came_or_went.signed_fen)]
    for cause, of_units, fen in [*booked, *_compare_strands(facts.take(np.flatnonzero(stays)), terms)]:
        np.add.at(moved[:, CAUSES.index(cause)], np.searchsorted(units, of_units), fen)
    sums = np.where(billed_fen == UNKNOWN, 0, billed_fen)
    return Differences(units, sums[:, BEFORE], sums[:, NOW], moved)


def _compare_strands(facts: Facts, terms: Sequence[Terms]) -> Iterator[Booked]:
    """Take the lines of one way after the other: those with a counterpart figure by figure, the others whole."""
    ways = sorted({entry.way for entry in terms})
    way_of = np.array([ways.index(entry.way) for entry in terms], dtype=np.int64)[facts.terms]
    for number in range(len(ways)):
        own, elsewhere = (
            facts.take(np.flatnonzero(way_of == number)),
            facts.take(np.flatnonzero(way_of != number)),
        )
        paired = np.isin(own.mirrored, own.keys)
        yield from _begun_or_ended(own.take(np.flatnonzero(~paired)), elsewhere)
        shared = np.isin(own.strands, own.strands[own.portion > 0])
        for rows in (paired & ~shared, paired & shared):  # apart: fractions of shares make long figures
            if rows.any():
                yield from pair_up(own.take(np.flatnonzero(rows)), terms).causes()


def _begun_or_ended(facts: Facts, elsewhere: Facts) -> Iterator[Booked]:
    """Lines without a counterpart: worked out in another way when the fee item is on the other side all the same."""
    other_way = np.isin(facts.mirrored, elsewhere.keys)
    for cause, rows in (("method", other_way), ("item", ~other_way)):
        yield cause, facts.unit[rows], facts.signed_fen[rows]


@dataclass(frozen=True)
class Strands:
    """Lines of one way that all have a counterpart; ``strand`` is the row of each line in ``unit``.

    Exact figures are × ``scale``, which makes all their ratios whole.
    """

    facts: Facts
    terms: list[Terms]
    strand: IntArray
    unit: IntArray
    scale: int

    def causes(self) -> Iterator[Booked]:
        """Exchange the figures one by one; what is left against the lines is rounding, unless it is too much for it."""
        left = self._sum(self.facts.signed_fen)
        for cause, fen in self._moves():
            yield cause, self.unit, fen
            left = left - fen
        coins = np.array([entry.coin_fen for entry in self.terms], dtype=np.int64)
        small = (np.abs(left) <= self._sum(coins[self.facts.terms])) & self.terms[0].are_known
        for cause, rows in (("rounding", small), ("other", ~small)):
            yield cause, self.unit[rows], left[rows]

    def _moves(self) -> Iterator[tuple[str, IntArray]]:
        """What each exchange moves every strand by; nothing where lines remember nothing."""
        if self.terms[0].parts:
            yield from self._formula_moves()
        elif self.terms[0].measures:
            amount, end = (self._to_fen(self._total(-1, side)) for side in (BEFORE, NOW))
            for cause, exchanged in [*self._exchanges(end), (self.terms[0].measures[-1].cause, end)]:
                yield cause, exchanged - amount
                amount = exchanged

    def _formula_moves(self) -> Iterator[tuple[str, IntArray]]:
        """The same of formulae, which are no products of figures: strand by strand."""
        lines: dict[tuple[int, int], list[Formula]] = defaultdict(list)
        columns = (self.strand, self.facts.side, self.facts.terms, self.facts.own)
        for strand, side, number, own in zip(*(column.tolist() for column in columns), strict=True):
            terms = self.terms[number]
            lines[strand, side].append(
                Formula(terms.parts, {"use": Fraction(own, AREA_SCALE), **terms.values})
            )
        moved: dict[str, IntArray] = defaultdict(lambda: np.zeros_like(self.unit))
        for strand in range(self.unit.size):
            for cause, fen in list_moves(lines[strand, BEFORE], lines[strand, NOW]):
                moved[cause][strand] = fen
        yield from moved.items()

    def _exchanges(self, end: IntArray) -> Iterator[tuple[str, IntArray]]:
        """The amount after each exchange but the last; ``end`` where a figure was nothing before."""
        *figures, amount = self.terms[0].measures
        was = now = np.ones_like(self.unit)
        total = self._total(-1, BEFORE)
        for number, figure in enumerate(figures):
            was, now = self._total(number, BEFORE), self._total(number, NOW)
            yield figure.cause, self._exchange(total, was, now, end)
        if amount.slabs:
            use_now = self._total(-1, BEFORE, own=self._own_of(NOW))
            yield "use", self._exchange(use_now, was, now, end)

    def _exchange(self, total: ExactArray, was: ExactArray, now: ExactArray, end: IntArray) -> IntArray:
        known = was != 0
        fen = np.where(known, self._to_fen(total), end)
        moved = np.flatnonzero(known & (was != now))  # most figures of most strands stay as they are
        fen[moved] = self._to_fen(multiply(total[moved], now[moved]), was[moved])
        return fen

    def _to_fen(self, exact: ExactArray, divisor: ExactArray = ONE) -> IntArray:
        """Divide and return whole fen, rounded half-up."""
        return divide_half_up(exact, multiply(divisor, as_exact([self.scale])))

    def _own_of(self, side: int) -> IntArray:
        """For each line the quantity its strand had on a side; all payers of a unit remember the same use."""
        own, of_side = np.zeros_like(self.unit), self.facts.side == side
        own[self.strand[of_side]] = self.facts.own[of_side]
        return own[self.strand]

    def _total(self, number: int, side: int, own: IntArray | None = None) -> ExactArray:
        """A measure of all strands on one side, × ``scale``."""
        rows = np.flatnonzero(self.facts.side == side)
        facts = self.facts.take(rows)
        column = self._measure(number, facts if own is None else replace(facts, own=own[rows]))
        if list(facts.portions) != [Fraction(1)]:
            column = multiply(column, self._scaled(facts.portions)[facts.portion]) // self.scale
        return sum_groups(self.strand[rows], column, self.unit.size)

    def _measure(self, number: int, facts: Facts) -> ExactArray:
        measures = [entry.measures[number] for entry in self.terms]
        if measures[0].slabs:
            return self._slabs(measures, facts)
        quantity = {OWN: facts.own, SHOWN: facts.shown}.get(measures[0].of, np.ones_like(facts.own))
        return multiply(self._scaled([measure.per_one for measure in measures])[facts.terms], quantity)

    def _slabs(self, measures: Sequence[Measure], facts: Facts) -> ExactArray:
        rows, amounts = [], []
        for number in np.unique(facts.terms).tolist():
            own = np.flatnonzero(facts.terms == number)
            for slab in measures[number].slabs:
                rows.append(own)
                amounts.append(multiply(_cost(facts.own[own], slab), self._scaled([slab.per_one])))
        return sum_groups(np.concatenate(rows), np.concatenate(amounts), facts.own.size)

    def _scaled(self, ratios: Sequence[Fraction]) -> ExactArray:
        return as_exact([int(ratio * self.scale) for ratio in ratios])

    def _sum(self, fen: IntArray) -> IntArray:
        sums = np.zeros_like(self.unit)
        np.add.at(sums, self.strand, fen)
        return sums


def _cost(use: IntArray, slab: Slabs) -> ExactArray:
    """What the use costs by its slabs, in yuan × 10¹⁰."""
    dearest = max(int(tier.price * PRICE_SCALE) for tier in slab.tiers)
    return slab_value(use.astype(kind_for(int(use.max(initial=0)) * dearest)), slab.tiers)


def pair_up(facts: Facts, terms: Sequence[Terms]) -> Strands:
    """Return the lines, all of one way and each with a counterpart, as strands."""
    used, which = np.unique(facts.terms, return_inverse=True)
    parts, part = np.unique(facts.portion, return_inverse=True)
    own = [terms[number] for number in used.tolist()]
    portions = [facts.portions[number] for number in parts.tolist()]
    pairs, strand = np.unique(facts.strands, return_inverse=True)
    ratios = [measure.denominator for entry in own for measure in entry.measures]
    scale = lcm(1, *ratios) * lcm(*(portion.denominator for portion in portions))
    lines = replace(facts, terms=which, portion=part, portions=portions)
    return Strands(lines, own, strand, pairs >> ITEM_BITS, scale)
