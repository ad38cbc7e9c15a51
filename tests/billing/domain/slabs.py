"""Plans and slabs in a few words, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from billing.domain.scopes import Tariff, Tier
from billing.domain.slab import (
    NO_TRAITS,
    SHARE_SCALE,
    UNKNOWN,
    Accounts,
    DueItem,
    MeterUses,
    Plan,
    Slab,
    Traits,
)
from core.periods import Period

LONG_AGO, FAR = date(2020, 1, 1), date(2999, 1, 1)
SEPTEMBER = Period.month("2026-09")
TIERS = tuple(
    Tier(Decimal(limit) if limit else None, Decimal(price))
    for limit, price in ((10, 2), (20, 3), (30, 4), (0, 5))
)


def tariff(method: str, price: str = "0", **facts: object) -> Tariff:
    """A version for everyone since long ago, unless the facts say otherwise."""
    defaults: dict[str, object] = {"id": 1, "applies_to": "*", "start": LONG_AGO}
    if method == "tiers":
        defaults |= {"tiers": TIERS, "meter_kind": "water"}
    if method == "meter":
        defaults |= {"meter_kind": "water"}
    return Tariff(**{**defaults, "method": method, "price": Decimal(price), **facts})  # type: ignore[arg-type]


def plan(*tariffs: Tariff, period: Period = SEPTEMBER) -> Plan:
    """One fee item with these versions, charged for a period."""
    return Plan(period, (DueItem(1, "property", period, tariffs),), {"*": 0})


def slab(
    areas: Sequence[str | None] = ("100",),
    *,
    spans: Sequence[tuple[date, date]] | None = None,
    units: Sequence[int] | None = None,
    uses: Sequence[str] = (),
    period: Period = SEPTEMBER,
    floors: Sequence[int | None] = (),
) -> Slab:
    """Accounts of units 1, 2, … (or these): areas, spans, the use of each water meter, and floors."""
    spans = spans or [(LONG_AGO, FAR)] * len(areas)
    unit = np.array(units or range(1, len(areas) + 1))
    accounts = Accounts(
        id=np.arange(1, len(areas) + 1) * 10,
        unit=unit,
        building=np.full(unit.shape, UNKNOWN),
        kind=np.zeros_like(unit),
        area=np.array([UNKNOWN if area is None else int(Decimal(area) * 10**4) for area in areas]),
        start=np.array([start.toordinal() for start, _ in spans]),
        end=np.array([end.toordinal() for _, end in spans]),
        share=np.full(unit.shape, SHARE_SCALE),
    )
    use = {("water", period): water(accounts.units.tolist(), uses)} if uses else {}
    return Slab(accounts, use, traits(accounts.units.tolist(), floors) if floors else NO_TRAITS)


def traits(units: Sequence[int], floors: Sequence[int | None]) -> Traits:
    """Households on these floors, with a coefficient of 1.5 and no inner area."""
    return Traits(
        unit=np.array(units),
        inner_area=np.full(len(units), UNKNOWN),
        floor=np.array([UNKNOWN if floor is None else floor * 10**4 for floor in floors]),
        households=np.full(len(units), 10**4),
        coefficient=np.full(len(units), 15_000),
    )


def water(units: Sequence[int], uses: Sequence[str]) -> MeterUses:
    """What each unit used: ``-`` before it for a meter that runs backwards, ``new`` for one just opened, ``unread`` for
    one nobody read."""
    numbers = [Decimal(0) if use in ("new", "unread") else Decimal(use) for use in uses]
    return MeterUses(
        unit=np.array(units),
        use=np.array([int(number * 10**4) for number in numbers]),
        text=np.array([f'{{"meter": "W{unit}"}}' for unit in units], dtype=object),
        opened=np.array([use == "new" for use in uses]),
        backwards=np.array([number < 0 for number in numbers]),
        unread=np.array([use == "unread" for use in uses]),
    )
