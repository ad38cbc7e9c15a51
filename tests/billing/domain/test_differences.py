"""Laws of differences: every cause to the fen, whatever changed, and nothing that is not explained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.differences import CAUSES, CauseSum, Differences, Facts, compare_lines
from billing.domain.measures import Terms, read_terms
from billing.domain.scopes import Tier
from billing.domain.slab import UNKNOWN, Lines
from tests.billing.domain.slabs import plan, slab, tariff

OWN = {"area": "area", "meter": "use", "tiers": "use"}
prices = st.decimals("0.01", "99.99", places=2)
figures = st.decimals("0", "500", places=2)
coins = st.sampled_from(["fen", "jiao", "yuan"])


def remembered(lines: Lines, side: int) -> list[tuple[int, int, Terms, int]]:
    """Side, fen, terms and own quantity of each line, read from what it remembers."""
    rows = []
    for method, text, fen in zip(lines.method, lines.inputs, lines.amount_fen, strict=True):
        inputs = json.loads(text)
        own = int(Decimal(inputs[OWN[method]]) * 10**4) if method in OWN else 0
        rows.append((side, int(fen), read_terms(method, inputs), own))
    return rows


def compare(*runs: Lines) -> Differences:
    """Compare two runs of unit 1 and fee item 1."""
    rows = [row for side, lines in enumerate(runs) for row in remembered(lines, side)]
    billed = [sum(fen for side, fen, *_ in rows if side == which) for which in (0, 1)]
    return compare_lines(
        facts_of(rows), [terms for _, _, terms, _ in rows], np.array([1]), np.array([billed], dtype=np.int64)
    )


def facts_of(rows: Sequence[tuple[int, int, Terms, int]]) -> Facts:
    ones = np.ones(len(rows), dtype=np.int64)
    side, fen, own = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1, 3))
    return Facts(
        side=side,
        unit=ones,
        item=ones,
        fen=fen,
        terms=np.arange(len(rows)),
        own=own,
        shown=ones,
        portion=np.zeros_like(ones),
    )


def billed(method: str, quantity: Decimal, price: Decimal, begins: int, **facts: Any) -> Lines:
    """The line of one unit whose payer began on a day of September."""
    spans = [(date(2026, 9, begins), date(2999, 1, 1))]
    uses = [str(quantity)] if method in {"meter", "tiers"} else ()
    areas = [str(quantity)] if method == "area" else ["100"]
    version = tariff(method, str(price), **facts)
    return charge_slab(plan(version), slab(areas, spans=spans, uses=uses)).lines


@given(
    method=st.sampled_from(["area", "fixed", "meter"]),
    quantities=st.tuples(figures, figures),
    costs=st.tuples(prices, prices),
    begins=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    rounding=st.tuples(coins, coins),
)
def test_causes_sum_to_the_difference(
    method: str,
    quantities: tuple[Decimal, Decimal],
    costs: tuple[Decimal, Decimal],
    begins: tuple[int, int],
    rounding: tuple[str, str],
) -> None:
    runs = zip(quantities, costs, begins, rounding, strict=True)
    found = compare(
        *(billed(method, quantity, price, begin, rounding=coin) for quantity, price, begin, coin in runs)
    )
    assert found.moved_fen.sum() == found.fen
    assert found.moved_fen[0, CAUSES.index("other")] == 0


@given(
    uses=st.tuples(figures, figures),
    costs=st.tuples(prices, prices),
    limits=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_causes_of_slabs_sum_to_the_difference(
    uses: tuple[Decimal, Decimal], costs: tuple[Decimal, Decimal], limits: tuple[int, int]
) -> None:
    lines = [
        billed("tiers", use, Decimal(0), 1, tiers=(Tier(Decimal(limit), price), Tier(None, price * 2)))
        for use, price, limit in zip(uses, costs, limits, strict=True)
    ]
    found = compare(*lines)
    assert found.moved_fen.sum() == found.fen
    assert set(found.by_cause()) <= {"use", "price", "rounding"}


def test_a_share_that_is_due_is_the_state_of_the_unit() -> None:
    parts = [{"months": "1", "price": "2.000000"}]
    whole = read_terms("area", {"parts": parts, "rounding": "fen"})
    vacant = read_terms("area", {"parts": parts, "share": "0.7", "rounding": "fen"})
    rows = [(0, 20000, whole, 1_000_000), (1, 14000, vacant, 1_000_000)]
    found = compare_lines(facts_of(rows), [whole, vacant], np.array([1]), np.array([[20000, 14000]]))
    assert {cause: total.fen for cause, total in found.by_cause().items()} == {"state": -6000}


def test_a_line_that_remembers_nothing_is_not_explained() -> None:
    nothing = read_terms("area", {})
    rows = [(0, 20000, nothing, 0), (1, 25000, nothing, 0)]
    found = compare_lines(facts_of(rows), [nothing, nothing], np.array([1]), np.array([[20000, 25000]]))
    assert {cause: total.fen for cause, total in found.by_cause().items()} == {"other": 5000}


def test_an_amount_its_inputs_do_not_come_to_is_not_called_rounding() -> None:
    terms = read_terms("fixed", {"parts": [{"months": "1", "price": "8.000000"}], "rounding": "fen"})
    rows = [(0, 800, terms, 0), (1, 900, terms, 0)]
    found = compare_lines(facts_of(rows), [terms, terms], np.array([1]), np.array([[800, 900]]))
    assert {cause: total.fen for cause, total in found.by_cause().items()} == {"other": 100}


def test_a_fee_item_charged_in_another_way_is_not_a_new_one() -> None:
    """100 m² at 0.50, and from now on 8.00 for everybody."""
    found = compare(
        billed("area", Decimal(100), Decimal("0.50"), 1), billed("fixed", Decimal(1), Decimal(8), 1)
    )
    assert found.by_cause() == {"method": CauseSum(1, -4200)}


def test_a_fee_item_that_was_not_there_before_is_a_new_one() -> None:
    terms = read_terms("fixed", {"parts": [{"months": "1", "price": "8.000000"}], "rounding": "fen"})
    found = compare_lines(facts_of([(1, 800, terms, 0)]), [terms], np.array([1]), np.array([[500, 1300]]))
    assert found.by_cause() == {"item": CauseSum(1, 800)}


def test_causes_of_one_unit_are_told_the_largest_first() -> None:
    """Ten days less, 66.67; 40 m² more, 53.33; a price that fell by 0.50 on 140 m² and two thirds of a month, 46.67."""
    before = billed("area", Decimal(100), Decimal("2.00"), 1)
    found = compare(before, billed("area", Decimal(140), Decimal("1.50"), 11))
    assert found.causes_of(0) == [("days", -6667), ("area", 5334), ("price", -4667)]


def pool_share(pool: str, price: str, weight: int, total: int) -> Terms:
    """What the share of a pool remembers: the pool in yuan, its price, the unit's weight and that of all."""
    inputs = {"meter": "P1", "amount": pool, "pool_price": price, "total": total, "rounding": "fen"}
    return read_terms("pool", inputs)


