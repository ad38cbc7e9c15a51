"""What lines remember of their rate: days, months, shares and prices, as explained lines compute from them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.domain.rates import Rate
from billing.domain.scopes import Stretch
from core.periods import Period
from tests.billing.domain.slabs import SEPTEMBER, tariff

FIRST_TEN = Period(date(2026, 9, 1), date(2026, 9, 11))


def remembered(parts: str) -> dict[str, Any]:
    """The fragment of a line's inputs as an object."""
    found: dict[str, Any] = json.loads(f"{{{parts}}}")
    return found


def test_day_parts_count_the_payers_days_of_all_payers_days() -> None:
    """Ten of thirty days: a buyer pays for the rest."""
    rate = Rate((Stretch(FIRST_TEN, tariff("meter", "3.45")),), own_days=10, of_days=30)
    assert remembered(rate.day_parts())["parts"] == [
        {
            "from": "2026-09-01",
            "to": "2026-09-10",
            "days": 10,
            "of": 30,
            "price": "3.450000",
            "version": 1,
        }
    ]
    assert rate.yuan_by_days == Fraction("1.15")


def test_tier_parts_count_the_payers_days_of_all_payers_days() -> None:
    rate = Rate((Stretch(FIRST_TEN, tariff("tiers")),), own_days=10, of_days=30)
    (part,) = remembered(rate.tier_parts())["parts"]
    assert (part["days"], part["of"], part["tiers"][-1]) == (10, 30, [None, "5.000000"])


def test_month_parts_are_the_months_of_their_own_days() -> None:
    rate = Rate((Stretch(FIRST_TEN, tariff("area", "2.10")),), own_days=10, of_days=30, share=Fraction(7, 10))
    memory = remembered(rate.month_parts())
    assert (memory["parts"][0]["months"], memory["share"], memory["rounding"]) == ("1/3", "0.7", "fen")
    assert rate.yuan_by_months == Fraction("0.49")


def test_month_parts_name_the_period_whose_days_count() -> None:
    quarter = Period(date(2026, 7, 1), date(2026, 10, 1))
    rate = Rate((Stretch(SEPTEMBER, tariff("area", "1")),), own_days=30, of_days=30, whole=quarter)
    memory = remembered(rate.month_parts())
    assert memory["whole"] == {"from": "2026-07-01", "to": "2026-09-30"}
    assert Fraction(memory["parts"][0]["months"]) == Fraction(90, 92)


def test_price_shown_is_unknown_when_it_changed() -> None:
    changed = (
        Stretch(FIRST_TEN, tariff("area", "1")),
        Stretch(Period(date(2026, 9, 11), date(2026, 10, 1)), tariff("area", "2")),
    )
    assert Rate(changed[:1], 10, 30).price_shown == 1_000_000
    assert Rate(changed, 30, 30).price_shown < 0
    assert Decimal(Rate(changed, 30, 30).coin_fen) == 1
