"""A share of a pool computed alone: mixes, losses, and the sum of all shares."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.explain import Explanation, explain
from billing.domain.steps import Background, FrozenPool
from core.money import split_fen
from tests.billing.domain.remembered import POOL, Inputs

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


def test_pool_without_its_list_still_adds_up() -> None:
    opened = explain(method="pool", inputs=POOL, amount=Decimal("33.34"))
    assert opened.agrees
    assert [step.key for step in opened.steps] == ["share", "down", "extra", "result"]


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
