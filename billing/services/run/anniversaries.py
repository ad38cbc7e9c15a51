"""Fees whose cycles begin with each unit's hand-over: units that have none are named."""

from __future__ import annotations

import numpy as np

from billing.domain.scopes import classify, resolve
from billing.domain.slab import DueItem, Finding, IntArray
from billing.models import BillRun, FeeItem, RunProblem
from billing.models.tariffs import CountedFrom
from billing.selectors.snapshot import Holdings, list_tariffs, map_targets
from billing.selectors.turns import DEVELOPERS
from billing.services.run.problems import record_findings
from core.periods import Period
from estates.models import Unit

NO_HANDOVER = "no_handover"


def name_units_without_handover(run: BillRun, holdings: Holdings) -> None:
    """Say which units are not charged for a fee, since it is counted from a hand-over day that nobody recorded.

    Units that are still the developer's follow the calendar and are not meant.
    """
    RunProblem.objects.filter(run=run, code=NO_HANDOVER).delete()
    items = FeeItem.objects.filter(community_id=run.community_id, counted_from=CountedFrom.HANDOVER)
    for item in items:
        month = Period(run.period_start, run.period_end)
        due = DueItem(item.pk, item.code, month, list_tariffs(item, month))
        record_findings(
            run, [Finding(NO_HANDOVER, item.code, _without_handover(run, due, holdings), blocks=False)]
        )


def _without_handover(run: BillRun, item: DueItem, holdings: Holdings) -> IntArray:
    places = holdings.places
    classes = classify(places, item.tariffs, map_targets(run.community_id, [item]))
    has_price = np.array([bool(resolve(item.tariffs, s, item.period)) for s in classes.scopes], dtype=bool)
    units = Unit.objects.filter(community_id=run.community_id, handed_over_on=None).exclude(
        state__in=DEVELOPERS
    )
    lacking = np.array(list(units.values_list("pk", flat=True)), dtype=np.int64)
    return places.unit[has_price[classes.of_unit] & np.isin(places.unit, lacking)]
