"""Files as people send them, written on the spot: workbooks, old workbooks, text in old encodings."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
import xlwt

Rows = Sequence[Sequence[Any]]


class Formula(str):
    """A formula's saved result, for a cell of `write_xlsx`."""


def write_xlsx(sheets: Mapping[str, Rows], merged: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """Return a workbook; `merged` names blocks such as A2:A3 that are merged without touching their texts."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, Formula):
                    sheet.write_formula(line, column, "=1/0", None, str(value))
                elif isinstance(value, str):
                    sheet.write_string(line, column, value)
                else:
                    sheet.write(line, column, value)
        for block in (merged or {}).get(name, ()):
            sheet.merge_range(block, _text_at(rows, block))
    book.close()
    return file.getvalue()


def _text_at(rows: Rows, block: str) -> str:
    first = block.split(":", maxsplit=1)[0]
    return str(rows[int(first[1:]) - 1][ord(first[0]) - ord("A")])


def write_xls(sheets: Mapping[str, Rows]) -> bytes:
    """Return a workbook of Excel 97."""
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, Formula):
                    sheet.row(line).set_cell_error(column, str(value))
                else:
                    sheet.write(line, column, value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def write_csv(rows: Rows, encoding: str = "utf-8") -> bytes:
    """Return a text file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)
