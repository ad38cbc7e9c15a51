"""Why a fee came to something else than last month: the cause with its figures, and nothing beside it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.domain.comparison import Change, Charge, compare
from billing.domain.steps import Background, FrozenPool


def by_area(amount: str, *, area: str = "100", price: str = "2.35", months: str = "1") -> Charge:
    inputs = {"area": area, "parts": [{"months": months, "price": price}]}
    return Charge(Decimal(amount), "area", [inputs])


def by_meter(amount: str, use: str, price: str = "3.45") -> Charge:
    inputs = {"use": use, "parts": [{"price": price}]}
    return Charge(Decimal(amount), "meter", [inputs], Background(meter_kind="water"))


def by_tiers(amount: str, use: str, first_price: str = "2") -> Charge:
    return Charge(
        Decimal(amount), "tiers", [{"use": use, "parts": [{"tiers": [["10", first_price], [None, "5"]]}]}]
    )


def by_pool(amount: str, *, weight: int = 1, total: int = 3, use: str = "125") -> Charge:
    pool = FrozenPool(Decimal(0), Decimal(use), Decimal(use), Decimal("0.8"), (), 0)
    return Charge(Decimal(amount), "pool", [{"weight": weight, "total": total}], Background(pool=pool))


def told(change: Change) -> tuple[str, dict[str, tuple[Any, Any]]]:
    """The change of the amount, and each cause with what was and what is."""
    figures = {cause.key: (cause.figures.get("before"), cause.figures.get("now")) for cause in change.causes}
    return str(change.amount), figures


def test_new_fee_adds_all_of_itself() -> None:
    assert told(compare(by_area("235.00"), None)) == ("235.00", {"new": (None, None)})


def test_fee_that_is_gone_takes_all_of_itself_away() -> None:
    assert told(compare(None, by_area("235.00"))) == ("-235.00", {"gone": (None, None)})


def test_nothing_against_nothing_is_nothing() -> None:
    assert told(compare(None, None)) == ("0.00", {"gone": (None, None)})


def test_price_is_the_only_cause_when_only_it_rose() -> None:
    assert told(compare(by_area("240.00", price="2.40"), by_area("235.00"))) == (
        "5.00",
        {"price": (Fraction("2.35"), Fraction("2.4"))},
    )


def test_area_and_months_are_causes_side_by_side() -> None:
    change = compare(by_area("117.50", area="200", months="1/4"), by_area("235.00"))
    assert told(change) == (
        "-117.50",
        {"area": (Fraction(100), Fraction(200)), "months": (Fraction(1), Fraction(1, 4))},
    )


def test_other_method_is_told_as_such() -> None:
    fixed = Charge(Decimal("80.00"), "fixed", [{"parts": [{"months": "1", "price": "80"}]}])
    assert told(compare(fixed, by_area("235.00"))) == ("-155.00", {"method": (None, None)})


def test_use_is_the_cause_for_what_a_meter_counted() -> None:
    change = compare(by_meter("51.75", "15"), by_meter("44.85", "13"))
    assert told(change) == ("6.90", {"use": (Fraction(13), Fraction(15))})
    assert change.causes[0].figures["meter_kind"] == "water"


def test_slabs_are_the_cause_when_their_prices_changed() -> None:
    amount, causes = told(compare(by_tiers("18.00", "9", "2"), by_tiers("27.00", "9", "3")))
    assert (amount, list(causes)) == ("-9.00", ["slabs"])


def test_pool_and_share_are_told_apart() -> None:
    assert told(compare(by_pool("33.34", use="125"), by_pool("32.00", use="120"))) == (
        "1.34",
        {"pool_use": (Fraction(120), Fraction(125))},
    )
    assert told(compare(by_pool("33.34", weight=2, total=6), by_pool("33.34")))[1] == {
        "same": (None, None),
    }
    assert told(compare(by_pool("25.00", total=4), by_pool("33.34")))[1] == {
        "share": (Fraction(1, 3), Fraction(1, 4)),
    }


def test_a_fen_without_a_cause_is_rounding_up_or_down() -> None:
    assert list(told(compare(by_area("235.01"), by_area("235.00")))[1]) == ["rounding"]
    assert list(told(compare(by_area("234.99"), by_area("235.00")))[1]) == ["rounding"]
    assert list(told(compare(by_area("235.00"), by_area("235.00")))[1]) == ["same"]


def test_line_that_remembers_nothing_has_no_cause_but_its_amount() -> None:
    before = Charge(Decimal("80.00"), "area")
    assert told(compare(by_area("235.00"), before)) == ("155.00", {"rounding": (None, None)})
