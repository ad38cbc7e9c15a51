"""What the meters of the story show: those of the simulation, some of the community, and new instruments on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from simulation.domain.community import SyntheticCommunity, draw_readings

HEAD = ("unit", "meter", "kind", "date", "value", "multiplier", "old_closing", "new_opening")
TOPS = {"W-0": 4}
"""Whole digits of dials that pass their top during the year."""

STEADY = {"E-P": (3000, 31), "E-L": (700, 23), "M-0": (800, 47), "M-1": (200, 29), "M-2": (90, 13)}
"""Meters of the community: what each showed on the first day, and what it counts a day."""


@dataclass(frozen=True)
class Swap:
    """A new instrument: from when, what it began with, its multiplier, and what it counted by the reading."""

    on: date
    new_opening: Decimal
    multiplier: int
    counted: Decimal


@dataclass
class Instruments:
    """All meters of a community. ``closings``: what instruments that were changed showed when they went."""

    plan: SyntheticCommunity
    since: date
    swaps: dict[str, Swap]
    closings: dict[str, Decimal] = field(default_factory=dict)

    def read(self, day: date) -> Iterator[Sequence[str]]:
        """Yield the rows of a readings file, in the order of HEAD."""
        for unit, code, kind, on, value in self._counted(day):
            yield unit, code, kind, on, *self._shown(code, day, value)

    def _counted(self, day: date) -> Iterable[Sequence[str]]:
        """What all meters would show had none been changed."""
        yield from draw_readings(self.plan, day)
        days = (day - self.since).days
        yield "", "W-0", "water", f"{day}", f"{(9000 + days * 7.3) % 10_000:.1f}"
        for code, (start, daily) in STEADY.items():
            yield "", code, "electricity", f"{day}", f"{start + days * daily}"
        for number, household in enumerate(self.plan.households):
            if household.house.kind == "洋房":
                code = household.house.code
                yield code, f"H-{code}", "heat", f"{day}", f"{40 + number + days * (number % 7) / 60:.2f}"

    def _shown(self, code: str, day: date, value: str) -> Sequence[str]:
        """Value, multiplier, closing of the old instrument and opening of the new one."""
        swap = self.swaps.get(code)
        if swap is None or day < swap.on:
            return value, "", "", ""
        if day == swap.on:
            self.closings[code] = Decimal(value) - swap.counted
        shown = (Decimal(value) - self.closings[code]) / swap.multiplier + swap.new_opening
        if day == swap.on:
            return f"{shown:f}", f"{swap.multiplier}", f"{self.closings[code]}", f"{swap.new_opening}"
        return f"{shown:f}", "", "", ""
