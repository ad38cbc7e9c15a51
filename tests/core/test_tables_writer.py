"""Workbooks for people hold no formula, whatever stood in the cells (S-08)."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core.tables.cells import text
from core.tables.reader import read_tables
from core.tables.sheet import Cell, ErrorCell
from core.tables.writer import SheetToWrite, harmless, write_workbook

HOSTILE = [
    "=1+1",
    "+86 138",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "\u3000=1",
    "\0=1",
]


def written(*cells: Cell) -> bytes:
    return write_workbook([SheetToWrite("待改", ["头"], [list(cells)])])


@pytest.mark.parametrize("value", HOSTILE)
def test_write_workbook_makes_no_formula_of_text(value: str) -> None:
    cell = load_workbook(io.BytesIO(written(value)))["待改"]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


@pytest.mark.parametrize("value", ["8-2-301", "张三", "13800138000", "a=b", "1-1"])
def test_harmless_leaves_plain_text_alone(value: str) -> None:
    assert harmless(value) == value


def test_write_workbook_keeps_kinds_and_is_read_back() -> None:
    cells: list[Cell] = [
        -3,
        Decimal("-26.5127"),
        date(2026, 9, 1),
        "13800138000",
        True,
        ErrorCell("#N/A"),
        "=1+1",
    ]
    (sheet,) = read_tables(written(*cells), "a.xlsx")
    back = list(sheet.rows[1])
    assert back[:5] == cells[:5]
    assert (back[5], text(back[6])) == ("#N/A", "=1+1")


def test_write_workbook_gives_every_sheet_a_name_excel_takes() -> None:
    data = write_workbook([SheetToWrite(name, ["a"], []) for name in ("a/b:c", "", "很" * 40)])
    assert load_workbook(io.BytesIO(data)).sheetnames == ["abc", "Sheet2", "很" * 31]
