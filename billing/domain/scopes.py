"""Which tariff version charges a unit on which days: the narrowest scope wins.

A version applies to one unit, one stair, one building, one kind of unit or the whole community, in this order.
Where the narrower has no version in force, the wider one charges. Units with the same answer form a class, and
everything that follows is worked out once a class, however many units it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.periods import Period

IntArray = npt.NDArray[np.int64]
SCOPES = ("unit", "stair", "building", "kind", "*")
Target = int | IntArray
"""What a scope means: an id in its column of the places, or for a stair the ids of its units."""


@dataclass(frozen=True)
class Tier:
    """One slab of a tiered tariff: what is used up to ``limit`` (None: all the rest) at ``price`` a unit."""

    limit: Decimal | None
    price: Decimal


@dataclass(frozen=True)
class Tariff:
    """A tariff version as the run sees it. ``start`` is the first day, ``end`` the day after the last."""

    id: int
    applies_to: str
    method: str
    start: date
    end: date | None = None
    price: Decimal = Decimal(0)
    rounding: str = "fen"
    tiers: tuple[Tier, ...] = ()
    meter_kind: str = ""
    pool_meter: str = ""
    pool_key: str = ""
    expression: str = ""
    pool_rules: tuple[str, ...] = ()
    is_billed: bool = False
    agreement: str = ""

    @property
    def scope(self) -> str:
        """The kind of scope: unit, building, kind or ``*``."""
        return self.applies_to.partition(":")[0]

    def in_force(self, day: date) -> bool:
        """Whether the version charges on this day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Stretch:
    """Days on which one version charges."""

    period: Period
    tariff: Tariff


@dataclass(frozen=True)
class Places:
    """Where units stand: parallel columns of ids; ``kind`` is any number that is the same for one kind."""

    unit: IntArray
    building: IntArray
    kind: IntArray

    def column(self, scope: str) -> IntArray:
        """The column a kind of scope looks at; the whole community is everywhere the same."""
        if scope == "*":
            return np.zeros_like(self.unit)
        return self.unit if scope == "stair" else getattr(self, scope)


@dataclass(frozen=True)
class Classes:
    """Units grouped by the scopes they lie in: the class of each unit, and each class's scopes, narrow to wide."""

    of_unit: IntArray
    scopes: list[tuple[str, ...]]


def classify(places: Places, tariffs: Sequence[Tariff], targets: Mapping[str, Target]) -> Classes:
    """Group units by which of the tariffs' scopes they lie in.

    ``targets`` gives what an ``applies_to`` means, in the columns of ``places``; a scope that is not in it (a unit
    that is not in the register) applies nowhere.
    """
    code, named = np.zeros_like(places.unit), []
    for scope in SCOPES:
        names = sorted({t.applies_to for t in tariffs if t.scope == scope and t.applies_to in targets})
        code = code * (len(names) + 1) + _index_in(places, scope, [targets[name] for name in names])
        named.append(names)
    found, of_unit = np.unique(code, return_inverse=True)
    return Classes(of_unit, [_scopes_of(int(value), named) for value in found])


def _index_in(places: Places, scope: str, wanted: Sequence[Target]) -> IntArray:
    """The place of each unit's own scope among the wanted ones, from 1, and 0 where it is none of them."""
    if not wanted:
        return np.zeros_like(places.unit)
    groups = [np.atleast_1d(np.asarray(target, dtype=np.int64)) for target in wanted]
    ids = np.concatenate(groups)
    places_of = np.repeat(np.arange(1, len(groups) + 1), [group.size for group in groups])
    values, order = places.column(scope), np.argsort(ids)
    at = np.searchsorted(ids, values, sorter=order).clip(max=ids.size - 1)
    found: IntArray = np.where(ids[order[at]] == values, places_of[order[at]], 0)
    return found


def _scopes_of(code: int, named: Sequence[Sequence[str]]) -> tuple[str, ...]:
    scopes: list[str] = []
    for names in reversed(named):
        code, index = divmod(code, len(names) + 1)
        if index:
            scopes.insert(0, names[index - 1])
    return tuple(scopes)


def resolve(tariffs: Iterable[Tariff], scopes: Sequence[str], period: Period) -> list[Stretch]:
    """Return who charges when, in order of days: for each day the version of the narrowest scope in force.

    Days without any version are left out; neighbouring days of one version are one stretch.
    """
    relevant = [tariff for tariff in tariffs if tariff.applies_to in scopes]
    borders = {day for tariff in relevant for day in (tariff.start, tariff.end) if day}
    stretches: list[Stretch] = []
    for part in period.split_at(borders):
        charging = [tariff for tariff in relevant if tariff.in_force(part.start)]
        if charging:
            winner = min(charging, key=lambda tariff: scopes.index(tariff.applies_to))
            stretches.append(Stretch(part, winner))
    return _joined(stretches)


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    firsts = [s for i, s in enumerate(stretches) if not i or not _continues(stretches[i - 1], s)]
    ends = [a.period.end for a, b in pairwise(stretches) if not _continues(a, b)]
    ends += [stretch.period.end for stretch in stretches[-1:]]
    return [Stretch(Period(s.period.start, end), s.tariff) for s, end in zip(firsts, ends, strict=True)]


def _continues(before: Stretch, after: Stretch) -> bool:
    return before.tariff.id == after.tariff.id and before.period.end == after.period.start


def clip(stretches: Iterable[Stretch], span: Period) -> list[Stretch]:
    """Return the parts of the stretches that lie in the span."""
    parts = ((stretch.period.overlap(span), stretch.tariff) for stretch in stretches)
    return [Stretch(part, tariff) for part, tariff in parts if part]
