"""Every method a tariff may have, and what accounts are charged by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from billing.domain.formula_charges import charge_expression
from billing.domain.formulas import (
    Base,
    Outcome,
    charge_area,
    charge_fixed,
    charge_meter,
    charge_pool,
    charge_tiers,
)

FORMULAS: Mapping[str, Callable[[Base], Outcome]] = {
    "area": charge_area,
    "fixed": charge_fixed,
    "meter": charge_meter,
    "tiers": charge_tiers,
    "pool": charge_pool,
    "expression": charge_expression,
}
