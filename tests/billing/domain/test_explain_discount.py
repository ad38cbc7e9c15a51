"""A discount opens into the rule's figures and comes to the same fen by another way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.discounts import Ahead, split_in_order, weigh_percent
from billing.domain.explain_discount import explain_discount
from core.money import to_yuan

YEAR: dict[str, Any] = {
    "kind": "months", "months": 12, "gift_months": 1, "monthly": "100", "paid": "1200.00", "gift": "100.00",
    "money_gone": "184.62", "gift_gone": "15.38", "owed": "100.00", "covered": "100.00",
}  # fmt: skip
"""The third bill of a year ahead: 23.08 up to it, 15.38 before."""

BILL: dict[str, Any] = {
    "kind": "on_time", "base": "100.00", "percent": "2.00", "due_on": "2026-11-20",
    "weights": ["60.00", "40.00"], "at": 1,
}  # fmt: skip


def steps_of(inputs: dict[str, Any], amount: str) -> list[tuple[str, Fraction, str]]:
    return [(step.key, step.value, step.formula) for step in explain_discount(inputs, Decimal(amount)).steps]


def test_explain_discount_of_money_paid_ahead() -> None:
    assert explain_discount(YEAR, Decimal("7.70")).agrees
    assert steps_of(YEAR, "7.70") == [
        ("paid_ahead", Fraction(1200), ""),
        ("gift", Fraction(100), "100.00 × 1"),
        ("gift_share", Fraction("23.08"), "100.00 × 300.00 ÷ 1,300.00"),
        ("gift_gone", Fraction("-15.38"), ""),
        ("result", Fraction("7.70"), ""),
    ]


def test_explain_discount_by_percent() -> None:
    inputs = YEAR | {"kind": "percent", "percent": "5.00", "paid": "1140.00", "gift": "60.00"}
    inputs |= {"money_gone": "0.00", "gift_gone": "0.00"}
    assert explain_discount(inputs, Decimal("5.00")).agrees
    assert steps_of(inputs, "5.00")[1] == ("gift", Fraction(60), "1,140.00 × 5 ÷ 95")


def test_explain_discount_on_time() -> None:
    assert explain_discount(BILL, Decimal("0.80")).agrees
    assert steps_of(BILL, "0.80") == [
        ("on_time_base", Fraction(100), ""),
        ("on_time_whole", Fraction(2), "100.00 × 2%"),
        ("on_time_share", Fraction("0.8"), ""),
        ("result", Fraction("0.8"), ""),
    ]


def test_explain_discount_of_a_sum_is_never_more_than_the_bill() -> None:
    inputs = {"kind": "on_time", "base": "3.00", "amount": "5.00", "due_on": "2026-11-20", "at": 0}
    assert explain_discount(inputs | {"weights": ["3.00"]}, Decimal("3.00")).agrees


@pytest.mark.parametrize(
    ("inputs", "amount"),
    [
        (YEAR, "7.69"),
        # 110.00 × 300.00 ÷ 1,310.00 − 15.38: computed rightly, from a gift the rule does not give
        (YEAR | {"gift": "110.00"}, "9.81"),
        (BILL, "0.79"),
        (BILL | {"percent": "3.00"}, "0.80"),
    ],
)
def test_explain_discount_notices_a_wrong_figure(inputs: dict[str, Any], amount: str) -> None:
    assert not explain_discount(inputs, Decimal(amount)).agrees


@given(st.integers(1, 5_000_000), st.integers(1, 3_000_000), st.integers(1, 60))
def test_explain_discount_agrees_with_what_is_given(monthly: int, owed: int, used: int) -> None:
    ahead = Ahead(paid=monthly * 12, gift=monthly).use(used * monthly // 10)
    inputs = YEAR | {
        "monthly": str(Fraction(monthly, 100)),
        "paid": str(to_yuan(ahead.paid)),
        "gift": str(to_yuan(ahead.gift)),
        "money_gone": str(to_yuan(ahead.money_gone)),
        "gift_gone": str(to_yuan(ahead.gift_gone)),
        "covered": str(to_yuan(min(owed, ahead.money + ahead.gift_left))),
    }
    assert explain_discount(inputs, to_yuan(ahead.earn(owed))).agrees


@given(st.lists(st.integers(1, 1_000_000), min_size=1, max_size=8), st.integers(1, 50))
def test_explain_discount_shares_as_the_rule_does(asked: list[int], percent: int) -> None:
    base = sum(asked)
    whole = weigh_percent(base, Fraction(percent, 100))
    for at, part in enumerate(split_in_order(whole, asked)):
        inputs = BILL | {
            "base": str(to_yuan(base)),
            "percent": str(percent),
            "weights": [str(to_yuan(fen)) for fen in asked],
            "at": at,
        }
        assert explain_discount(inputs, to_yuan(part)).agrees


def test_explain_discount_of_a_line_that_turned_out_to_cost_less() -> None:
    """2.00 were given on 100.00, of which 80.25 are left: 1.605, so 1.61."""
    inputs = {"kind": "left", "given": "2.00", "on": "100.00", "left": "80.25"}
    assert explain_discount(inputs, Decimal("1.61")).agrees
    assert not explain_discount(inputs, Decimal("1.60")).agrees
    assert steps_of(inputs, "1.61")[1][2] == "2.00 × 80.25 ÷ 100.00"
