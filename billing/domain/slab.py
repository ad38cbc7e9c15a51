"""What a run computes from, and what it computes: columns side by side, for thousands of accounts at a time.

A *plan* says what is due in the run, for all alike. A *slab* holds the facts of some accounts, always with all
payers of their units. Both are loaded in a handful of queries (``billing.selectors.snapshot``); nothing else
enters the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from billing.domain.rounding import COIN_FEN
from billing.domain.schedule import count_months
from billing.domain.scopes import Places, Target, Tariff
from core.bulk import render_scaled
from core.periods import Period

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]
AREA_SCALE = 10**4
PRICE_SCALE = 10**6
SHARE_SCALE = 10**4
UNKNOWN = -1


def first_rows(units: IntArray) -> IntArray:
    """Return the rows at which another unit begins, where the rows of one unit stand side by side."""
    return np.flatnonzero(np.r_[True, units[1:] != units[:-1]])[: units.size]


@dataclass(frozen=True)
class DueItem:
    """A fee item whose turn it is: the days it is charged for, and the tariff versions in force on any of them.

    units: those whose turn it is, where each has cycles of its own; None is all. month_day: the day on which the
    months of the cycle begin. honours_vacancy: whether less is due for a unit that is entitled to it by standing
    empty; by_days_of_period: parts count by the days of the whole period, not by those of each month.
    """

    id: int
    code: str
    period: Period
    tariffs: tuple[Tariff, ...]
    units: IntArray | None = field(default=None, compare=False)
    month_day: int = 1
    honours_vacancy: bool = False
    by_days_of_period: bool = False

    def charges(self, units: IntArray) -> BoolArray:
        """Whether it is the turn of each of these units."""
        return np.ones(units.shape, dtype=bool) if self.units is None else np.isin(units, self.units)

    @property
    def whole(self) -> Period | None:
        """The period whose days parts count by; None for those of each month."""
        return self.period if self.by_days_of_period else None

    def months(self, period: Period) -> Fraction:
        """How many months some of the days are."""
        return count_months(period, self.month_day, self.whole)


@dataclass(frozen=True)
class Accounts:
    """Charge accounts, those of one unit side by side in the order of their first days.

    id, unit, building: ids; kind: a number for the kind of unit; area: m² × 10⁴, or UNKNOWN; start, end: ordinals of
    the first day and of the day after the last; share: the part still due, × 10⁴. An account whose unit changed is
    several rows, its pieces, side by side in the order of days (``billing.domain.pieces``).
    """

    id: IntArray
    unit: IntArray
    building: IntArray
    kind: IntArray
    area: IntArray
    start: IntArray
    end: IntArray
    share: IntArray

    def take(self, rows: IntArray) -> Accounts:
        """Return these rows, in this order."""
        return Accounts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @cached_property
    def are_plain(self) -> bool:
        """Whether every account is one row that owes all of its fees."""
        return bool((self.id[1:] != self.id[:-1]).all() and (self.share == SHARE_SCALE).all())

    @property
    def first_pieces(self) -> IntArray:
        """For each row the first row of its account."""
        first = first_rows(self.id)
        return np.repeat(first, np.diff(np.r_[first, self.id.size]))

    @property
    def units(self) -> IntArray:
        """Each unit once."""
        return self.unit[first_rows(self.unit)]

    @property
    def places(self) -> Places:
        """Where the accounts' units stand."""
        return Places(self.unit, self.building, self.kind)


@dataclass(frozen=True)
class MeterUses:
    """What the meters of units counted in a period, one row a unit, by rising unit id.

    use: × 10⁴; text: the JSON of the meters as lines remember them; opened: nothing can be charged, because a meter
    has no reading to start from; backwards: a meter shows less than before; unread: a meter was last read before the
    period began, and what it counted since waits for its next reading.
    """

    unit: IntArray
    use: IntArray
    text: TextArray
    opened: BoolArray
    backwards: BoolArray
    unread: BoolArray

    @staticmethod
    def marked(column: BoolArray, rows: IntArray) -> BoolArray:
        """Return the column's mark for each row, and False for UNKNOWN rows."""
        marks = np.zeros(rows.shape, dtype=bool)
        marks[rows != UNKNOWN] = column[rows[rows != UNKNOWN]]
        return marks