def test_a_larger_pool_at_a_higher_price_is_told_as_both() -> None:
    """200 units at 0.50 and then 300 at 0.60, a tenth of each: 10.00 → 15.00 by what was used → 18.00 by its price."""
    before, now = pool_share("100.00", "0.50", 10, 100), pool_share("180.00", "0.60", 10, 100)
    rows = [(0, 1000, before, 10), (1, 1800, now, 10)]
    found = compare_lines(facts_of(rows), [before, now], np.array([1]), np.array([[1000, 1800]]))
    assert found.by_cause() == {"pool": CauseSum(1, 500), "price": CauseSum(1, 300)}


def test_who_was_not_there_before_comes_last_among_outliers() -> None:
    billed_fen = np.array([[UNKNOWN, 90000], [10000, 12000], [10000, 20000], [500, 500]])
    terms = read_terms("fixed", {"parts": [{"months": "1", "price": "8.000000"}], "rounding": "fen"})
    found = compare_lines(facts_of([]), [terms], np.array([1, 2, 3, 4]), billed_fen)
    assert found.rank(10) == [2, 1, 0]


def formula(text: str, *, months: str = "1", share: str = "1", **values: str) -> Terms:
    """What a line of a formula remembers, but its use."""
    part = {"formula": text, "months": months}
    return read_terms("expression", {"parts": [part], "share": share, "values": values, "rounding": "fen"})


def causes_of_formula(before: Terms, fen: int, now: Terms, now_fen: int, **uses: int) -> dict[str, int]:
    rows = [(0, fen, before, uses.get("was", 0) * 10**4), (1, now_fen, now, uses.get("is_now", 0) * 10**4)]
    found = compare_lines(facts_of(rows), [before, now], np.array([1]), np.array([[fen, now_fen]]))
    assert found.moved_fen.sum() == found.fen
    return {cause: total.fen for cause, total in found.by_cause().items()}


def test_use_of_a_formula_is_no_riddle() -> None:
    water = formula("max(use - 3, 0) * 0.95")
    # (9 − 3) × 0.95 = 5.70; (14 − 3) × 0.95 = 10.45; 2 is within the free 3
    assert causes_of_formula(water, 570, water, 1045, was=9, is_now=14) == {"use": 475}
    assert causes_of_formula(water, 0, water, 1045, was=2, is_now=14) == {"use": 1045}


def test_figures_of_a_formula_are_exchanged_one_by_one() -> None:
    before = formula("area * 2 + if(floor > 1, 5, 0)", area="100", floor="1")
    now = formula("area * 3 + if(floor > 1, 5, 0)", area="110", floor="2", share="0.5", months="1/2")
    # 200 → 100 (half the time) → 110 (area) → (220 + 5) ÷ 2 × 0.5 = 56.25 (state) → (330 + 5) ÷ 2 × 0.5 = 83.75
    assert causes_of_formula(before, 20000, now, 8375) == {
        "days": -10000, "area": 1000, "state": -5375, "price": 2750,
    }  # fmt: skip


def test_a_formula_that_cannot_be_worked_out_with_the_other_value_goes_on_to_the_price() -> None:
    before, now = formula("100 / coefficient", coefficient="2"), formula("40", coefficient="0")
    assert causes_of_formula(before, 5000, now, 4000) == {"price": -1000}


@given(
    prices=st.tuples(prices, prices),
    areas=st.tuples(figures, figures),
    uses=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_causes_of_formulae_sum_to_the_difference(
    prices: tuple[Decimal, Decimal], areas: tuple[Decimal, Decimal], uses: tuple[int, int]
) -> None:
    text = "max(area, 50) * {} + max(use - 5, 0) * 0.7"
    terms = [formula(text.format(price), area=str(area)) for price, area in zip(prices, areas, strict=True)]
    fen = [
        int((max(area, Decimal(50)) * price + max(use - 5, 0) * Decimal("0.7")) * 100 + Decimal("0.5"))
        for price, area, use in zip(prices, areas, uses, strict=True)
    ]
    found = causes_of_formula(terms[0], fen[0], terms[1], fen[1], was=uses[0], is_now=uses[1])
    assert set(found) <= {"area", "use", "price", "rounding"}
