"""What changed about units, as the run reads it: measured areas and granted vacancies in one query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from billing.domain.pieces import UnitFacts
from billing.domain.slab import UNKNOWN
from billing.selectors.columns import ORDINAL, array_text, read_integers
from core.periods import Period
from estates.models.vacancies import GRANTED

FAR = date.max.toordinal()
NAMES = ("unit", "start", "until", "area", "share")
UNIT_FACTS = f"""
    SELECT unit_id, {ORDINAL.format("start")}, {FAR}, area_m2 * 10000, {UNKNOWN}
    FROM estates_unitarea WHERE unit_id = ANY(%(units)s::bigint[]) AND start < %(end)s
    UNION ALL
    SELECT unit_id, {ORDINAL.format("start")}, coalesce({ORDINAL.format('"end"')}, {FAR}), {UNKNOWN}, share * 10000
    FROM estates_vacancyentitlement
    WHERE unit_id = ANY(%(units)s::bigint[]) AND state = ANY(%(granted)s)
      AND start < %(end)s AND ("end" IS NULL OR "end" > %(start)s)
"""


def load_unit_facts(units: Iterable[int], span: Period) -> UnitFacts:
    """Return the facts of these units that hold on any day of the span."""
    params = {"units": array_text(units), "start": span.start, "end": span.end, "granted": list(GRANTED)}
    columns = read_integers(NAMES, UNIT_FACTS, params)
    return UnitFacts(*(columns[name] for name in NAMES))
