"""Accounts cut where a fact of their unit changes: amounts worked out by hand, and what the lines remember."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.explain import explain
from billing.domain.pieces import UnitFacts, cut_pieces, join_pieces
from billing.domain.rounding import round_half_up
from billing.domain.slab import SHARE_SCALE, UNKNOWN, Lines, Plan, Slab
from core.periods import Period
from tests.billing.domain.slabs import FAR, LONG_AGO, SEPTEMBER, plan, slab, tariff

SEP_11, SEP_16, SEP_21 = date(2026, 9, 11), date(2026, 9, 16), date(2026, 9, 21)
THIRD_QUARTER = Period(date(2026, 7, 1), date(2026, 10, 1))


def area_from(day: date, area: str, unit: int = 1) -> tuple[int, int, int, int, int]:
    return unit, day.toordinal(), FAR.toordinal(), int(Decimal(area) * 10**4), UNKNOWN


def vacant(start: date, share: str, end: date = FAR, unit: int = 1) -> tuple[int, int, int, int, int]:
    return unit, start.toordinal(), end.toordinal(), UNKNOWN, int(Decimal(share) * SHARE_SCALE)


def cut(facts: Slab, *rows: tuple[int, int, int, int, int]) -> Slab:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return replace(facts, accounts=cut_pieces(facts.accounts, UnitFacts(*columns)))


def honouring(plan: Plan, **facts: Any) -> Plan:
    return replace(plan, items=tuple(replace(item, honours_vacancy=True, **facts) for item in plan.items))


def charge(plan: Plan, facts: Slab) -> Lines:
    lines = charge_slab(plan, facts).lines
    for method, amount, text in zip(lines.method, lines.amount_fen.tolist(), lines.inputs, strict=True):
        opened = explain(method=method, inputs=json.loads(text), amount=Decimal(amount) / 100)
        assert opened.agrees, opened
    return lines


def test_new_area_in_mid_month_is_two_parts_of_one_account() -> None:
    lines = charge(plan(tariff("area", "2.00")), cut(slab(["100"]), area_from(SEP_16, "110")))
    assert lines.amount_fen.tolist() == [10000, 11000]
    assert (lines.account.tolist(), lines.part.tolist()) == ([0, 0], [0, 1])
    assert lines.quantity.tolist() == [1000000, 1100000]
    first, second = (json.loads(text) for text in lines.inputs)
    assert (first["area"], second["area"]) == ("100.0000", "110.0000")
    assert second["split"] == {"whole": "210.00", "exact": ["100", "110"], "at": 1, "payers": 1}


def test_new_area_from_the_first_day_is_one_line() -> None:
    lines = charge(plan(tariff("area", "2.00")), cut(slab(["100"]), area_from(SEPTEMBER.start, "110")))
    assert lines.amount_fen.tolist() == [22000]


def test_the_later_of_two_areas_holds() -> None:
    facts = cut(slab(["100"]), area_from(SEP_11, "110"), area_from(SEP_21, "120"))
    assert charge(plan(tariff("area", "3.00")), facts).amount_fen.tolist() == [10000, 11000, 12000]


def test_facts_hold_by_their_days_whatever_order_they_were_written_in() -> None:
    """Measured on the 21st and entered first; what was measured on the 11th was entered afterwards."""
    facts = cut(slab(["100"]), area_from(SEP_21, "120"), area_from(SEP_11, "110"))
    assert charge(plan(tariff("area", "3.00")), facts).amount_fen.tolist() == [10000, 11000, 12000]


def test_a_formula_sees_a_new_area() -> None:
    """Half of 100 × 2 + 10 and half of 110 × 2 + 10."""
    formula = tariff("expression", expression="area * 2 + 10")
    lines = charge(plan(formula), cut(slab(["100"]), area_from(SEP_16, "110")))
    assert lines.amount_fen.tolist() == [10500, 11500]


def test_pieces_round_once() -> None:
    facts = cut(slab(["100.01"]), area_from(SEP_16, "100.03"))
    # 52.50525 and 52.51575 are 105.02 together
    assert charge(plan(tariff("area", "1.05")), facts).amount_fen.tolist() == [5250, 5252]


def test_vacancy_of_twenty_days() -> None:
    lines = charge(honouring(plan(tariff("area", "3.00"))), cut(slab(["100"]), vacant(SEP_11, "0.7")))
    assert lines.amount_fen.tolist() == [10000, 14000]
    assert json.loads(lines.inputs[1])["share"] == "0.7"
    assert "share" not in json.loads(lines.inputs[0])


def test_vacancy_of_the_whole_month_is_one_line() -> None:
    lines = charge(honouring(plan(tariff("area", "2.35"))), cut(slab(["89.56"]), vacant(LONG_AGO, "0.7")))
    assert lines.amount_fen.tolist() == [14733]
    assert "split" not in json.loads(lines.inputs[0])


def test_vacancy_ends() -> None:
    facts = cut(slab(), vacant(LONG_AGO, "0.5", end=SEP_11))
    assert charge(honouring(plan(tariff("fixed", "90"))), facts).amount_fen.tolist() == [1500, 6000]


def test_vacancy_that_owes_nothing() -> None:
    facts = cut(slab(), vacant(SEP_16, "0"))
    assert charge(honouring(plan(tariff("fixed", "90"))), facts).amount_fen.tolist() == [4500, 0]


def test_vacancy_is_of_no_account_where_the_item_does_not_honour_it() -> None:
    lines = charge(plan(tariff("fixed", "90")), cut(slab(), vacant(SEP_11, "0.7")))
    assert (lines.amount_fen.tolist(), lines.part.tolist()) == ([9000], [0])


def test_meters_count_whatever_the_pieces() -> None:
    facts = cut(slab(uses=["10"]), vacant(SEP_11, "0.7"), area_from(SEP_21, "120"))
    lines = charge_slab(honouring(plan(tariff("meter", "2.00"))), facts).lines
    assert lines.amount_fen.tolist() == [2000]


def test_fixed_fees_ask_for_no_area() -> None:
    facts = cut(slab(), area_from(SEP_11, "110"), vacant(SEP_21, "0.5"))
    assert charge(honouring(plan(tariff("fixed", "90"))), facts).amount_fen.tolist() == [6000, 1500]


def test_piece_without_area_parks_the_unit() -> None:
    charged = charge_slab(plan(tariff("area", "2")), cut(slab([None]), area_from(SEP_16, "100")))
    assert charged.lines.amount_fen.size == 0
    assert [(found.code, found.units.tolist()) for found in charged.findings] == [("no_area", [1])]


def test_payers_and_pieces_share_one_rounded_amount() -> None:
    held = slab(["100.01"] * 2, spans=[(LONG_AGO, SEP_16), (SEP_16, FAR)], units=[1, 1])
    facts = cut(held, vacant(SEP_11, "0.5", end=SEP_21))
    lines = charge(honouring(plan(tariff("area", "1.05"))), facts)
    # 105.0105 × (10 + 5 × 0.5 + 5 × 0.5 + 10) ÷ 30 = 87.50875; 35.0035, 8.750875, 8.750875, 35.0035 by days
    assert lines.amount_fen.tolist() == [3501, 875, 875, 3500]
    assert (lines.account.tolist(), lines.part.tolist()) == ([0, 0, 2, 2], [0, 1, 0, 1])
    assert json.loads(lines.inputs[3])["split"]["payers"] == 2


def test_units_beside_stay_as_they_are() -> None:
    facts = cut(slab(["100", "50", "80"]), area_from(SEP_16, "110", unit=2))
    lines = charge(plan(tariff("area", "2.00")), facts)
    assert lines.amount_fen.tolist() == [20000, 5000, 11000, 16000]
    assert facts.accounts.id[lines.account].tolist() == [10, 20, 20, 30]


def test_by_days_of_the_whole_period() -> None:
    facts = slab(spans=[(date(2026, 8, 1), FAR)])
    quarter = plan(tariff("fixed", "100"), period=THIRD_QUARTER)
    assert charge(quarter, facts).amount_fen.tolist() == [20000]
    whole = Plan(
        quarter.run, tuple(replace(item, by_days_of_period=True) for item in quarter.items), quarter.targets
    )
    lines = charge(whole, facts)
    assert lines.amount_fen.tolist() == [19891]
    assert json.loads(lines.inputs[0])["whole"] == {"from": "2026-07-01", "to": "2026-09-30"}


def test_cut_pieces_without_facts_returns_the_accounts() -> None:
    accounts = slab(["100"]).accounts
    assert cut(slab(["100"]), vacant(SEP_11, "0.7", unit=9)).accounts.are_plain
    assert join_pieces(accounts, "area", honours_vacancy=True) is accounts


@pytest.mark.parametrize("method", ["area", "fixed"])
@given(
    days=st.lists(st.integers(1, 29), min_size=1, max_size=5, unique=True),
    shares=st.lists(st.integers(0, 10), min_size=5, max_size=5),
    area=st.decimals("1", "3000", places=4).map(str),
)
def test_pieces_sum_to_the_exact_amount_rounded_once(
    method: str, days: list[int], shares: list[int], area: str
) -> None:
    borders = [SEPTEMBER.start + timedelta(days=n) for n in sorted(days)] + [SEPTEMBER.end]
    facts = [
        vacant(start, f"0.{share}" if share < 10 else "1", end=end)
        for start, end, share in zip(borders, borders[1:], shares, strict=False)
    ]
    lines = charge(honouring(plan(tariff(method, "2.35"))), cut(slab([area]), *facts))
    due = Fraction((borders[0] - SEPTEMBER.start).days, 30)
    for start, end, share in zip(borders, borders[1:], shares, strict=False):
        due += Fraction((end - start).days * share, 300)
    exact = due * Fraction("2.35") * (Fraction(area) if method == "area" else 1) * 100
    assert sum(lines.amount_fen.tolist()) == round_half_up(exact)
