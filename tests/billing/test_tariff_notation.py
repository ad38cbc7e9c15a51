"""How prices are written: every method, the ways clerks write them, and what is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.tariff_notation import Priced, plain_number, read_price, write_price
from core.tables.cells import BadCell
from core.tables.sheet import Cell


@pytest.mark.parametrize(
    ("method", "cell", "price", "formula"),
    [
        ("area", "2.35", "2.35", {}),
        ("area", Decimal("2.35"), "2.35", {}),
        ("area", "2.35 元/㎡·月", "2.35", {}),
        ("area", "0", "0", {}),
        ("fixed", 80, "80", {}),
        ("fixed", "80元/月", "80", {}),
        ("meter", "water;3.45", "3.45", {"meter_kind": "water"}),
        ("meter", "电；０.６２８３", "0.6283", {"meter_kind": "electricity"}),
        ("pool", "P1;0.80;area", "0.80", {"pool_meter": "P1", "pool_key": "area"}),
        ("pool", "总表2;0.6283;户", "0.6283", {"pool_meter": "总表2", "pool_key": "household"}),
    ],
)
def test_read_price(method: str, cell: Cell, price: str, formula: dict[str, str]) -> None:
    assert read_price(method, cell) == Priced(Decimal(price), formula)


@pytest.mark.parametrize(
    "text", ["water;10:2;20:3;30:4;:5", "水；10：2；20：3；30：4；：5", "water;10:2;20:3;30:4;:5;"]
)
def test_read_price_of_tiers(text: str) -> None:
    tiers = [["10", "2"], ["20", "3"], ["30", "4"], [None, "5"]]
    assert read_price("tiers", text) == Priced(None, {"meter_kind": "water", "tiers": tiers})


@pytest.mark.parametrize(
    ("method", "cell", "code"),
    [
        ("area", "2.3.5", "letters_in_number"),
        ("area", "两块", "letters_in_number"),
        ("area", "-0.01", "price_negative"),
        ("area", "1000000", "price_absurd"),
        ("area", "999999.999999", None),
        ("area", "0.0000001", "price_too_fine"),
        ("meter", "3.45", "meter_notation"),
        ("meter", "water;3.45;1", "meter_notation"),
        ("meter", "steam;3.45", "unknown_meter_kind"),
        ("tiers", "water", "tier_notation"),
        ("tiers", "water;10-2", "tier_notation"),
        ("tiers", "water;10:2;20:3", "last_tier_not_open"),
        ("tiers", "water;10:2;:3;:5", "last_tier_not_open"),
        ("tiers", "water;20:2;10:3;:5", "tiers_not_rising"),
        ("tiers", "water;10:2;10:3;:5", "tiers_not_rising"),
        ("tiers", "water;0:2;:5", "tiers_not_rising"),
        ("tiers", "water;10:;:5", "letters_in_number"),
        ("expression", "water;area * 2", "expression_idle_meter"),
        ("expression", "use * 3.2", "expression_without_meter"),
        ("expression", "steam;use * 3.2", "unknown_meter_kind"),
        ("expression", "area * ", "expression_ends_early"),
        ("pool", "P1;0.80", "pool_notation"),
        ("pool", ";0.80;area", "pool_notation"),
        ("pool", "P1;0.80;floor", "unknown_pool_key"),
    ],
)
def test_read_price_refuses(method: str, cell: str, code: str | None) -> None:
    if code is None:
        assert read_price(method, cell).price == Decimal(cell)
        return
    with pytest.raises(BadCell) as bad:
        read_price(method, cell)
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("cell", "formula", "written"),
    [
        (
            "面积×2.1 + if(楼层>1，5，0)",
            {"expression": "area * 2.1 + if(floor > 1, 5, 0)"},
            "area * 2.1 + if(floor > 1, 5, 0)",
        ),
        ("水；用量*3.2", {"meter_kind": "water", "expression": "use * 3.2"}, "water;use * 3.2"),
        (5, {"expression": "5"}, "5"),
    ],
)
def test_read_price_of_a_formula(cell: Cell, formula: dict[str, str], written: str) -> None:
    assert read_price("expression", cell) == Priced(None, formula)
    assert write_price("expression", None, formula) == written


def test_read_price_counts_characters_of_the_whole_cell() -> None:
    with pytest.raises(BadCell) as bad:
        read_price("expression", "water;use * ?")
    assert bad.value.params == {"position": 13, "near": "?", "sign": "?"}


prices = st.decimals(min_value=0, max_value=999_999, places=6)
limits = st.lists(st.decimals(min_value=1, max_value=9999, places=2), max_size=5, unique=True).map(sorted)


@given(price=prices, method=st.sampled_from(["area", "fixed", "meter", "pool"]))
def test_write_price_reads_back(price: Decimal, method: str) -> None:
    formula = {"meter_kind": "water", "pool_meter": "P1", "pool_key": "area"}
    written = write_price(method, price, formula)
    assert read_price(method, written).price == price


@given(limits=limits, price=prices)
def test_write_price_of_tiers_reads_back(limits: list[Decimal], price: Decimal) -> None:
    tiers = [[limit, plain_number(price)] for limit in [*map(plain_number, limits), None]]
    formula = {"meter_kind": "gas", "tiers": tiers}
    assert read_price("tiers", write_price("tiers", None, formula)) == Priced(None, formula)
