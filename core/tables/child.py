"""The child process that parses a workbook: `python -m core.tables.child xlsx|xls`, file in, JSON out.

A hostile workbook can make a parser eat memory or time without end. Here it can only end this process, which has
set its own limits. Answers `{"sheets": [...]}` or `{"refused": code}`; any other end means `too_large`.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.tables import biff, limits
from core.tables.archive import Refused, check_archive, check_parts, find_error_cells

Errors = dict[str, list[tuple[int, int, str]]]


def parse_workbook(data: bytes, kind: str) -> list[dict[str, Any]]:
    """Return the sheets of a workbook as plain values.

    Raises:
        Refused: the workbook breaks a limit, is protected by a password, or cannot be read.
    """
    errors = _inspect_archive(data) if kind == "xlsx" else {}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if kind == "xls":
            errors = dict(zip(_worksheets(workbook), biff.find_error_cells(data), strict=False))
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
        hidden = {m.name for m in workbook.sheets_metadata if m.visible is not SheetVisibleEnum.Visible}
        return [_plain_sheet(sheet, errors.get(sheet.name, []), sheet.name in hidden) for sheet in sheets]
    except PasswordError as error:
        raise Refused("encrypted") from error
    except CalamineError as error:
        raise Refused("damaged") from error


def _worksheets(workbook: CalamineWorkbook) -> list[str]:
    return [sheet.name for sheet in workbook.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]


def _inspect_archive(data: bytes) -> Errors:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive)
            check_parts(archive)
            return find_error_cells(archive)
    except BadZipFile as error:
        raise Refused("damaged") from error


def _plain_sheet(sheet: CalamineSheet, errors: list[tuple[int, int, str]], hidden: bool) -> dict[str, Any]:
    top, left = sheet.start or (0, 0)
    if top + sheet.height > limits.MAX_ROWS:
        raise Refused("too_many_rows")
    if left + sheet.width > limits.MAX_COLUMNS:
        raise Refused("too_many_columns")
    margin: list[object] = [""] * left
    rows = [margin + [_plain_cell(cell) for cell in row] for row in sheet.to_python()]
    near = [error for error in errors if error[0] <= limits.MAX_ROWS and error[1] < limits.MAX_COLUMNS]
    if near:
        rows, top = [[] for _line in range(top)] + rows, 0
        _put_errors(rows, near)
    merged = [
        [first[0] + 1, first[1], last[0] + 1, last[1]] for first, last in sheet.merged_cell_ranges or []
    ]
    return {"name": sheet.name, "first_line": top + 1, "rows": rows, "merged": merged, "hidden": hidden}


def _plain_cell(cell: object) -> object:
    """Give a number the 15 digits that Excel shows, so that 26.512699999999999 is 26.5127."""
    if isinstance(cell, float):
        shown = float(f"{cell:.15g}")
        return int(shown) if shown.is_integer() and abs(shown) < 1e15 else shown
    return cell


def _put_errors(rows: list[list[object]], errors: list[tuple[int, int, str]]) -> None:
    """Write the failed cells into the rows, the first of which is line 1; rows grow for them."""
    for line, column, text in errors:
        rows.extend([] for _line in range(line - len(rows)))
        row = rows[line - 1]
        row.extend([""] * (column + 1 - len(row)))
        row[column] = {"error": text}


def _encode(value: object) -> object:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case time():
            return {"hour": value.isoformat()}
        case timedelta():
            return str(value)
    raise TypeError(type(value).__name__)


def main() -> None:
    """Read a workbook from standard input and write its sheets to standard output as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.CHILD_MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CHILD_CPU_SECONDS,) * 2)
    try:
        answer: dict[str, Any] = {"sheets": parse_workbook(sys.stdin.buffer.read(), sys.argv[1])}
    except Refused as refused:
        answer = {"refused": refused.code}
    except MemoryError:
        answer = {"refused": "too_large"}
    json.dump(answer, sys.stdout, default=_encode, ensure_ascii=False)


if __name__ == "__main__":
    main()
