"""The notation of pools: what was agreed, said in one cell, and where a cell goes wrong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.pool_rules import Condition, Key, parse_rule
from billing.domain.tariff_notation import read_price, rule_of, write_price
from core.tables.cells import BadCell


def options(text: str) -> tuple[str, ...]:
    return rule_of(read_price("pool", text).formula).options


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("P1;0.80;area", "area"),
        ("P1;0.80;按套内面积", "inner_area"),
        ("P1；0.80；面积：60％＋户：40", "area:60+household:40"),
        ("P1;0.8;use(水):70+area:30", "use(water):70+area:30"),
        ("P1;0.8;fixed(8-0-1):33.3333+area:66.6667", "fixed(8-0-1):33.3333+area:66.6667"),
        ("P1;0.8;系数(lift)", "coefficient(lift)"),
        ("P1;0.8;area:100", "area"),
    ],
)
def test_read_price_of_a_pool_knows_every_key(text: str, keys: str) -> None:
    assert rule_of(read_price("pool", text).formula).key_text == keys


@pytest.mark.parametrize(
    ("option", "stored"),
    [
        ("floor>=2", "floor>=2"),
        ("楼层 ≥ 2", None),
        ("层=1*1/2", "floor=1*0.5"),
        ("floor=1*1/3", "floor=1*1/3"),
        ("业态!=车位,储藏", "kind!=parking,storage"),
        ("状态=空置", "state=vacant"),
        ("空置=折算", "vacancy=share"),
        ("moves=full", "moves=full"),
        ("单元=8-2,8-3", "stair=8-2,8-3"),
        ("unit=8-2-301,8-2-302", "unit=8-2-301,8-2-302"),
        ("kind>=shop", None),
        ("floor>=2,3", None),
        ("floor=ground", None),
        ("=2", None),
    ],
)
def test_read_price_of_a_pool_with_a_condition(option: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(BadCell) as bad:
            options(f"P1;0.80;area;{option}")
        assert (bad.value.code, bad.value.params["at"]) == ("pool_option", 14)
    else:
        assert options(f"P1;0.80;area;{option}") == (stored,)


@pytest.mark.parametrize("option", ["vacancy=full", "空置=全额", "moves=days", "入住=按天"])
def test_read_price_keeps_nothing_of_what_goes_without_saying(option: str) -> None:
    assert options(f"P1;0.80;area;{option}") == ()


@pytest.mark.parametrize("loss", ["5%", "company"])
def test_what_was_agreed_about_the_loss_is_written_down(loss: str) -> None:
    stored = options(f"P1;0.80;area;less=W1;loss={loss}")
    assert stored == ("less=W1", f"loss={loss}")
    assert parse_rule("area", stored).loss == loss


def test_read_price_keeps_the_blanks_of_what_was_agreed() -> None:
    priced = read_price("pool", "P1; 0.80; 户; 依据 = 业主大会 2025-03 决议 ;")
    assert priced.formula["agreement"] == "业主大会 2025-03 决议"


def test_read_price_of_a_pool_by_the_suppliers_bill() -> None:
    priced = read_price("pool", "P1;账单;area")
    assert (priced.price, write_price("pool", None, priced.formula)) == (None, "P1;bill;area")


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("P1;0.8;area:60+household:30", "pool_percents", 8),
        ("P1;0.8;area+household", "pool_percents", 8),
        ("P1;0.8;area:60+floor:40", "unknown_pool_key", 16),
        ("P1;0.8;area(8)", "pool_key_name", 8),
        ("P1;0.8;fixed", "pool_key_name", 8),
        ("P1;0.8;use(steam)", "unknown_meter_kind", 8),
        ("P1;0.8;area:0+use:100", "pool_percent", 8),
        ("P1;0.8;area:0.00001+use:99.99999", "pool_percent", 8),
        ("P1;0.8;area;floor=1*half", "pool_weight", 13),
        ("P1;0.8;area;less=W1;loss=some", "pool_loss", 26),
        ("P1;0.8;area;less=W1;loss=101%", "pool_percent", 26),
        ("P1;0.8;area;loss=5%", "pool_loss_of_what", 8),
        ("P1;0.8;area;vacancy=0.7", "pool_vacancy", 21),
        ("P1;0.8;area;moves=half", "pool_moves", 19),
        ("P1;0.8;area;less=W1;less=W2", "pool_option_twice", 21),
        ("P1;0.8;area;less=", "pool_option", 18),
    ],
)
def test_read_price_of_a_pool_says_where_it_goes_wrong(text: str, code: str, at: int) -> None:
    with pytest.raises(BadCell) as bad:
        read_price("pool", text)
    assert (bad.value.code, bad.value.params["at"]) == (code, at)


@pytest.mark.parametrize(
    ("text", "needs_nothing"),
    [
        ("area", True),
        ("area;floor>=2", True),
        ("inner_area", False),
        ("household", False),
        ("area:60+household:40", False),
        ("area;floor=1*0.5", False),
        ("area;floor=1*0", False),
        ("area;moves=full", True),
        ("area;vacancy=share", False),
    ],
)
def test_only_building_area_needs_no_agreement(text: str, needs_nothing: bool) -> None:
    key, *rules = text.split(";")
    assert parse_rule(key, tuple(rules)).is_statutory is needs_nothing


def test_parse_rule_reads_what_was_stored() -> None:
    rule = parse_rule("area:60+use(water):40", ("floor>=2", "floor=3*0.5", "less=W1,W2", "loss=5%"), "决议 7")
    assert rule.keys == (Key("area", "", Decimal(60)), Key("use", "water", Decimal(40)))
    assert rule.conditions == (
        Condition("floor", ">=", ("2",)),
        Condition("floor", "=", ("3",), Fraction(1, 2)),
    )
    assert (rule.less, rule.loss, rule.agreement) == (("W1", "W2"), "5%", "决议 7")


percents = st.lists(st.integers(1, 999_999), min_size=0, max_size=4, unique=True).map(sorted)


@given(percents, st.booleans(), st.sampled_from([None, "floor>=2", "kind!=parking", "less=W1"]))
def test_write_price_reads_back_any_mix(cuts: list[int], billed: bool, option: str | None) -> None:
    borders = [0, *cuts, 1_000_000]
    parts = [Decimal(high - low).scaleb(-4) for low, high in pairwise(borders)]
    names = ["area", "household", "use(water)", "coefficient", "inner_area"]
    keys = "+".join(f"{name}:{part}" for name, part in zip(names, parts, strict=False))
    text = ";".join(filter(None, ["P1", "bill" if billed else "0.8", keys, option]))
    priced = read_price("pool", text)
    assert read_price("pool", write_price("pool", priced.price, priced.formula)) == priced
