"""Inputs as lines of each kind remember them, and the amounts worked out from them by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from billing.domain.steps import FrozenPool

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
