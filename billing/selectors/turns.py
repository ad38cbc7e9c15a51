"""Whose turn it is in the run of a month: all units at once, or those whose own cycle begins in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from billing.domain.schedule import anniversary_period, service_period
from billing.domain.slab import IntArray
from billing.models import FeeItem
from billing.models.tariffs import CountedFrom, Timing
from billing.selectors.columns import ORDINAL, read_integers
from core.periods import Period
from estates.models import UnitState

DEVELOPERS = [UnitState.UNSOLD.value, UnitState.NOT_HANDED_OVER.value]
BY_CALENDAR = date.max.toordinal()
ANCHOR_NAMES = ("unit", "day")
ANCHORS = f"""
    SELECT id, coalesce({ORDINAL.format("handed_over_on")}, {BY_CALENDAR}) FROM estates_unit
    WHERE (handed_over_on IS NOT NULL OR state = ANY(%s)) AND community_id = %s
"""
"""When each unit was handed over; one that still is the developer's goes by the calendar."""


@dataclass(frozen=True)
class Turn:
    """Days a fee item is charged for, by which units (None: all), and the day on which its months begin."""

    period: Period
    units: IntArray | None = None
    month_day: int = 1


def list_turns(item: FeeItem, month: Period) -> Iterator[Turn]:
    """Yield the turns of a fee item in the run of a month: none, one for all, or one for each cycle of units."""
    in_advance = item.timing == Timing.ADVANCE
    calendar = service_period(month, cycle=item.cycle, in_advance=in_advance)
    if item.counted_from == CountedFrom.HANDOVER:
        yield from _list_anniversaries(item, month, calendar, in_advance=in_advance)
    elif calendar:
        yield Turn(calendar)


def _list_anniversaries(
    item: FeeItem, month: Period, calendar: Period | None, *, in_advance: bool
) -> Iterator[Turn]:
    anchors = read_integers(ANCHOR_NAMES, ANCHORS, [DEVELOPERS, item.community_id])
    groups: defaultdict[tuple[Period, int], list[int]] = defaultdict(list)
    for day in np.unique(anchors["day"]).tolist():
        anchor = date.fromordinal(day)
        own = anniversary_period(month, cycle=item.cycle, in_advance=in_advance, anchor=anchor)
        period, month_day = (calendar, 1) if day == BY_CALENDAR else (own, anchor.day)
        if period:
            groups[period, month_day].append(day)
    for (period, month_day), days in sorted(groups.items()):
        yield Turn(period, np.sort(anchors["unit"][np.isin(anchors["day"], days)]), month_day)
