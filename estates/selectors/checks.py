"""Reads of meters for the desk: what waits for a look, the meters of a community, one meter's story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from estates.domain.counting import STEP, Shown, use_between
from estates.models import Community, Meter, Reading, ReadingCheck
from estates.selectors.meters import list_histories


def list_checks(user: Any) -> QuerySet[ReadingCheck]:
    """Return the readings in the person's scope that wait for a look, the oldest first."""
    rows = ReadingCheck.objects.visible_to(user).filter(closed_at=None)
    return rows.select_related("meter__unit__building", "meter__community").order_by("noticed_on", "pk")


def count_checks(user: Any) -> int:
    """Return how many readings in the person's scope wait for a look."""
    return ReadingCheck.objects.visible_to(user).filter(closed_at=None).count()


@dataclass(frozen=True)
class Told:
    """A reading with the use since the one before it; None for the first."""

    reading: Reading
    use: Decimal | None


def list_story(meter: Meter) -> Sequence[Told]:
    """Return a meter's readings in the order of days, each with what was used since the one before: two queries."""
    rows = list(Reading.objects.filter(meter=meter).order_by("read_on"))
    history: Sequence[Shown] = list_histories([meter.pk]).get(meter.pk, [])
    uses = [None, *(use_between(before, after).quantize(STEP) for before, after in pairwise(history))]
    return [Told(reading, use) for reading, use in zip(rows, uses, strict=False)]


@dataclass(frozen=True)
class LastRead:
    """A meter and its last reading, as the template of a round lists it."""

    meter: Meter
    last: Reading | None


def list_last_read(community: Community) -> Sequence[LastRead]:
    """Return the meters of a community that are read, in walking order, each with its last reading: two queries."""
    meters = Meter.objects.filter(community=community, is_prepaid=False, retired_on=None)
    ordered = meters.select_related("unit__building").order_by("unit__sort_key", "unit__code", "kind", "code")
    rows = Reading.objects.filter(meter__in=meters).order_by("meter_id", "-read_on").distinct("meter_id")
    last = {reading.meter_id: reading for reading in rows}
    return [LastRead(meter, last.get(meter.pk)) for meter in ordered]
