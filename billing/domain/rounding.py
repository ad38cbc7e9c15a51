"""Half-up, once per line, in whole coins: exact products of scaled integers, without a float on the way.

An amount is ``quantity × ratio`` coins, where the quantity is a scaled integer of a unit (area × 10⁴, say) and the
ratio, exact and the same for many units, takes up price, time, scale and coin.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
COIN_FEN = {"fen": 1, "jiao": 10, "yuan": 100}
INT64_MAX = 2**63 - 1
CEILING = 10**15


def round_half_up(value: Fraction) -> int:
    """Return the nearest whole number; halves away from zero.

    >>> round_half_up(Fraction("1960.5")), round_half_up(Fraction("-0.5"))
    (1961, -1)
    """
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def round_products(quantities: IntArray, ratios: Sequence[Fraction], which: IntArray) -> IntArray:
    """Return ``quantities[i] × ratios[which[i]]``, each rounded half-up to a whole number.

    Neither may be negative. Products that could leave 64 bits are worked out with Python's integers, with the same
    result, up to CEILING: what is larger is no amount and comes out as CEILING.

    >>> round_products(np.array([130_7000]), [Fraction("0.15") / 10**4 * 100], np.array([0])).tolist()
    [1961]
    """
    numerators = np.array([ratio.numerator for ratio in ratios], dtype=object)
    denominators = np.array([ratio.denominator for ratio in ratios], dtype=object)
    if not quantities.size:
        return quantities.copy()
    largest = int(quantities.max()) * int(numerators.max()) * 2 + int(denominators.max())
    kind = np.int64 if largest <= INT64_MAX and int(denominators.max()) * 2 <= INT64_MAX else object
    p, q = numerators.astype(kind)[which], denominators.astype(kind)[which]
    rounded = (quantities.astype(kind) * p * 2 + q) // (q * 2)
    return np.minimum(rounded, CEILING).astype(np.int64)


def share_among(exact: Sequence[Fraction]) -> list[int]:
    """Return whole coins for each exact amount that together are their sum rounded half-up once.

    Each amount is rounded down; the coins left over go one each to the largest remainders, to the earlier one among
    equals. So a change of payer inside a period never makes or loses a coin.

    >>> share_among([Fraction("85.25"), Fraction("85.25")])
    [86, 85]
    """
    coins = [amount.numerator // amount.denominator for amount in exact]
    left = round_half_up(sum(exact, Fraction(0))) - sum(coins)
    by_remainder = sorted(range(len(exact)), key=lambda i: (coins[i] - exact[i], i))
    for i in by_remainder[:left]:
        coins[i] += 1
    return coins
