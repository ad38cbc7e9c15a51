"""Everything on the overview from one reading of the books, so that its figures add up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.db.models import Max, Min

from billing.models import Bill, BillState
from core.periods import Period
from dashboards.domain.ageing import Bucket, compute_ageing
from dashboards.domain.contrasts import Contrast, find_contrasts
from dashboards.domain.cuts import Cut
from dashboards.domain.figures import Figures, compute_figures, compute_groups, compute_units
from dashboards.domain.months import MonthFigures
from dashboards.selectors.facts import Sight, get_facts, list_units

YEAR = 12


@dataclass(frozen=True)
class Overview:
    """The figures of a cut, those of the same day a month before, and what they are made of.

    `units` is the DataFrame of `compute_units`: the rows behind every figure.
    """

    cut: Cut
    now: Figures
    before: Figures
    months: list[MonthFigures]
    year_ago: list[MonthFigures]
    ageing: list[Bucket]
    kinds: dict[str, Figures]
    contrasts: list[Contrast]
    units: pd.DataFrame


def get_overview(sight: Sight, cut: Cut) -> Overview:
    """Read the overview in two queries, however many units there are."""
    known = list_units(sight)
    facts = get_facts(sight, cut, months=2 * YEAR)
    units = compute_units(facts.now, known)
    return Overview(
        cut=cut,
        now=compute_figures(units),
        before=compute_figures(compute_units(facts.before, known)),
        months=facts.months[YEAR:],
        year_ago=facts.months[:YEAR],
        ageing=compute_ageing(facts.now, units),
        kinds={str(kind): figures for kind, figures in compute_groups(units, "kind").items()},
        contrasts=find_contrasts(units),
        units=units,
    )


def list_billed_months(sight: Sight, today: date) -> list[Period]:
    """The months a person can choose, the newest first: from the first with an issued bill to the last."""
    owed = Bill.objects.filter(
        community__in=sight.community_ids,
        state=BillState.ISSUED,
        issued_on__lte=today,
        period_start__lte=today,
    )
    ends = owed.aggregate(first=Min("period_start"), last=Max("period_start"))
    if ends["first"] is None:
        return []
    span = Period(Period.of_month(ends["first"]).start, Period.of_month(ends["last"]).end)
    return list(span.months())[::-1]
