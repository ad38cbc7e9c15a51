"""Slabs of what meters counted: their borders, their days, and numbers too large for 64 bits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.metered import SLAB_SCALE, slab_days, slab_value
from billing.domain.rates import Rate
from billing.domain.scopes import Stretch, Tier
from core.periods import Period
from tests.billing.domain.slabs import TIERS, tariff


def value_of(use: Fraction) -> Fraction:
    """What the use costs by TIERS, slab by slab."""
    borders = [Fraction(0), Fraction(10), Fraction(20), Fraction(30)]
    tops = [*borders[1:], max(use, Fraction(30))]
    within = (max(Fraction(0), min(use, top) - low) for low, top in zip(borders, tops, strict=True))
    return sum((part * price for part, price in zip(within, (2, 3, 4, 5), strict=True)), Fraction(0))


@given(st.decimals("0", "100000", places=4))
def test_slab_value_is_each_slab_at_its_price(use: Decimal) -> None:
    value = slab_value(np.array([int(use * 10**4)]), TIERS)
    assert Fraction(int(value[0]), SLAB_SCALE) == value_of(Fraction(use))


def test_slab_value_of_one_open_slab() -> None:
    assert slab_value(np.array([7_0000]), [Tier(None, Decimal("3.45"))]).tolist() == [241_500_000_000]


def rate(*spans: tuple[date, date, tuple[Tier, ...]]) -> Rate:
    stretches = [
        Stretch(Period(start, end), tariff("tiers", id=number, tiers=tiers))
        for number, (start, end, tiers) in enumerate(spans, start=1)
    ]
    days = sum(stretch.period.days for stretch in stretches)
    return Rate(tuple(stretches), days, days)


def test_slab_days_weighs_slabs_that_changed_by_days() -> None:
    dearer = (Tier(None, Decimal(4)),)
    changed = rate(
        (date(2026, 9, 1), date(2026, 9, 11), TIERS), (date(2026, 9, 11), date(2026, 10, 1), dearer)
    )
    assert slab_days(np.array([5_0000]), [changed], np.array([0])).tolist() == [
        (10 * 10 + 20 * 20) * SLAB_SCALE
    ]


@pytest.mark.parametrize("price", ["999999.999999", "1"])
def test_slab_days_of_a_great_use_over_a_year_is_exact(price: str) -> None:
    year = rate((date(2026, 1, 1), date(2027, 1, 1), (Tier(None, Decimal(price)),)))
    use = 99_999_999_9999
    found = slab_days(np.array([use]), [year], np.array([0]))
    assert int(found[0]) == use * int(Decimal(price) * 10**6) * 365
