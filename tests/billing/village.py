"""A small community to be billed, built in a few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from billing.models import FeeItem, PostingProfile, TariffVersion
from estates.models import (
    Building,
    Community,
    Company,
    Meter,
    Occupancy,
    Person,
    Reading,
    Unit,
)
from ledger.chart import REVENUE
from ledger.services import open_books

LONG_AGO = date(2020, 1, 1)


class Village:
    """One community with open books; its methods add units, people, tariffs and readings."""

    def __init__(self, code: str = "yunshan") -> None:
        self.company = Company.objects.create(name=f"暖邻物业 {code}")
        open_books(company=self.company)
        self.community = Community.objects.create(company=self.company, code=code, name="云杉苑")
        self.buildings: dict[str, Building] = {}

    def unit(self, code: str, area: str | None = "100", *, owner: str | None = "张三", **facts: Any) -> Unit:
        """A unit, and its owner since long ago unless there is none."""
        building, _, room = code.partition("-")
        if building not in self.buildings:
            self.buildings[building] = Building.objects.create(
                community=self.community, code=building, sort_key=building.zfill(4)
            )
        unit = Unit.objects.create(
            community=self.community,
            building=self.buildings[building],
            code=code,
            room=room,
            area_m2=area and Decimal(area),
            sort_key=code,
            **{"kind": "high_rise", **facts},
        )
        if owner:
            self.holds(unit, owner)
        return unit

    def holds(self, unit: Unit, name: str, start: date = LONG_AGO, end: date | None = None) -> Person:
        """A person holds and pays for a unit over a span."""
        person, _ = Person.objects.get_or_create(company=self.company, name=f"{name} {unit.code}", phone="")
        Occupancy.objects.create(unit=unit, person=person, start=start, end=end, is_payer=True)
        return person

    def fee(self, code: str, *, cycle: str = "month", timing: str = "advance", rank: int = 100) -> FeeItem:
        """A fee item that is booked as revenue."""
        item = FeeItem.objects.create(
            community=self.community, code=code, name=code, cycle=cycle, timing=timing, rank=rank
        )
        PostingProfile.objects.create(fee_item=item, treatment="income", ledger_code=REVENUE, start=LONG_AGO)
        return item

    def tariff(self, item: FeeItem, method: str, price: str | None = None, **facts: Any) -> TariffVersion:
        """A version of a tariff, from long ago for the whole community unless said otherwise."""
        return TariffVersion.objects.create(
            fee_item=item, method=method, price=price and Decimal(price), **{"start": LONG_AGO, **facts}
        )

    def meter(
        self, code: str, readings: dict[date, str], *, unit: Unit | None = None, kind: str = "water"
    ) -> Meter:
        """A meter of a unit or of the community, and what it showed."""
        meter = Meter.objects.create(community=self.community, unit=unit, code=code, kind=kind)
        for day, value in readings.items():
            Reading.objects.create(meter=meter, read_on=day, value=Decimal(value))
        return meter
