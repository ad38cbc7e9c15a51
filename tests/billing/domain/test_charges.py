"""What lines come to: amounts worked out by hand, and laws that hold for any tariff."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.rounding import round_half_up
from billing.domain.slab import UNKNOWN, Plan, Slab
from core.periods import Period, month_fraction
from tests.billing.domain.slabs import FAR, LONG_AGO, SEPTEMBER, plan, slab, tariff

YEAR, FEBRUARY, LEAP = (
    Period(date(2026, 1, 1), date(2027, 1, 1)),
    Period.month("2026-02"),
    Period.month("2024-02"),
)
MID = date(2026, 9, 16)


def fen(plan: Plan, facts: Slab) -> list[int]:
    return charge_slab(plan, facts).lines.amount_fen.tolist()


def inputs(plan: Plan, facts: Slab) -> list[dict[str, Any]]:
    return [json.loads(text) for text in charge_slab(plan, facts).lines.inputs.tolist()]


@pytest.mark.parametrize(
    ("area", "price", "period", "expected"),
    [
        ("100.24", "1.40", YEAR, 168403),
        ("130.70", "0.15", SEPTEMBER, 1961),
        ("89.56", "2.35", SEPTEMBER, 21047),
        ("26.5127", "1.85", SEPTEMBER, 4905),
        ("100", "2.35", Period(date(2026, 1, 1), date(2026, 4, 1)), 70500),
        ("100", "2.35", FEBRUARY, 23500),
        ("99999.9999", "999.999999", YEAR, 119999999760),
    ],
)
def test_area_is_rounded_once(area: str, price: str, period: Period, expected: int) -> None:
    assert fen(plan(tariff("area", price), period=period), slab([area])) == [expected]


@pytest.mark.parametrize(("rounding", "expected"), [("fen", 21047), ("jiao", 21050), ("yuan", 21000)])
def test_rounding_is_the_versions(rounding: str, expected: int) -> None:
    assert fen(plan(tariff("area", "2.35", rounding=rounding)), slab(["89.56"])) == [expected]


@pytest.mark.parametrize(
    ("start", "end", "period", "expected"),
    [
        (date(2026, 8, 31), FAR, SEPTEMBER, 30000),
        (date(2026, 9, 1), FAR, SEPTEMBER, 30000),
        (date(2026, 9, 2), FAR, SEPTEMBER, 29000),
        (date(2026, 9, 16), FAR, SEPTEMBER, 15000),
        (date(2026, 9, 30), FAR, SEPTEMBER, 1000),
        (LONG_AGO, date(2026, 9, 2), SEPTEMBER, 1000),
        (LONG_AGO, date(2026, 9, 30), SEPTEMBER, 29000),
        (LONG_AGO, date(2026, 10, 1), SEPTEMBER, 30000),
        (date(2026, 2, 28), FAR, FEBRUARY, 1071),
        (date(2024, 2, 29), FAR, LEAP, 1034),
        (date(2026, 7, 16), FAR, Period(date(2026, 7, 1), date(2026, 10, 1)), 75484),
        (date(2026, 1, 31), date(2026, 3, 1), Period(date(2026, 1, 1), date(2026, 4, 1)), 30968),
    ],
)
def test_fixed_is_charged_by_days_of_each_month(
    start: date, end: date, period: Period, expected: int
) -> None:
    assert fen(plan(tariff("fixed", "300"), period=period), slab(spans=[(start, end)])) == [expected]


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 10, 1), FAR), (LONG_AGO, date(2026, 9, 1)), (LONG_AGO, date(2026, 8, 31))]
)
def test_days_outside_the_period_are_not_charged(start: date, end: date) -> None:
    assert fen(plan(tariff("fixed", "300")), slab(spans=[(start, end)])) == []


def test_price_change_inside_is_one_line_rounded_once() -> None:
    versions = [tariff("area", "2.00", id=1, end=MID), tariff("area", "2.50", id=2, start=MID)]
    assert fen(plan(*versions), slab(["89.57"])) == [20153]
    parts = inputs(plan(*versions), slab(["89.57"]))[0]["parts"]
    assert parts == [
        {"from": "2026-09-01", "to": "2026-09-15", "months": "1/2", "price": "2.000000", "version": 1},
        {"from": "2026-09-16", "to": "2026-09-30", "months": "1/2", "price": "2.500000", "version": 2},
    ]


def test_change_of_payer_makes_two_lines_that_sum_to_the_whole() -> None:
    facts = slab(["100.01", "100.01"], spans=[(LONG_AGO, MID), (MID, FAR)], units=[1, 1])
    assert fen(plan(tariff("area", "1.05")), slab(["100.01"])) == [10501]
    assert fen(plan(tariff("area", "1.05")), facts) == [5251, 5250]
    first, second = inputs(plan(tariff("area", "1.05")), facts)
    assert first["split"] == {"whole": "105.01", "exact": ["210021/4000", "210021/4000"], "at": 0}
    assert second["split"]["at"] == 1


def test_newest_payers_tariff_sets_the_coin_of_the_unit() -> None:
    versions = [
        tariff("area", "1.05", id=1, end=MID),
        tariff("area", "1.05", id=2, start=MID, rounding="yuan"),
    ]
    facts = slab(["100.01", "100.01"], spans=[(LONG_AGO, MID), (MID, FAR)], units=[1, 1])
    assert fen(plan(*versions), facts) == [5300, 5200]


def test_lines_show_quantity_price_and_days() -> None:
    quarter = Period(date(2026, 7, 1), date(2026, 10, 1))
    versions = [tariff("fixed", "80", id=1, end=MID), tariff("fixed", "90", id=2, start=MID)]
    lines = charge_slab(plan(*versions, period=quarter), slab()).lines
    assert (lines.quantity.tolist(), lines.price.tolist(), lines.tariff.tolist()) == ([30000], [UNKNOWN], [2])
    assert (lines.start.tolist(), lines.end.tolist()) == (
        [quarter.start.toordinal()],
        [quarter.end.toordinal()],
    )
    alone = charge_slab(plan(tariff("area", "2.35")), slab(["89.56"])).lines
    assert (alone.quantity.tolist(), alone.price.tolist()) == ([895600], [2350000])


def test_change_of_method_makes_two_parts() -> None:
    versions = [tariff("area", "2.00", id=1, end=MID), tariff("fixed", "90", id=2, start=MID)]
    lines = charge_slab(plan(*versions), slab(["100"])).lines
    assert (lines.amount_fen.tolist(), lines.part.tolist(), lines.method.tolist()) == (
        [10000, 4500],
        [0, 1],
        ["area", "fixed"],
    )


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("0", 0),
        ("9.9999", 2000),
        ("10", 2000),
        ("10.0001", 2000),
        ("20", 5000),
        ("25", 7000),
        ("30", 9000),
        ("31", 9500),
    ],
)
def test_tiers(use: str, expected: int) -> None:
    assert fen(plan(tariff("tiers")), slab(uses=[use])) == [expected]


def test_tiers_of_several_payers_are_shared_by_days() -> None:
    facts = slab(
        ["100", "100"],
        spans=[(LONG_AGO, date(2026, 9, 11)), (date(2026, 9, 11), FAR)],
        units=[1, 1],
        uses=["31"],
    )
    assert fen(plan(tariff("tiers")), facts) == [3167, 6333]


def test_use_is_charged_whole_to_a_payer_of_some_days() -> None:
    facts = slab(spans=[(MID, FAR)], uses=["12"])
    assert fen(plan(tariff("meter", "3.45")), facts) == [4140]


def test_meter_price_change_is_weighed_by_days() -> None:
    versions = [
        tariff("meter", "3.00", id=1, end=date(2026, 9, 11)),
        tariff("meter", "4.50", id=2, start=date(2026, 9, 11)),
    ]
    assert fen(plan(*versions), slab(uses=["10"])) == [4000]


@pytest.mark.parametrize(
    ("facts", "code", "blocks"),
    [
        (slab([None, "100"]), "no_area", True),
        (slab(["100", "100"], uses=["-1", "5"]), "meter_backwards", True),
        (slab(["100", "100"], uses=["new", "5"]), "meter_opened", False),
    ],
)
def test_a_bad_unit_is_named_and_the_others_are_charged(facts: Slab, code: str, blocks: bool) -> None:
    method = "area" if code == "no_area" else "meter"
    charged = charge_slab(plan(tariff(method, "1")), facts)
    assert [(f.code, f.units.tolist(), f.blocks) for f in charged.findings] == [(code, [1], blocks)]
    assert charged.lines.account.tolist() == [1]


def test_a_parked_unit_has_no_line_of_any_fee() -> None:
    two = plan(tariff("area", "1"))
    both = Plan(two.run, (*two.items, *plan(tariff("fixed", "5", id=2)).items), two.targets)
    lines = charge_slab(both, slab([None, "100"])).lines
    assert lines.account.tolist() == [1, 1]


def test_a_remark_about_one_fee_leaves_the_others_of_the_unit() -> None:
    two = plan(tariff("meter", "3.45"))
    both = Plan(two.run, (*two.items, *plan(tariff("area", "1", id=2)).items), two.targets)
    charged = charge_slab(both, slab(["100"], uses=["new"]))
    assert ([f.code for f in charged.findings], charged.lines.amount_fen.tolist()) == (
        ["meter_opened"],
        [10000],
    )


def test_an_absurd_amount_is_parked() -> None:
    charged = charge_slab(plan(tariff("area", "99999999")), slab(["9999999999"]))
    assert [(f.code, f.blocks) for f in charged.findings] == [("absurd", True)]
    assert charged.lines.account.size == 0


prices = st.decimals("0", "99", places=4).map(str)
areas = st.decimals("0.0001", "3000", places=4).map(str)
days = st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@given(area=areas, price=prices, start=days, months=st.sampled_from([1, 3, 6, 12]))
def test_area_equals_the_exact_product(area: str, price: str, start: date, months: int) -> None:
    period = Period(date(2026, 1, 1), date(2026 + months // 12, months % 12 + 1, 1))
    charged = fen(plan(tariff("area", price), period=period), slab([area], spans=[(start, FAR)]))
    inside = period.overlap(Period(start, FAR))
    exact = Fraction(area) * Fraction(price) * month_fraction(inside) * 100 if inside else None
    assert charged == ([round_half_up(exact)] if exact is not None else [])


@given(area=areas, price=prices, cuts=st.lists(days, min_size=1, max_size=4, unique=True))
def test_payers_of_a_year_pay_what_one_would(area: str, price: str, cuts: list[date]) -> None:
    borders = [LONG_AGO, *sorted(cuts), FAR]
    spans = list(pairwise(borders))
    facts = slab([area] * len(spans), spans=spans, units=[1] * len(spans))
    alone = fen(plan(tariff("area", price), period=YEAR), slab([area]))
    assert sum(fen(plan(tariff("area", price), period=YEAR), facts)) == alone[0]


@settings(max_examples=200)
@given(st.permutations(range(12)))
def test_the_order_of_units_does_not_matter(order: list[int]) -> None:
    rooms = [f"{60 + 7 * n}.{n:04d}" for n in range(12)]
    uses = [str(n * 3) for n in range(12)]
    versions = [tariff("area", "2.35"), tariff("tiers", id=2)]
    items = tuple(item for version in versions for item in plan(version).items)
    both = Plan(SEPTEMBER, items, {"*": 0})
    straight = charge_slab(both, slab(rooms, uses=uses)).lines
    mixed = slab([rooms[n] for n in order], units=[n + 1 for n in order], uses=uses)
    turned = charge_slab(both, Slab(mixed.accounts, slab(rooms, uses=uses).uses)).lines
    back = np.argsort(np.array(order)[turned.account], kind="stable")
    for name in ("amount_fen", "quantity", "price", "fee_item", "start", "end"):
        assert (getattr(turned, name)[back] == getattr(straight, name)).all()
    assert [json.loads(t) for t in turned.inputs[back]] == [json.loads(t) for t in straight.inputs]
