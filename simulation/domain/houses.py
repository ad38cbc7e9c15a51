"""The houses of the synthetic community: high-rise, town houses, shops, offices and parking.

1,200 units come to about 200,000 m². Everything is drawn from the generator that is handed in, so one seed
gives one community.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

import numpy as np

HIGH_RISE, TOWNHOUSE, SHOP, OFFICE = "高层", "洋房", "商铺", "办公"
SHARES = {TOWNHOUSE: 0.125, SHOP: 0.07, OFFICE: 0.025}
"""What part of the units each kind is; the rest are high-rise flats."""

FLATS = tuple(map(Decimal, ("89.56", "100.24", "118.63", "128.42", "143.07", "168.35")))
TOWNHOUSES = tuple(map(Decimal, ("228.40", "256.18", "287.92")))
STAIRS, ROOMS_A_FLOOR = 2, 2
SHOP_STREET = "10"
"""The building whose shops do worse than all others."""

FIRST_HANDOVER, HANDOVER_SPAN = date(2019, 6, 1), 900
UNSOLD_SHARE = 0.035
PARKING_SHARE = 0.6


@dataclass(frozen=True)
class House:
    """One unit as it will stand in the roster."""

    building: str
    stair: str
    room: str
    floor: int
    floors: int
    kind: str
    area: Decimal
    handed_over_on: date
    is_unsold: bool
    parking: str = ""

    @property
    def code(self) -> str:
        """building-stair-room."""
        return f"{self.building}-{self.stair}-{self.room}"

    @property
    def is_top_floor(self) -> bool:
        """The flats under the roof, where it leaks."""
        return self.kind == HIGH_RISE and self.floor == self.floors

    @property
    def is_on_shop_street(self) -> bool:
        """The shops that lost their customers to the new mall."""
        return self.kind == SHOP and self.building == SHOP_STREET


def count_kinds(units: int) -> dict[str, int]:
    """How many units of each kind make a community of this size.

    >>> count_kinds(1200)
    {'洋房': 150, '商铺': 84, '办公': 30, '高层': 936}
    """
    counts = {kind: round(share * units) for kind, share in SHARES.items()}
    return {**counts, HIGH_RISE: units - sum(counts.values())}


def draw_houses(units: int, random: np.random.Generator) -> list[House]:
    """Draw the units in walking order; ``units`` counts dwellings, shops and offices, unsold ones too."""
    counts = count_kinds(units)
    places = [
        *_high_rise(counts[HIGH_RISE]),
        *_rows(counts[OFFICE], ["9"], OFFICE),
        *_rows(counts[SHOP], [SHOP_STREET, "11"], SHOP),
        *_rows(counts[TOWNHOUSE], [str(number) for number in range(12, 20)], TOWNHOUSE),
    ]
    numbers = iter(range(1, units + 1))
    return [_furnish(place, random, numbers) for place in places]


@dataclass(frozen=True)
class _Place:
    building: str
    stair: str
    room: str
    floor: int
    floors: int
    kind: str


def _high_rise(count: int) -> list[_Place]:
    """Up to eight towers of two stairs with two flats a floor, filled from the ground."""
    towers = max(1, min(8, count // 40))
    a_floor = STAIRS * ROOMS_A_FLOOR
    floors = ceil(count / towers / a_floor)
    places = [
        _Place(str(tower), str(stair), f"{floor}{room:02d}", floor, floors, HIGH_RISE)
        for tower in range(1, towers + 1)
        for stair in range(1, STAIRS + 1)
        for floor in range(1, floors + 1)
        for room in range(1, ROOMS_A_FLOOR + 1)
    ]
    surplus = len(places) - count
    ground = [place for place in places if place.floor == 1][:surplus]
    return [place for place in places if place not in ground]


def _rows(count: int, buildings: list[str], kind: str) -> list[_Place]:
    each = max(1, ceil(count / len(buildings)))
    stair = "0" if kind == SHOP else "1"
    return [
        _Place(buildings[number // each], stair, f"{number % each + 1}", 1, 1 if kind == SHOP else 3, kind)
        for number in range(count)
    ]


def _furnish(place: _Place, random: np.random.Generator, numbers: Iterator[int]) -> House:
    is_unsold = bool(random.random() < UNSOLD_SHARE)
    has_parking = place.kind in (HIGH_RISE, TOWNHOUSE) and not is_unsold and random.random() < PARKING_SHARE
    number = next(numbers)
    return House(
        place.building,
        place.stair,
        place.room,
        place.floor,
        place.floors,
        place.kind,
        area=_draw_area(place.kind, random),
        handed_over_on=FIRST_HANDOVER + timedelta(days=int(random.integers(HANDOVER_SPAN))),
        is_unsold=is_unsold,
        parking=f"B1-{number:04d}" if has_parking else "",
    )


def _draw_area(kind: str, random: np.random.Generator) -> Decimal:
    if kind == HIGH_RISE:
        return FLATS[int(random.integers(len(FLATS)))]
    if kind == TOWNHOUSE:
        return TOWNHOUSES[int(random.integers(len(TOWNHOUSES)))]
    low, high = (12_000, 48_000) if kind == SHOP else (42_000, 70_000)
    return Decimal(int(random.integers(low, high))) / 100
