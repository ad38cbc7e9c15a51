"""One line computed alone: sums worked out by hand, and each input altered in turn must be seen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.explain import Explanation, explain
from billing.domain.steps import Background, FrozenPool
from core.money import split_fen

Inputs = dict[str, Any]

AREA: Inputs = {
    "area": "89.5600",
    "parts": [{"from": "2026-11-01", "to": "2026-11-30", "months": "1", "price": "2.350000", "version": 7}],
    "rounding": "fen",
}
YEAR: Inputs = {
    "area": "100.2400",
    "parts": [{"from": "2026-01-01", "to": "2026-12-31", "months": "12", "price": "1.400000", "version": 7}],
    "rounding": "fen",
}
PRICE_ROSE: Inputs = {
    "area": "100.0000",
    "parts": [
        {"from": "2026-10-01", "to": "2026-10-15", "months": "15/31", "price": "2.000000", "version": 7},
        {"from": "2026-10-16", "to": "2026-10-31", "months": "16/31", "price": "2.500000", "version": 8},
    ],
    "rounding": "fen",
}
FIXED: Inputs = {
    "parts": [{"from": "2026-10-01", "to": "2026-12-31", "months": "3", "price": "80.000000", "version": 7}],
    "rounding": "fen",
}
METER: Inputs = {
    "meters": [
        {
            "meter": "W1",
            "opening": {"on": "2026-09-30", "value": "621.0000"},
            "closing": {"on": "2026-10-31", "value": "636.0000"},
            "multiplier": "1.0000",
            "use": "15.0000",
        }
    ],
    "use": "15.0000",
    "parts": [
        {"from": "2026-10-01", "to": "2026-10-31", "days": 31, "of": 31, "price": "3.450000", "version": 7}
    ],
    "rounding": "jiao",
}
SWAPPED: Inputs = {
    **METER,
    "meters": [
        {
            "meter": "W1",
            "opening": {"on": "2026-09-30", "value": "621.0000"},
            "closing": {"on": "2026-10-31", "value": "12.5000"},
            "multiplier": "1.0000",
            "use": "15.0000",
            "stretches": [
                {
                    "opening": {"on": "2026-09-30", "value": "621.0000"},
                    "closing": {"on": "2026-10-09", "value": "625.0000"},
                    "multiplier": "1.0000",
                    "ends": "swap",
                },
                {
                    "opening": {"on": "2026-10-09", "value": "0.5000"},
                    "closing": {"on": "2026-10-31", "value": "12.5000"},
                    "multiplier": "1.0000",
                    "ends": "",
                },
            ],
            "ahead": ["1.0000", "0"],
            "estimated": ["opening"],
        }
    ],
}
TIERS: Inputs = {
    **{key: METER[key] for key in ("meters", "use")},
    "parts": [
        {
            "from": "2026-10-01",
            "to": "2026-10-31",
            "days": 31,
            "of": 31,
            "tiers": [["8.0000", "5.000000"], [None, "7.000000"]],
            "version": 7,
        }
    ],
    "rounding": "fen",
}
POOL: Inputs = {
    "pool": 3,
    "meter": "P1",
    "amount": "100.00",
    "key": "household",
    "weight": 1,
    "total": 3,
    "participants": 3,
    "floor": "33.33",
    "extra": "0.01",
    "rounding": "fen",
    "version": 7,
}
MIX: Inputs = {
    **POOL,
    "key": "area",
    "amount": "60.01",
    "weight": 500_000,
    "total": 3_500_000,
    "scale": 20_000,
    "times": [1, 2],
    "participants": 3,
    "floor": "8.57",
    "extra": "0.00",
    "whole": "100.01",
    "percents": ["60", "40"],
    "place": 0,
    "agreement": "业主大会 2025-03",
}
FROZEN = FrozenPool(Decimal(1000), Decimal(1125), Decimal(125), Decimal("0.8"), (1, 1, 1), 0)
LINES: dict[str, tuple[str, Inputs, str]] = {
    "area": ("area", AREA, "210.47"),
    "year": ("area", YEAR, "1684.03"),
    "price rose": ("area", PRICE_ROSE, "225.81"),
    "fixed": ("fixed", FIXED, "240.00"),
    "meter": ("meter", METER, "51.80"),
    "swapped": ("meter", SWAPPED, "51.80"),
    "tiers": ("tiers", TIERS, "89.00"),
    "pool": ("pool", POOL, "33.34"),
}


def explained_mix(**changes: object) -> Explanation:
    """60 % of 100.01 by area: 50 of 175 m², of which this unit's area counts half."""
    pool = FrozenPool(None, None, None, None, (1_000_000, 500_000, 2_000_000), 1, {"billed": "100.01"})
    inputs = {**MIX, **changes}
    return explain(method="pool", inputs=inputs, amount=Decimal("8.57"), background=Background(pool=pool))


