"""One line computed alone: sums worked out by hand, and each input altered in turn must be seen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.explain import Explanation, explain
from billing.domain.steps import Background
from tests.billing.domain.remembered import FROZEN, LINES, Inputs


def explained(name: str) -> Explanation:
    method, inputs, amount = LINES[name]
    return explain(method=method, inputs=inputs, amount=Decimal(amount), background=Background(pool=FROZEN))


@pytest.mark.parametrize("name", LINES)
def test_explain_agrees(name: str) -> None:
    opened = explained(name)
    assert (opened.computed, opened.contradictions, opened.agrees) == (Decimal(LINES[name][2]), (), True)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("area", [("area", ""), ("price", ""), ("result", "89.56 × 2.35 = 210.466")]),
        (
            "year",
            [("area", ""), ("price", ""), ("months", ""), ("result", "100.24 × 1.40 × 12 = 1,684.032")],
        ),
        (
            "price rose",
            [
                ("area", ""),
                ("price", ""),
                ("part", "100.00 × 2.00 × 15/31"),
                ("price", ""),
                ("part", "100.00 × 2.50 × 16/31"),
                ("result", "96.7742 + 129.0323 = 225.8065"),
            ],
        ),
        ("fixed", [("price", ""), ("months", ""), ("result", "80.00 × 3 = 240")]),
        ("meter", [("reading", ""), ("price", ""), ("result", "15 × 3.45 = 51.75")]),
        (
            "swapped",
            [
                ("stretch", ""),
                ("stretch", ""),
                ("ahead", ""),
                ("reading", ""),
                ("price", ""),
                ("result", "15 × 3.45 = 51.75"),
            ],
        ),
        (
            "tiers",
            [("reading", ""), ("slab", "8 × 5.00"), ("slab", "7 × 7.00"), ("result", "40 + 49 = 89")],
        ),
        (
            "pool",
            [
                ("pool_use", ""),
                ("pool_amount", "125 × 0.80"),
                ("share", "1.00 ÷ 3.00"),
                ("down", "100.00 × 1.00 ÷ 3.00"),
                ("extra", ""),
                ("result", "33.33 + 0.01 = 33.34"),
            ],
        ),
    ],
)
def test_steps_of_a_line(name: str, steps: list[tuple[str, str]]) -> None:
    assert [(step.key, step.formula) for step in explained(name).steps] == steps


def altered(inputs: Inputs, change: Callable[[Inputs], object]) -> Inputs:
    changed = copy.deepcopy(inputs)
    change(changed)
    return changed


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("area", lambda i: i.update(area="89.5700")),
        ("area", lambda i: i["parts"][0].update(price="2.360000")),
        ("area", lambda i: i["parts"][0].update(months="29/30")),
        ("area", lambda i: i["parts"][0].update(to="2026-11-29")),
        ("area", lambda i: i.update(rounding="jiao")),
        ("year", lambda i: i["parts"][0].update(months="11")),
        ("fixed", lambda i: i["parts"][0].update(price="79.990000")),
        ("meter", lambda i: i["meters"][0]["closing"].update(value="637.0000")),
        ("meter", lambda i: i["meters"][0]["opening"].update(value="620.0000")),
        ("meter", lambda i: i["meters"][0].update(multiplier="2.0000")),
        ("meter", lambda i: i["meters"][0].update(use="16.0000")),
        ("meter", lambda i: i.update(use="16.0000")),
        ("meter", lambda i: i["parts"][0].update(days=30)),
        ("meter", lambda i: i["parts"][0].update(of=30)),
        ("meter", lambda i: i["parts"][0].update(price="3.400000")),
        ("swapped", lambda i: i["meters"][0]["opening"].update(value="620.0000")),
        ("swapped", lambda i: i["meters"][0]["closing"].update(value="13.5000")),
        ("swapped", lambda i: i["meters"][0]["stretches"][0]["closing"].update(value="626.0000")),
        ("swapped", lambda i: i["meters"][0]["stretches"][1]["opening"].update(value="0.0000")),
        ("swapped", lambda i: i["meters"][0]["stretches"][1].update(multiplier="2.0000")),
        ("swapped", lambda i: i["meters"][0].update(ahead=["0", "0"])),
        ("swapped", lambda i: i["meters"][0].update(use="16.0000")),
        ("tiers", lambda i: i["parts"][0].update(tiers=[["9.0000", "5.000000"], [None, "7.000000"]])),
        ("tiers", lambda i: i["parts"][0].update(tiers=[["8.0000", "5.000000"], [None, "7.010000"]])),
        ("pool", lambda i: i.update(amount="100.01")),
        ("pool", lambda i: i.update(weight=2)),
        ("pool", lambda i: i.update(total=4)),
        ("pool", lambda i: i.update(floor="33.32")),
        ("pool", lambda i: i.update(extra="0.00")),
    ],
)
def test_one_altered_input_is_seen(name: str, change: Callable[[Inputs], object]) -> None:
    method, inputs, amount = LINES[name]
    opened = explain(
        method=method,
        inputs=altered(inputs, change),
        amount=Decimal(amount),
        background=Background(pool=FROZEN),
    )
    assert not opened.agrees


@pytest.mark.parametrize("name", LINES)
def test_one_altered_fen_is_seen(name: str) -> None:
    method, inputs, amount = LINES[name]
    assert not explain(method=method, inputs=inputs, amount=Decimal(amount) + Decimal("0.01")).agrees


def test_split_between_payers() -> None:
    split = {"whole": "210.47", "exact": ["105233/1000", "105233/1000"], "at": 0}
    part = {"from": "2026-11-01", "to": "2026-11-15", "months": "1/2", "price": "2.350000", "version": 7}
    inputs = {"area": "89.5600", "parts": [part], "rounding": "fen", "split": split}
    first = explain(method="area", inputs=inputs, amount=Decimal("105.24"))
    second = explain(method="area", inputs={**inputs, "split": {**split, "at": 1}}, amount=Decimal("105.23"))
    assert (first.agrees, second.agrees) == (True, True)
    assert not explain(
        method="area", inputs={**inputs, "split": {**split, "whole": "210.46"}}, amount=Decimal("105.24")
    ).agrees
    assert not explain(
        method="area",
        inputs={**inputs, "split": {**split, "exact": ["105234/1000", "105233/1000"]}},
        amount=Decimal("105.24"),
    ).agrees


def test_line_that_remembers_nothing() -> None:
    opened = explain(method="fixed", inputs={}, amount=Decimal("80.00"))
    assert (opened.computed, opened.agrees, [step.key for step in opened.steps]) == (None, False, ["result"])


@given(
    area=st.decimals(min_value=1, max_value=999, places=4),
    price=st.decimals(min_value=0, max_value=99, places=6),
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_amount_never_differs_from_the_exact_sum_by_more_than_half_a_fen(
    area: Decimal, price: Decimal, first: date
) -> None:
    part = {"from": f"{first}", "to": f"{first}", "months": "1/31", "price": f"{price}", "version": 1}
    opened = explain(
        method="area",
        inputs={"area": f"{area}", "parts": [part], "rounding": "fen"},
        amount=Decimal("0.00"),
    )
    assert opened.computed is not None
    assert abs(opened.computed - area * price / 31) <= Decimal("0.005")
