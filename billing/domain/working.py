"""How figures of a working are written: as exact as they are, and no longer than a reader can follow."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MOST_PLACES = 6
WORKING_PLACES = 4


def plain_text(value: Decimal, places: int = 0) -> str:
    """Write an exact figure with thousands grouped, without idle zeros but with at least ``places`` decimals.

    >>> plain_text(Decimal("2.350000"), 2), plain_text(Decimal("6248.4000"), 2), plain_text(Decimal("1108"))
    ('2.35', '6,248.40', '1,108')
    """
    text = f"{value:,f}"
    whole, _point, decimals = text.partition(".")
    kept = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{kept}" if kept else whole


def exact_text(value: Fraction, places: int = 0) -> str:
    """Write a fraction: as a decimal when it has one of at most six places, small parts as ``16/31``, else with
    four places.

    >>> exact_text(Fraction("210.466")), exact_text(Fraction(16, 31)), exact_text(Fraction(99782, 10001))
    ('210.466', '16/31', '9.9772')
    """
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(round(decimal, MOST_PLACES)) == value:
        return plain_text(round(decimal, MOST_PLACES), places)
    if value.denominator <= 31 and abs(value) < 1:  # days of a month
        return f"{value.numerator}/{value.denominator}"
    return plain_text(decimal.quantize(Decimal(1).scaleb(-WORKING_PLACES), ROUND_HALF_UP), places)
