"""Pools conserve to the fen, whoever takes part and however the weights lie (P-06)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.pools import (
    Units,
    days_with_payer,
    floor_coins,
    list_pools,
    share_coins,
    weigh_units,
)
from billing.domain.scopes import Classes
from billing.domain.slab import UNKNOWN, DueItem, IntArray, Plan, PoolShares
from core.money import MoneyError
from tests.billing.domain.slabs import FAR, LONG_AGO, SEPTEMBER, plan, slab, tariff

EVERYWHERE = Classes(np.zeros(3, dtype=np.int64), [("*",)])


def item(*, key: str = "area", **facts: object) -> DueItem:
    return plan(tariff("pool", "0.80", pool_meter="P1", pool_key=key, **facts)).items[0]


def units(areas: list[int], days: list[int]) -> Units:
    return Units(np.arange(1, len(areas) + 1), np.array(areas), np.array(days))


def weights(item: DueItem, facts: Units) -> list[int]:
    classes = Classes(np.zeros(facts.id.size, dtype=np.int64), [("*",)])
    return weigh_units(list_pools(item)[0], item, facts, classes).tolist()


@pytest.mark.parametrize("rooms", [4, 5, 120, 3000])
def test_share_coins_of_300_yuan_by_household(rooms: int) -> None:
    shares = share_coins(30000, np.ones(rooms, dtype=np.int64))
    assert shares.sum() == 30000
    assert set(shares.tolist()) <= {30000 // rooms, 30000 // rooms + 1}


def test_share_coins_remainder_goes_to_the_largest_fraction_then_by_code() -> None:
    assert share_coins(100, np.array([1, 1, 1])).tolist() == [34, 33, 33]
    assert share_coins(100, np.array([1, 2, 3])).tolist() == [17, 33, 50]
    assert share_coins(2, np.array([5, 5, 5, 5])).tolist() == [1, 1, 0, 0]


def test_share_coins_of_ten_thousand_random_pools_sum_to_them() -> None:
    rng = np.random.default_rng(20260901)
    for _ in range(10_000):
        areas = rng.integers(1, 30_000_000, size=rng.integers(1, 60))
        pool = int(rng.integers(0, 10**8))
        shares, floors = share_coins(pool, areas), floor_coins(pool, areas)
        assert shares.sum() == pool
        assert ((shares - floors >= 0) & (shares - floors <= 1)).all()


@given(st.integers(0, 10**10), st.lists(st.integers(1, 10**10), min_size=1, max_size=200))
def test_share_coins_is_fair_to_a_coin(pool: int, areas: list[int]) -> None:
    shares = share_coins(pool, np.array(areas))
    assert shares.sum() == pool
    whole = sum(areas)
    assert all(abs(s - Fraction(pool * a, whole)) < 1 for s, a in zip(shares.tolist(), areas, strict=True))


def test_share_coins_without_weights_is_refused() -> None:
    with pytest.raises(MoneyError):
        share_coins(100, np.array([0, 0]))


def test_weigh_units_vacant_and_unpaid_units_keep_their_full_share() -> None:
    assert weights(item(), units([100, 200, 300], [30, 30, 0])) == [100, 200, 300]
    assert weights(item(key="household"), units([100, UNKNOWN, 300], [30, 30, 0])) == [1, 1, 1]


def test_weigh_units_moved_in_inside_the_period_weighs_by_days() -> None:
    assert weights(item(), units([100, 200, 300], [30, 15, 30])) == [3000, 3000, 9000]


def test_weigh_units_without_area_has_no_part_in_a_pool_by_area() -> None:
    assert weights(item(), units([100, UNKNOWN, 300], [30, 30, 30])) == [100, 0, 300]


def test_weigh_units_narrower_pool_takes_the_unit_out() -> None:
    both = plan(
        tariff("pool", "0.80", pool_meter="P1", pool_key="area"),
        tariff("pool", "0.80", id=2, applies_to="building:8", pool_meter="P2", pool_key="area"),
    ).items[0]
    classes = Classes(np.array([0, 1]), [("*",), ("building:8", "*")])
    facts = units([100, 200], [30, 30])
    found = {pool.meter: weigh_units(pool, both, facts, classes).tolist() for pool in list_pools(both)}
    assert found == {"P1": [100, 0], "P2": [0, 200]}


def test_pool_amount_is_rounded_first_and_a_price_change_weighed_by_days() -> None:
    change = date(2026, 9, 11)
    two = plan(
        tariff("pool", "0.60", pool_meter="P1", pool_key="area", end=change),
        tariff("pool", "0.90", id=2, pool_meter="P1", pool_key="area", start=change, rounding="jiao"),
    ).items[0]
    (pool,) = list_pools(two)
    assert pool.price(30) == Fraction(4, 5)
    assert pool.amount_coins(Fraction("100.07"), 30) == 801


def frozen(shares: list[int], pool_weights: list[int]) -> PoolShares:
    facts = {"pool": 7, "meter": "P1", "amount": "3.00", "key": "area", "total": sum(pool_weights)}
    array: IntArray = np.array(pool_weights)
    return PoolShares(
        rounding="fen",
        by_area=True,
        facts=json.dumps(facts)[1:-1],
        unit=np.arange(1, len(shares) + 1),
        weight=array,
        share_coins=np.array(shares),
        floor_coins=floor_coins(sum(shares), array),
    )


def test_charge_pool_line_remembers_floor_and_extra() -> None:
    due = item()
    lines = charge_slab(
        Plan(SEPTEMBER, (due,), {"*": 0}, {1: [frozen([151, 149], [101, 100])]}), slab(["101", "100"])
    ).lines
    assert lines.amount_fen.tolist() == [151, 149]
    memory = json.loads(lines.inputs[0])
    assert (memory["weight"], memory["floor"], memory["extra"]) == (101, "1.50", "0.01")


def test_charge_pool_share_of_several_payers_is_split_by_days() -> None:
    due = Plan(SEPTEMBER, (item(),), {"*": 0}, {1: [frozen([101], [1])]})
    facts = slab(["1", "1"], spans=[(LONG_AGO, date(2026, 9, 16)), (date(2026, 9, 16), FAR)], units=[1, 1])
    assert charge_slab(due, facts).lines.amount_fen.tolist() == [51, 50]


def test_charge_pool_leaves_out_who_is_not_among_the_participants() -> None:
    due = Plan(SEPTEMBER, (item(),), {"*": 0}, {1: [frozen([101], [1])]})
    assert charge_slab(due, slab(["1", "1"])).lines.account.tolist() == [0]


def test_days_with_payer_adds_up_the_accounts_of_a_unit() -> None:
    days = days_with_payer(np.array([3, 1, 2]), np.array([1, 1, 3]), np.array([10, 20, 5]))
    assert days.tolist() == [5, 30, 0]


def test_list_pools_decimal_price_is_exact() -> None:
    assert list_pools(item())[0].price(30) == Fraction(Decimal("0.80"))
