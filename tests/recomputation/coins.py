"""Rounding half-up, and sharing whole coins; nothing here comes from the product."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def half_up(value: Fraction) -> int:
    return floor(value + HALF)


def share_out(exact: Sequence[Fraction]) -> list[int]:
    """Whole coins that sum to the rounded whole: each rounded down, then the largest remainders, the earlier first."""
    coins = [floor(part) for part in exact]
    left = half_up(sum(exact, Fraction(0))) - sum(coins)
    ranking = sorted(range(len(exact)), key=lambda i: (coins[i] - exact[i], i))
    for i in ranking[:left]:
        coins[i] += 1
    return coins


def as_yuan(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"))


def as_fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)
