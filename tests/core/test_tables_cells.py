"""Cells are read as people mean them, or refused with a reason."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables.cells import BadCell, day, is_error, number, text, token, whole_number
from core.tables.sheet import Cell, ErrorCell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (89, "89"), (Decimal("26.5127"), "26.5127"),
        ("89.56", "89.56"), (" ８９．５６ ", "89.56"), ("89.56㎡", "89.56"),
        ("1,234.50 元", "1234.50"), ("¥12", "12"), ("-3", "-3"), ("+3.5", "3.5"), (".5", "0.5"), ("12平方米", "12"),
    ],
)  # fmt: skip
def test_number(cell: Cell, value: str) -> None:
    assert number(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["8O.5", "89.5.6", "八十", "1,23", "1e5", "--1", "", "-", True, "12a"])
def test_number_refuses_letters(cell: Cell) -> None:
    with pytest.raises(BadCell) as refused:
        number(cell)
    assert refused.value.code == "letters_in_number"


def test_number_refuses_dates() -> None:
    with pytest.raises(BadCell, match="number_is_date"):
        number(date(2026, 8, 2))


@pytest.mark.parametrize("cell", ["3.5", Decimal("0.1")])
def test_whole_number_refuses_fractions(cell: Cell) -> None:
    with pytest.raises(BadCell, match="not_whole"):
        whole_number(cell)


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 2, 3), datetime(2026, 2, 3), "2026-02-03", "2026/2/3", "2026.2.3", "2026年2月3日", "20260203",
        "2026-02-03 00:00:00", 46056, 20260203, "２０２６－２－３",
    ],
)  # fmt: skip
def test_day(cell: Cell) -> None:
    assert day(cell) == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2023-02-30", "no_such_date"), ("2023-13-01", "no_such_date"), ("20230230", "no_such_date"),
        ("2023-02", "not_a_date"), ("明天", "not_a_date"), (12, "not_a_date"), ("2023-02-03 12:30", "not_a_date"),
    ],
)  # fmt: skip
def test_day_refuses(cell: Cell, code: str) -> None:
    with pytest.raises(BadCell, match=code):
        day(cell)


@pytest.mark.parametrize("cell", [ErrorCell("#N/A"), ErrorCell("=1/0"), "#DIV/0!", " #REF! "])
def test_is_error(cell: Cell) -> None:
    assert is_error(cell)


def test_is_error_not_for_text_with_a_number_sign() -> None:
    assert not is_error("#8")


@pytest.mark.parametrize(
    ("cell", "said"),
    [(" 张\u200b 三\n", "张 三"), ("'=1+1", "=1+1"), (13800138000, "13800138000"), (Decimal("1E+3"), "1000")],
)
def test_text(cell: Cell, said: str) -> None:
    assert text(cell) == said


@given(st.text())
def test_token_has_no_white_space_and_is_stable(value: str) -> None:
    once = token(value)
    assert not any(sign.isspace() for sign in once)
    assert token(f"'{once}") == once
