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
from billing.domain.differences import CAUSES, Differences, Facts, compare_lines
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


def test_who_was_not_there_before_comes_last_among_outliers() -> None:
    billed_fen = np.array([[UNKNOWN, 90000], [10000, 12000], [10000, 20000], [500, 500]])
    terms = read_terms("fixed", {"parts": [{"months": "1", "price": "8.000000"}], "rounding": "fen"})
    found = compare_lines(facts_of([]), [terms], np.array([1, 2, 3, 4]), billed_fen)
    assert found.rank(10) == [2, 1, 0]
