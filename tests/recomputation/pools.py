"""What each unit bears of a pool as it was agreed, one key after the other; nothing here comes from the product."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.recomputation.coins import half_up, share_out
from tests.recomputation.files import Unit

KEY = re.compile(r"(\w+)(?:\(([^)]+)\))?(?::([\d.]+))?")
CONDITION = re.compile(r"floor(=|>=)(-?\d+)(?:\*([\d.]+))?")

Shares = dict[str, Fraction]
"""Coins by unit code."""


@dataclass(frozen=True)
class Key:
    """What a part of a pool is shared by; ``name``: a kind of meter, or the unit that bears a fixed part."""

    kind: str
    name: str
    part: Fraction


@dataclass(frozen=True)
class Condition:
    """A floor, or it and all above: who is there takes part; with a weight, who is there weighs so much less."""

    sign: str
    floor: int
    weight: Fraction | None

    def holds(self, unit: Unit) -> bool:
        if unit.floor is None:
            return False
        return unit.floor == self.floor if self.sign == "=" else unit.floor >= self.floor


@dataclass(frozen=True)
class Agreement:
    """How a pool is shared: the keys, who takes part, which meters are taken off, who bears the loss.

    ``counts_vacancy``: a unit that stands empty by approval weighs by the share still due, day by day.
    """

    keys: Sequence[Key]
    conditions: Sequence[Condition]
    meters: Mapping[str, str]
    loss: str
    counts_vacancy: bool

    def shared_use(self, main: Fraction, uses: Mapping[str, Fraction]) -> Fraction:
        """What of the main meter's use is shared, which is without a loss beyond what was agreed."""
        less, without, common = (uses.get(name, Fraction(0)) for name in ("less", "without", "common"))
        difference = main - less - without
        if not self.loss:
            return difference
        most = Fraction(half_up(main * Fraction(self.loss.rstrip("%")) * 100), 10_000)
        return difference - max(difference - common - most, Fraction(0))

    def split(self, coins: int) -> list[int]:
        """The coins of each key."""
        return share_out([coins * key.part for key in self.keys])

    def weigh(self, key: Key, units: Mapping[str, Unit], bases: Shares, days: Shares) -> Shares:
        """The weights by one key. Days and agreed weights say nothing about a use, or about a part that is fixed."""
        alone = {other.name for other in self.keys if other.kind == "fixed"}
        takes_part = {key.name} if key.kind == "fixed" else {c for c in days if self.admits(units[c])} - alone
        if key.kind in ("fixed", "use"):
            return {code: bases[code] for code in sorted(takes_part) if bases[code]}
        weights = {code: bases[code] * days[code] * self.agreed(units[code]) for code in sorted(takes_part)}
        return {code: weight for code, weight in weights.items() if weight}

    def admits(self, unit: Unit) -> bool:
        return all(condition.holds(unit) for condition in self.conditions if condition.weight is None)

    def agreed(self, unit: Unit) -> Fraction:
        weight = Fraction(1)
        for condition in self.conditions:
            if condition.weight is not None and condition.holds(unit):
                weight *= condition.weight
        return weight


def read_agreement(text: str) -> Agreement:
    """Read what stands behind meter and price: the keys, then conditions and options in any order."""
    keys, *rest = text.split(";")
    conditions = [match for field in rest if (match := CONDITION.fullmatch(field))]
    named = dict(field.split("=") for field in rest if not CONDITION.fullmatch(field))
    return Agreement(
        keys=[as_key(*match.groups()) for field in keys.split("+") if (match := KEY.fullmatch(field))],
        conditions=[
            Condition(match[1], int(match[2]), Fraction(match[3]) if match[3] else None)
            for match in conditions
        ],
        meters={name: named[name] for name in ("less", "without", "common") if name in named},
        loss=named.get("loss", ""),
        counts_vacancy=named.get("vacancy") == "share",
    )


def as_key(kind: str, name: str | None, percent: str | None) -> Key:
    return Key(kind, name or "", Fraction(percent or 100) / 100)


def share_by(weights: Shares, coins: int) -> Shares:
    """Share whole coins by weight, the weights in the order of unit codes."""
    total = sum(weights.values())
    shares = share_out([coins * weight / total for weight in weights.values()])
    return {code: Fraction(share) for code, share in zip(weights, shares, strict=True)}
