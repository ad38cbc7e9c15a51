"""What the formulae of a plan ask about units, read only when one of them does."""

from __future__ import annotations

from collections.abc import Sequence

from billing.domain.expressions import parse
from billing.domain.slab import NO_TRAITS, UNKNOWN, Plan, Traits
from billing.models.pools import USUAL_COEFFICIENT
from billing.selectors.columns import array_text, read_integers

NAMES = ("unit", "inner_area", "floor", "households", "coefficient")
TRAITS = f"""
    SELECT unit.id, coalesce(inner_area_m2 * 10000, {UNKNOWN}), coalesce(floor * 10000, {UNKNOWN}),
           CASE WHEN kind IN ('parking', 'storage') THEN 0 ELSE 10000 END,
           coalesce(agreed.value, {USUAL_COEFFICIENT}) * 10000
    FROM estates_unit unit
    LEFT JOIN billing_unitcoefficient agreed ON agreed.unit_id = unit.id AND agreed.name = ''
        AND agreed.start <= %(day)s AND (agreed."end" IS NULL OR agreed."end" > %(day)s)
    WHERE unit.id = ANY(%(units)s::bigint[]) ORDER BY unit.id
"""


def load_traits(plan: Plan, units: Sequence[int]) -> Traits:
    """Return what formulae may ask about these units; nothing when no formula of the plan asks for it."""
    formulae = {tariff.expression for item in plan.items for tariff in item.tariffs if tariff.expression}
    if not any(parse(formula).names.intersection(NAMES) for formula in formulae):
        return NO_TRAITS
    columns = read_integers(NAMES, TRAITS, {"units": array_text(units), "day": plan.run.last_day})
    return Traits(*(columns[name] for name in NAMES))
