"""Readings of a run's units that wait for somebody to look at them: what they counted is not in the bills."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from billing.domain.slab import Finding, Slab
from estates.models import ReadingCheck


def find_held_readings(slab: Slab) -> Iterator[Finding]:
    """Yield a remark on the units with a reading held back, or a meter not read, within a period their meters bill.

    One query for each kind of meter and period; none where nothing is charged by meters. What waits is little: it is
    read for all units and compared here, whatever the number of accounts.
    """
    units = np.unique(slab.accounts.unit)
    for kind, period in slab.uses:
        waiting = ReadingCheck.objects.filter(closed_at=None, reading=None, meter__kind=kind)
        within = waiting.filter(read_on__gte=period.start, read_on__lt=period.end).exclude(meter__unit=None)
        held = np.array(list(within.values_list("meter__unit", flat=True)), dtype=np.int64)
        if found := np.intersect1d(held, units).tolist():
            yield Finding("reading_held", "", np.array(found, dtype=np.int64), blocks=False)
