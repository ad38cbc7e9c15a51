"""Half-up to whole coins, exactly, whatever the size of the numbers."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.rounding import CEILING, round_half_up, round_products, share_among

amounts = st.fractions(min_value=0, max_value=10**7, max_denominator=10**4)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.4999", 0),
        ("0.5", 1),
        ("1.5", 2),
        ("2.5", 3),
        ("1960.5", 1961),
        ("-0.5", -1),
        ("-0.4", 0),
        ("0", 0),
    ],
)
def test_round_half_up(value: str, expected: int) -> None:
    assert round_half_up(Fraction(value)) == expected


PRODUCTS = [
    ("130.7000", "0.15", 1, 1961),
    ("100.2400", "16.80", 1, 168403),
    ("89.5600", "2.35", 1, 21047),
    ("89.5600", "2.35", 10, 2105),
    ("89.5600", "2.35", 100, 210),
    ("26.5127", "1.85", 10, 490),
    ("0.0001", "0.01", 1, 0),
]
"""Area, price, coin in fen, and the amount in coins."""


@pytest.mark.parametrize(("area", "price", "coin_fen", "expected"), PRODUCTS)
def test_round_products_area_times_price(area: str, price: str, coin_fen: int, expected: int) -> None:
    ratio = Fraction(price) * 100 / (10**4 * coin_fen)
    quantity = np.array([int(Fraction(area) * 10**4)])
    assert round_products(quantity, [ratio], np.array([0])).tolist() == [expected]


def test_products_cut_off_are_other_amounts() -> None:
    """The red twin of P-07: what truncation would make of the same table, and of a float in its first row."""
    cut = [floor(Fraction(area) * Fraction(price) * 100 / coin) for area, price, coin, _expected in PRODUCTS]
    assert cut == [1960, 168403, 21046, 2104, 210, 490, 0]
    assert round(0.15 * 130.70, 2) == 19.6


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=20),
    st.lists(st.fractions(min_value=0, max_value=10**3, max_denominator=10**9), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_round_products_equals_fractions(
    quantities: list[int], ratios: list[Fraction], random: object
) -> None:
    which = [random.randrange(len(ratios)) for _ in quantities]  # type: ignore[attr-defined]
    exact = [min(round_half_up(q * ratios[w]), CEILING) for q, w in zip(quantities, which, strict=True)]
    assert round_products(np.array(quantities), ratios, np.array(which)).tolist() == exact


def test_round_products_beyond_64_bits_is_exact() -> None:
    quantities, ratios = np.array([10**12, 10**12, 10**12]), [Fraction(10**9 - 1, 10**6), Fraction(10**6)]
    found = round_products(quantities, ratios, np.array([0, 1, 0]))
    assert found.tolist() == [999_999_999_000_000, CEILING, 999_999_999_000_000]


@given(st.lists(amounts, min_size=1, max_size=6))
def test_share_among_keeps_the_whole(exact: list[Fraction]) -> None:
    coins = share_among(exact)
    assert sum(coins) == round_half_up(sum(exact, Fraction(0)))
    assert all(abs(coin - amount) <= 1 for coin, amount in zip(coins, exact, strict=True))


def test_share_among_equals_goes_to_the_earlier() -> None:
    assert share_among([Fraction("85.25"), Fraction("85.25")]) == [86, 85]
    assert share_among([Fraction("85.5"), Fraction("84.5")]) == [86, 84]
    assert share_among([Fraction("85.1"), Fraction("84.9")]) == [85, 85]
