"""Why a run comes to another sum than the run before: every difference cut into causes, to the fen.

What one unit pays for one fee item in one way is a *strand*. Where a strand costs something else than before, its
figures are exchanged for the new ones in a fixed order, and what the amount moves by at each exchange is that cause's
share of the difference (``billing.domain.measures`` has the order).

The amount after each exchange is worked out with Python's integers and rounded half-up to the fen, so the steps add up
to the difference between the rounded ends; what the lines themselves have beyond that (coins of a jiao, the odd fen
between payers) is ``rounding``. A strand that begins or ends is one cause as a whole: ``state`` where the unit itself
came or went, ``method`` where the fee item is worked out in another way now, ``item`` where it was not charged at all.
Where one of the figures was nothing, the rest of the way is that figure's. ``other`` is what its line does not explain.

Units are compared, not accounts: a change of payer that leaves the unit's sum as it was is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt

from billing.domain.measures import OWN, SHOWN, Measure, Terms
from billing.domain.metered import slab_value
from billing.domain.slab import UNKNOWN, IntArray

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

ExactArray = npt.NDArray[np.object_]
"""Python's integers: exact, however large."""


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
    def keys(self) -> IntArray:
        """One number for side, unit and fee item."""
        return (self.unit << 24 | self.item) << 1 | self.side

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
        if paired.any():
            yield from pair_up(own.take(np.flatnonzero(paired)), terms).causes()


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
        if self.terms[0].measures:
            start, end = (self._to_fen(self._total(-1, side), 1) for side in (BEFORE, NOW))
            amount = start
            for cause, exchanged in [*self._exchanges(end), (self.terms[0].measures[-1].cause, end)]:
                yield cause, self.unit, exchanged - amount
                amount = exchanged
            left = left - (end - start)
        coins = np.array([entry.coin_fen for entry in self.terms], dtype=np.int64)
        small = (np.abs(left) <= self._sum(coins[self.facts.terms])) & bool(self.terms[0].measures)
        for cause, rows in (("rounding", small), ("other", ~small)):
            yield cause, self.unit[rows], left[rows]

    def _exchanges(self, end: IntArray) -> Iterator[tuple[str, IntArray]]:
        """The amount after each exchange but the last; ``end`` where a figure was nothing before."""
        *figures, amount = self.terms[0].measures
        was, now = np.array(1, dtype=object), np.array(1, dtype=object)
        total = self._total(-1, BEFORE)
        for number, figure in enumerate(figures):
            was, now = self._total(number, BEFORE), self._total(number, NOW)
            yield figure.cause, self._exchange(total, was, now, end)
        if amount.slabs:
            use_now = self._total(-1, BEFORE, own=self._own_of(NOW))
            yield "use", self._exchange(use_now, was, now, end)

    def _exchange(self, total: ExactArray, was: ExactArray, now: ExactArray, end: IntArray) -> IntArray:
        known = was != 0
        return np.where(known, self._to_fen(total * now, np.where(known, was, 1)), end)

    def _to_fen(self, exact: ExactArray, divisor: ExactArray | int) -> IntArray:
        """Divide, round half-up, and return whole fen."""
        whole = divisor * self.scale
        fen: IntArray = ((exact * 2 + whole) // (whole * 2)).astype(np.int64)
        return fen

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
        portions = np.array([int(portion * self.scale) for portion in facts.portions], dtype=object)
        totals = np.zeros(self.unit.shape, dtype=object)
        np.add.at(totals, self.strand[rows], column * portions[facts.portion] // self.scale)
        return totals

    def _measure(self, number: int, facts: Facts) -> ExactArray:
        measures = [entry.measures[number] for entry in self.terms]
        if measures[0].slabs:
            return self._slabs(measures, facts)
        per_one = np.array([int(measure.per_one * self.scale) for measure in measures], dtype=object)
        quantity = {OWN: facts.own, SHOWN: facts.shown}.get(measures[0].of, np.ones_like(facts.own))
        exact: ExactArray = quantity.astype(object)
        return per_one[facts.terms] * exact

    def _slabs(self, measures: Sequence[Measure], facts: Facts) -> ExactArray:
        amounts = np.zeros(facts.own.shape, dtype=object)
        for number in np.unique(facts.terms).tolist():
            rows = np.flatnonzero(facts.terms == number)
            for slab in measures[number].slabs:
                value = slab_value(facts.own[rows].astype(object), slab.tiers).astype(object)
                amounts[rows] += value * int(slab.per_one * self.scale)
        return amounts

    def _sum(self, fen: IntArray) -> IntArray:
        sums = np.zeros_like(self.unit)
        np.add.at(sums, self.strand, fen)
        return sums


def pair_up(facts: Facts, terms: Sequence[Terms]) -> Strands:
    """Return the lines, all of one way and each with a counterpart, as strands."""
    used, which = np.unique(facts.terms, return_inverse=True)
    own = [terms[number] for number in used.tolist()]
    pairs, strand = np.unique(np.stack([facts.unit, facts.item]), axis=1, return_inverse=True)
    ratios = [measure.denominator for entry in own for measure in entry.measures]
    scale = lcm(1, *ratios) * lcm(*(portion.denominator for portion in facts.portions))
    return Strands(replace(facts, terms=which), own, strand.ravel(), pairs[0], scale)
