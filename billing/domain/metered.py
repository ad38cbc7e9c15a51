"""What meters counted, and what slabs of it cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from billing.domain.rates import Rate
from billing.domain.rounding import INT64_MAX
from billing.domain.scopes import Tier
from billing.domain.slab import AREA_SCALE, PRICE_SCALE, IntArray
from estates.domain.counting import Segment, Shown, list_segments

SLAB_SCALE = AREA_SCALE * PRICE_SCALE


def slab_value(use: IntArray, tiers: Sequence[Tier]) -> IntArray:
    """Return what the use (× 10⁴) costs when each slab of it has its own price, in yuan × 10¹⁰.

    The last slab is open, whatever its limit says.

    >>> tiers = [Tier(Decimal(10), Decimal(2)), Tier(Decimal(20), Decimal(3)), Tier(None, Decimal(4))]
    >>> (slab_value(np.array([10_0000, 25_0000]), tiers) // SLAB_SCALE).tolist()
    [20, 70]
    """
    value, low = np.zeros_like(use), 0
    for tier in tiers[:-1]:
        high = int(Decimal(tier.limit or 0) * AREA_SCALE)
        value += (np.clip(use, low, high) - low) * int(tier.price * PRICE_SCALE)
        low = high
    value += np.maximum(use - low, 0) * int(tiers[-1].price * PRICE_SCALE)
    return value


def slab_days(use: IntArray, rates: Sequence[Rate], which: IntArray) -> IntArray:
    """Return Σ slabs(use) × days over the stretches of each account's rate, in yuan × 10¹⁰ × days.

    Python's integers take over where 64 bits could run over.
    """
    prices = [tier.price for rate in rates for s in rate.stretches for tier in s.tariff.tiers]
    days = max((rate.of_days for rate in rates), default=1)
    largest = int(use.max(initial=0)) * int(max(prices, default=0) * PRICE_SCALE + 1) * days
    values = np.zeros(use.shape, dtype=np.int64 if largest <= INT64_MAX else object)
    for i in np.flatnonzero(np.bincount(which)).tolist():
        rows = np.flatnonzero(which == i)
        for stretch in rates[i].stretches:
            value = slab_value(use[rows].astype(values.dtype), stretch.tariff.tiers)
            values[rows] += value * stretch.period.days
    return values


def tell_history(history: Sequence[Shown]) -> dict[str, Any]:
    """Return how a use came about, as ``billing.domain.inputs.MeterUse`` remembers it beside opening and closing.

    history: the readings from the opening to the closing one, in the order of days.
    """
    opening, closing = history[0], history[-1]
    ends = {"opening": opening, "closing": closing}
    return {
        "stretches": [_stretch(segment) for segment in list_segments(history)],
        "ahead": [f"{opening.ahead:f}", f"{closing.ahead:f}"],
        "estimated": [name for name, shown in ends.items() if shown.is_estimate],
    }


def _stretch(segment: Segment) -> dict[str, Any]:
    return {
        "opening": {"on": segment.first.isoformat(), "value": f"{segment.opening:.4f}"},
        "closing": {"on": segment.last.isoformat(), "value": f"{segment.closing:.4f}"},
        "multiplier": f"{segment.multiplier:.4f}",
        "ends": segment.ends,
    }
