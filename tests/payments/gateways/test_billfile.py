from decimal import Decimal

import pytest

from payments.gateways.billfile import (
    Row,
    check_total,
    match_cells,
    parse_decimal,
    parse_yuan,
    require_columns,
)
from payments.gateways.interface import BillRejected

ROW = Row(7, {"订单金额": "309.45", "手续费": "1.85670", "退款金额": "", "时间": "2026-11-20 10:00:00"})


@pytest.mark.parametrize(
    ("text", "yuan"), [("0", "0.00"), ("-9.45", "-9.45"), ("+1684.03", "1684.03"), ("5.100", "5.10")]
)
def test_parse_yuan_is_exact(text: str, yuan: str) -> None:
    assert str(parse_yuan(text)) == yuan


@pytest.mark.parametrize(
    "text", ["", "1e3", "1,684.03", "0.001", "NaN", "Infinity", "１.00", "--1", "0x10", "1 000"]
)
def test_parse_yuan_of_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BillRejected) as caught:
        parse_yuan(text, 12)
    assert (caught.value.code, caught.value.row) == ("amount", 12)


def test_parse_decimal_keeps_what_is_finer_than_a_fen() -> None:
    assert parse_decimal("-0.05670") == Decimal("-0.05670")


def test_row_takes_the_first_column_the_layout_has() -> None:
    assert ROW.text("总金额", "订单金额") == "309.45"
    assert ROW.text("应结订单金额") == ""
    assert (ROW.yuan("订单金额"), ROW.yuan("退款金额"), ROW.exact("手续费")) == (
        Decimal("309.45"),
        Decimal("0.00"),
        Decimal("1.85670"),
    )


def test_row_moment_that_is_none_is_refused_with_its_line() -> None:
    with pytest.raises(BillRejected) as caught:
        ROW.moment("订单金额")
    assert (caught.value.code, caught.value.row) == ("time", 7)


def test_match_cells_wants_one_for_each_column() -> None:
    assert match_cells(["a", "b"], ["1", "2"], 3).cells == {"a": "1", "b": "2"}
    for cells in (["1"], ["1", "2", "3"]):
        with pytest.raises(BillRejected):
            match_cells(["a", "b"], cells, 3)


def test_require_columns_names_all_that_are_missing() -> None:
    with pytest.raises(BillRejected) as caught:
        require_columns(["交易时间"], ["交易时间", "商户号", "交易状态"], 1)
    assert caught.value.message == "缺这几列：商户号、交易状态。"


def test_check_total_compares_to_the_last_digit() -> None:
    check_total("手续费", Decimal("1.8567"), Decimal("1.85670"))
    with pytest.raises(BillRejected):
        check_total("手续费", Decimal("1.85670"), Decimal("1.85671"))
