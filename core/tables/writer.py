"""Writes tables for people: workbooks and CSV files in which no cell can become a formula (S-08)."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.tables.sheet import Cell, ErrorCell

DANGEROUS = re.compile(r"[\s\u3000]*[=+\-@\t\r\n\0＝＋－＠]")
LONGEST_SHEET_NAME = 31
NAME_SIGNS = re.compile(r"[\[\]:*?/\\']")
WIDTHS = range(8, 42)


@dataclass(frozen=True)
class SheetToWrite:
    """A sheet: its head and its rows of cells."""

    name: str
    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe goes before a dangerous beginning.

    Our own reader takes the apostrophe off again. Numbers are written as numbers and need no such care.

    >>> harmless("=1+1"), harmless("  ＠x"), harmless("8-2-301")
    ("'=1+1", "'  ＠x", '8-2-301')
    """
    return f"'{text}" if DANGEROUS.match(text) else text.replace("\0", "")


def write_workbook(sheets: Sequence[SheetToWrite]) -> bytes:
    """Return an .xlsx file; text stays text, numbers stay numbers, dates stay dates."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, sheet in enumerate(sheets, start=1):
            name = NAME_SIGNS.sub("", sheet.name)[:LONGEST_SHEET_NAME] or f"Sheet{number}"
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for line, cells in enumerate([sheet.head, *sheet.rows]):
                for column, cell in enumerate(cells):
                    _write_cell(page, line, column, cell, bold if line == 0 else None, day)
            page.autofit(max_width=WIDTHS.stop * 7)
    return file.getvalue()


def _write_cell(
    page: Worksheet, line: int, column: int, cell: Cell, form: Format | None, day: Format
) -> None:
    match cell:
        case bool():
            page.write_boolean(line, column, cell, form)
        case int() | Decimal():
            page.write_number(line, column, cell, form)
        case datetime() | date():
            page.write_datetime(line, column, cell, day)
        case ErrorCell():
            page.write_string(line, column, cell.text, form)
        case str():
            page.write_string(line, column, harmless(cell), form)
        case _:
            page.write_string(line, column, str(cell), form)


def write_csv(sheet: SheetToWrite) -> bytes:
    """Return a .csv file in UTF-8 with the mark by which Excel knows it; numbers and dates stay bare."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_plain(cell) for cell in cells] for cells in (sheet.head, *sheet.rows))
    return file.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> Cell:
    match cell:
        case ErrorCell():
            return cell.text
        case str():
            return harmless(cell)
        case _:
            return cell