@dataclass(frozen=True)
class Traits:
    """What formulae may ask about units, one row a unit, by rising unit id; all × 10⁴, or UNKNOWN."""

    unit: IntArray
    inner_area: IntArray
    floor: IntArray
    households: IntArray
    coefficient: IntArray


NO_TRAITS = Traits(*(np.array([], dtype=np.int64) for _ in range(5)))


@dataclass(frozen=True)
class PoolShares:
    """A frozen pool: who takes part, by rising unit id, with which weight and share in coins.

    floor_coins: the share rounded down; facts: the JSON that all participants' inputs have in common; times: how much
    of each counts, of ``full``, where not all count in full; result: the id of its row.
    """

    rounding: str
    by_area: bool
    facts: str
    unit: IntArray
    weight: IntArray
    share_coins: IntArray
    floor_coins: IntArray
    times: IntArray | None = None
    full: int = 1
    result: int = 0

    def heads(self, rows: IntArray) -> list[str]:
        """The JSON of what is a participant's own: weight, floor and extra coin, and how much of it counts."""
        coin, share, floor = COIN_FEN[self.rounding], self.share_coins[rows], self.floor_coins[rows]
        floors, extras = render_scaled(floor * coin, 2), render_scaled((share - floor) * coin, 2)
        figures = zip(self.weight[rows].tolist(), floors, extras, self._counted(rows), strict=True)
        return [f'"weight": {w}, {counted}"floor": "{f}", "extra": "{e}", ' for w, f, e, counted in figures]

    def _counted(self, rows: IntArray) -> list[str]:
        if self.times is None:
            return [""] * rows.size
        times = self.times[rows].tolist()
        return ["" if n == self.full else f'"times": [{n}, {self.full}], ' for n in times]


@dataclass(frozen=True)
class Plan:
    """What is due in a run: fee items in the order of the bill, the id each scope of a tariff means, and the pools
    of each fee item once they are frozen.
    """

    run: Period
    items: tuple[DueItem, ...]
    targets: Mapping[str, Target]
    pools: Mapping[int, Sequence[PoolShares]] = field(default_factory=dict)


@dataclass(frozen=True)
class Slab:
    """The facts of some accounts: the accounts, what their meters counted by kind and period, and what formulae
    ask about their units.
    """

    accounts: Accounts
    uses: Mapping[tuple[str, Period], MeterUses] = field(default_factory=dict)
    traits: Traits = NO_TRAITS


@dataclass(frozen=True)
class Lines:
    """Charge lines in parallel columns. ``account`` is the row in Accounts, days are ordinals, end exclusive.

    quantity: × 10⁴; price: × 10⁶, or UNKNOWN where there is no single one; inputs: JSON text.
    """

    account: IntArray
    fee_item: IntArray
    tariff: IntArray
    part: IntArray
    method: TextArray
    start: IntArray
    end: IntArray
    quantity: IntArray
    price: IntArray
    amount_fen: IntArray
    inputs: TextArray

    def take(self, rows: IntArray) -> Lines:
        """Return these rows, in this order."""
        return Lines(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @classmethod
    def join(cls, blocks: Sequence[Lines]) -> Lines:
        """Put blocks below each other."""
        return cls(*(np.concatenate([getattr(b, name) for b in blocks]) for name in cls.__dataclass_fields__))

    @classmethod
    def none(cls) -> Lines:
        """No lines at all."""
        texts = ("method", "inputs")
        return cls(
            *(np.array([], object if name in texts else np.int64) for name in cls.__dataclass_fields__)
        )


@dataclass(frozen=True)
class Finding:
    """Units about which something is to be said: a stable code, the fee item, and whether they are parked."""

    code: str
    fee_item: str
    units: IntArray
    blocks: bool
