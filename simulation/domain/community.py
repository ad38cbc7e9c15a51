"""The whole synthetic community as values: houses, residents, habits, meters and their use month by month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from simulation.domain.habits import Payer, draw_payer
from simulation.domain.houses import HIGH_RISE, OFFICE, SHOP, TOWNHOUSE, House, draw_houses
from simulation.domain.people import Resident, draw_resident

WATER_A_MONTH = {HIGH_RISE: 11.0, TOWNHOUSE: 19.0, SHOP: 9.0, OFFICE: 14.0}
"""Tonnes a month around which a unit's use scatters."""
POWER_A_UNIT = 18.0
"""Shared electricity in kWh a month for each unit of a building: lifts, stair lights, pumps."""
SHOP_STREET_POWER = 2.6
"""How much more the street of building 10 uses since its signs and air curtains run all day."""


@dataclass(frozen=True)
class Household:
    """One unit with the people in it. ``resident`` is None for a unit the developer still holds."""

    house: House
    resident: Resident | None
    payer: Payer | None


@dataclass
class Meters:
    """What the meters show; reading on moves them. Water by unit code, power by building."""

    water: dict[str, Decimal] = field(default_factory=dict)
    power: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class SyntheticCommunity:
    """Households in walking order, and the generator that everything later is drawn from.

    ``vacant`` are the units, by code, in which no water runs at present.
    """

    households: tuple[Household, ...]
    random: np.random.Generator
    meters: Meters
    vacant: set[str] = field(default_factory=set)

    def list_buildings(self) -> list[str]:
        """The buildings in walking order."""
        return list(dict.fromkeys(household.house.building for household in self.households))


def draw_community(units: int, seed: int) -> SyntheticCommunity:
    """Draw a community of this many dwellings, shops and offices; one seed gives one community."""
    random = np.random.default_rng(seed)
    households = []
    for number, house in enumerate(draw_houses(units, random), start=1):
        resident = None if house.is_unsold else draw_resident(number, random)
        payer = None if house.is_unsold else draw_payer(house, random)
        households.append(Household(house, resident, payer))
    return SyntheticCommunity(tuple(households), random, Meters())


def draw_readings(community: SyntheticCommunity, day: date) -> list[tuple[str, str, str, str, str]]:
    """Read every meter on a day: rows of unit, meter, kind, date, value as the readings file has them.

    The first call opens the meters; each later one adds a month's use.
    """
    return [*_read_water(community, day), *_read_power(community, day)]


def _read_water(community: SyntheticCommunity, day: date) -> list[tuple[str, str, str, str, str]]:
    rows = []
    shown = community.meters.water
    for household in community.households:
        house = household.house
        usual = 0.0 if house.is_unsold else WATER_A_MONTH[house.kind]
        use = Decimal(int(max(0.0, community.random.normal(usual, usual / 3)) * 10)) / 10
        if house.code in community.vacant:
            use = Decimal(0)
        opening = Decimal(int(community.random.integers(200, 2000)))
        shown[house.code] = shown[house.code] + use if house.code in shown else opening
        rows.append((house.code, f"W-{house.code}", "water", day.isoformat(), str(shown[house.code])))
    return rows


def _read_power(community: SyntheticCommunity, day: date) -> list[tuple[str, str, str, str, str]]:
    rows = []
    shown = community.meters.power
    for building in community.list_buildings():
        units = [h.house for h in community.households if h.house.building == building]
        usual = POWER_A_UNIT * len(units) * (SHOP_STREET_POWER if units[0].is_on_shop_street else 1.0)
        use = Decimal(int(community.random.normal(usual, usual / 12)))
        opening = Decimal(int(community.random.integers(10_000, 60_000)))
        shown[building] = shown[building] + use if building in shown else opening
        rows.append(("", f"E-{building}", "electricity", day.isoformat(), str(shown[building])))
    return rows