def test_explain_a_mix_splits_the_pool_and_its_part_again() -> None:
    opened = explained_mix()
    assert (opened.computed, opened.contradictions) == (Decimal("8.57"), ())
    assert [(step.key, step.formula) for step in opened.steps] == [
        ("pool_amount", ""),
        ("key_part", "100.01 × 60%"),
        ("share", "25.00 ÷ 175.00"),
        ("down", "60.01 × 25.00 ÷ 175.00"),
        ("extra", ""),
        ("result", "8.57 + 0.00 = 8.57"),
    ]


@pytest.mark.parametrize(
    ("changes", "contradiction"),
    [
        ({"percents": ["50", "50"]}, "percent"),
        ({"percents": ["60", "30"]}, "percent"),
        ({"place": 1}, "percent"),
        ({"times": [3, 2]}, "times"),
        ({"times": [7, 8]}, "times"),
        ({"total": 3_500_001}, "weight"),
        ({"floor": "8.58"}, "floor"),
        ({"extra": "0.01"}, "extra"),
    ],
)
def test_explain_a_mix_sees_each_altered_input(changes: dict[str, object], contradiction: str) -> None:
    assert contradiction in explained_mix(**changes).contradictions


BALANCE = {
    "main": "1000.0000",
    "less": [{"meter": "W1", "opening": "0", "closing": "350", "multiplier": "2", "use": "700.0000"}],
    "without": [{"meter": "W2", "opening": "10", "closing": "60", "multiplier": "1", "use": "50.0000"}],
    "difference": "250.0000",
    "loss": "250.0000",
    "borne": "125.0000",
    "rule": "12.5%",
}


@pytest.mark.parametrize(
    ("changes", "contradictions"),
    [
        ({}, ()),
        ({"difference": "251.0000"}, ("loss",)),
        ({"borne": "100.0000"}, ("loss",)),
        ({"less": []}, ("loss",)),
    ],
)
def test_explain_takes_sub_meters_and_loss_from_the_main_meter(
    changes: dict[str, object], contradictions: tuple[str, ...]
) -> None:
    measured = {**BALANCE, **changes}
    pool = FrozenPool(Decimal(0), Decimal(1000), Decimal(125), Decimal("0.8"), (1, 1, 1), 0, measured)
    opened = explain(method="pool", inputs=POOL, amount=Decimal("33.34"), background=Background(pool=pool))
    assert opened.contradictions == contradictions
    if not changes:
        assert [(step.key, step.formula) for step in opened.steps[:4]] == [
            ("pool_use", ""),
            ("pool_less", "1,000 − 700 − 50"),
            ("pool_loss", "250 − 125"),
            ("pool_amount", "125 × 0.80"),
        ]


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


def test_pool_without_its_list_still_adds_up() -> None:
    opened = explain(method="pool", inputs=POOL, amount=Decimal("33.34"))
    assert opened.agrees
    assert [step.key for step in opened.steps] == ["share", "down", "extra", "result"]


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
    amount=st.integers(0, 10**9),
    weights=st.lists(st.integers(0, 10**7), min_size=1, max_size=60).filter(any),
    data=st.data(),
)
def test_every_share_of_any_pool_agrees(amount: int, weights: list[int], data: st.DataObject) -> None:
    shares = split_fen(amount, weights, [f"{i:03d}" for i in range(len(weights))])
    at = data.draw(st.integers(0, len(weights) - 1))
    total = sum(weights)
    down = amount * weights[at] // total
    inputs = {
        **POOL,
        "amount": f"{Decimal(amount).scaleb(-2):.2f}",
        "key": "area",
        "weight": weights[at],
        "total": total,
        "participants": len(weights),
        "floor": f"{Decimal(down).scaleb(-2):.2f}",
        "extra": f"{Decimal(shares[at] - down).scaleb(-2):.2f}",
    }
    use = Decimal(amount).scaleb(-2)
    pool = FrozenPool(Decimal(0), use, use, Decimal(1), weights, at)
    opened = explain(
        method="pool",
        inputs=inputs,
        amount=Decimal(shares[at]).scaleb(-2),
        background=Background(pool=pool),
    )
    assert opened.agrees


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
