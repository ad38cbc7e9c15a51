"""Lines by formula: amounts worked out by hand, what parks a unit, and both roads agreeing on every one of them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.charges import Charged, charge_slab
from billing.domain.explain import explain
from billing.domain.slab import DueItem, Plan, Slab
from core.money import to_yuan
from core.periods import Period
from tests.billing.domain.slabs import FAR, LONG_AGO, SEPTEMBER, plan, slab, tariff

QUARTER = Period(date(2026, 7, 1), date(2026, 10, 1))
MID = date(2026, 9, 16)


def charged(text: str, facts: Slab, *, period: Period = SEPTEMBER) -> Charged:
    """What one formula comes to; every line is explained on the way and must agree."""
    return agreed(plan(tariff("expression", expression=text), period=period), facts)


def agreed(plan: Plan, facts: Slab) -> Charged:
    found = charge_slab(plan, facts)
    for text, fen in zip(found.lines.inputs.tolist(), found.lines.amount_fen.tolist(), strict=True):
        opened = explain(method="expression", inputs=json.loads(text), amount=to_yuan(fen))
        assert opened.agrees, (opened.computed, opened.amount, opened.contradictions)
    return found


def codes(found: Charged) -> list[tuple[str, list[int], bool]]:
    return [(finding.code, finding.units.tolist(), finding.blocks) for finding in found.findings]


def test_formula_of_area_and_floor() -> None:
    found = charged("area * 2.1 + if(floor > 1, 5, 0)", slab(["89.56", "89.56", "120"], floors=[1, 2, 30]))
    assert found.lines.amount_fen.tolist() == [18808, 19308, 25700]
    assert found.lines.quantity.tolist() == [10_000] * 3
    assert found.findings == []


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        ("area * 2", QUARTER, 60000),
        ("area * 2 * months", QUARTER, 60000),
        ("if(months >= 3, months - 1, months) * area", QUARTER, 20000),
        ("households * 30 + coefficient", SEPTEMBER, 3150),
        ("round(area / 3, 1)", SEPTEMBER, 3330),
    ],
)
def test_formula_by_months_or_of_the_period(text: str, period: Period, expected: int) -> None:
    assert charged(text, slab(["100"], floors=[3]), period=period).lines.amount_fen.tolist() == [expected]


def test_formula_of_use() -> None:
    facts = slab(["100", "100"], uses=["15.5", "-1"], floors=[1, 1])
    formula = tariff("expression", expression="max(use - 10, 0) * 3.2 + 8", meter_kind="water")
    found = charge_slab(plan(formula), facts)
    assert found.lines.amount_fen.tolist() == [2560]
    assert codes(found) == [("meter_backwards", [2], True)]


def test_formula_parks_what_it_cannot_work_out() -> None:
    facts = slab(["100", None, "50", "40"], floors=[1, 2, None, 5])
    found = charged("area / (floor - 5) + 100", facts)
    assert found.lines.amount_fen.tolist() == [7500]
    assert codes(found) == [("no_area", [2], True), ("no_floor", [3], True), ("formula_by_zero", [4], True)]


def test_formula_below_zero_parks() -> None:
    found = charged("area - 60", slab(["100", "50", "60"], floors=[1, 1, 1]))
    assert found.lines.amount_fen.tolist() == [4000, 0]
    assert codes(found) == [("formula_negative", [2], True)]


def test_change_of_payer_shares_a_formula_by_days() -> None:
    facts = slab(["100", "100"], units=[1, 1], spans=[(LONG_AGO, MID), (MID, FAR)], floors=[3])
    assert charged("area * 2 + 10", facts).lines.amount_fen.tolist() == [10500, 10500]
    assert charged("area * 2 * months + 10", facts).lines.amount_fen.tolist() == [10500, 10500]


def test_change_of_formula_inside_a_period() -> None:
    before = tariff("expression", expression="area * 2", end=MID)
    after = tariff("expression", id=2, expression="area * 3 * months", start=MID)
    assert agreed(plan(before, after), slab(["100"], floors=[1])).lines.amount_fen.tolist() == [25000]


def test_cycle_from_the_last_of_january_is_one_month() -> None:
    period = Period(date(2026, 1, 31), date(2026, 2, 28))
    items = (DueItem(1, "fee", period, (tariff("area", "2.35"),), np.array([1]), 31),)
    found = charge_slab(Plan(period, items, {"*": 0}), slab(["100", "100"]))
    assert found.lines.account.tolist() == [0]
    assert found.lines.amount_fen.tolist() == [23500]
    inputs = json.loads(found.lines.inputs[0])
    assert (inputs["parts"][0]["months"], inputs["month_day"]) == ("1", 31)
    assert explain(method="area", inputs=inputs, amount=Decimal("235.00")).agrees


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.decimals(1, 500, places=2), st.integers(-2, 33)), min_size=1, max_size=8),
    st.sampled_from(
        [
            "area * 2.1 + if(floor > 1, 5, 0)",
            "max(area, 90) * 1.85 * months",
            "round(area * 0.333, 1) + 5 / 3",
            "if(floor <= 0, 0, if(floor <= 6, 20, 30)) * coefficient",
        ]
    ),
    st.integers(1, 29),
)
def test_both_roads_agree(units: list[tuple[Decimal, int]], text: str, day: int) -> None:
    areas, floors = [f"{area}" for area, _ in units], [floor for _, floor in units]
    spans = [(date(2026, 9, day), FAR)] * len(units)
    assert charged(text, slab(areas, floors=floors, spans=spans)).lines.amount_fen.size == len(units)
