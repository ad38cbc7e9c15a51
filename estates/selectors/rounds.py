"""The reader's round of a month: the meters of a building in walking order, what they showed last, what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from estates.models import Building, Meter, MeterFault, Reading, ReadingCheck


@dataclass(frozen=True)
class Stop:
    """One meter of a round; `state` is open, read, held, skipped or faulty."""

    meter: Meter
    last_value: Decimal | None
    last_on: date | None
    state: str

    @property
    def is_done(self) -> bool:
        """Whether the reader has been there, or need not go."""
        return self.state != "open"


@dataclass(frozen=True)
class Round:
    """The stops of one building in walking order."""

    building: Building
    stops: Sequence[Stop]

    @property
    def done(self) -> int:
        """How many stops are behind the reader."""
        return sum(stop.is_done for stop in self.stops)

    @property
    def share(self) -> int:
        """How much of the round is done, in whole hundredths."""
        return self.done * 100 // len(self.stops) if self.stops else 0

    def after(self, meter_id: int) -> Stop | None:
        """The next open stop behind a meter in walking order, from the beginning again at the end."""
        at = next((i for i, stop in enumerate(self.stops) if stop.meter.pk == meter_id), -1)
        rest = [*self.stops[at + 1 :], *self.stops[: at + 1]]
        return next((stop for stop in rest if not stop.is_done and stop.meter.pk != meter_id), None)


def list_readable(user: Any) -> QuerySet[Meter]:
    """Return the meters of units in the person's scope that somebody reads, in walking order."""
    rows = Meter.objects.visible_to(user).filter(
        is_prepaid=False, retired_on=None, unit__building__isnull=False
    )
    return rows.select_related("unit__building", "community").order_by(
        "community", "unit__building__sort_key", "unit__sort_key", "kind", "code"
    )


def list_rounds(user: Any, today: date) -> list[Round]:
    """Return this month's round of every building in the person's scope: four queries."""
    by_building: dict[int, list[Meter]] = {}
    for meter in list_readable(user):
        by_building.setdefault(meter.unit.building_id, []).append(meter)  # type: ignore[union-attr,arg-type]
    meters = [meter for of_building in by_building.values() for meter in of_building]
    stops = _stops(meters, today)
    return [
        Round(of_building[0].unit.building, [stops[meter.pk] for meter in of_building])  # type: ignore[union-attr,arg-type]
        for of_building in by_building.values()
    ]


def get_round(user: Any, building_id: int, today: date) -> Round | None:
    """Return this month's round of one building, or None when nothing is to be read there: four queries."""
    meters = list(list_readable(user).filter(unit__building=building_id))
    if not meters:
        return None
    stops = _stops(meters, today)
    return Round(meters[0].unit.building, [stops[meter.pk] for meter in meters])  # type: ignore[union-attr,arg-type]


def _stops(meters: Sequence[Meter], today: date) -> Mapping[int, Stop]:
    ids, month = [meter.pk for meter in meters], today.replace(day=1)
    rows = Reading.objects.filter(meter__in=ids, read_on__lte=today).order_by("meter_id", "-read_on")
    last = {reading.meter_id: reading for reading in rows.distinct("meter_id")}
    waiting = dict(
        ReadingCheck.objects.filter(
            meter__in=ids, closed_at=None, read_on__gte=month, reading=None
        ).values_list("meter_id", "reason")
    )
    faulty = set(MeterFault.objects.filter(meter__in=ids, end=None).values_list("meter_id", flat=True))
    return {meter.pk: _stop(meter, last.get(meter.pk), waiting, faulty, month) for meter in meters}


def _stop(
    meter: Meter, last: Reading | None, waiting: Mapping[int, str], faulty: set[int], month: date
) -> Stop:
    state = "open"
    if meter.pk in faulty:
        state = "faulty"
    elif last and last.read_on >= month:
        state = "read"
    elif meter.pk in waiting:
        state = "skipped" if waiting[meter.pk] == "skipped" else "held"
    return Stop(meter, last.value if last else None, last.read_on if last else None, state)
