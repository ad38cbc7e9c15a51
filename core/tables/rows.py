"""The rows of data below a header: totals and notes left out aloud, merged cells and bad cells found."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from core.tables.cells import BadCell, is_error, shown, token
from core.tables.findings import Finding
from core.tables.header import Table
from core.tables.sheet import BLANK, Area, Cell, column_letters, is_filled

Value = TypeVar("Value")
Blank = TypeVar("Blank")

TOTALS = re.compile(
    r"(本页|本表|本栋|全部|总)?(合计|总计|小计|共计|累计)([:(\d].*)?|(sub|grand)?total:?", re.IGNORECASE
)
NOTE = re.compile(r"(注|备注|说明|附注|制表|审核|填表|复核|经办|打印|单位|日期)(人|日期|时间|单位)?[:].*")
NOTE_LENGTH = 12
LONGEST_QUOTE = 200
MAX_MERGED_CELLS = 500_000


class Row:
    """One row of data, read cell by cell; what is wrong with it gathers in `findings`."""

    __slots__ = ("cells", "findings", "is_rejected", "line", "table")

    def __init__(self, table: Table, line: int, cells: Sequence[Cell]) -> None:
        self.table = table
        self.line = line
        self.cells = cells
        self.findings: list[Finding] = []
        self.is_rejected = False

    def cell(self, name: str) -> Cell:
        """The cell of a field; blank when the table has no such column or the row ends before it."""
        column = self.table.columns.get(name)
        if column is None or column >= len(self.cells):
            return BLANK
        return self.cells[column]

    def read(self, name: str, parse: Callable[[Cell], Value], blank: Blank) -> Value | Blank:
        """Return the parsed cell of a field, or `blank` when it is blank or bad; a bad cell becomes a finding."""
        cell = self.cell(name)
        if not is_filled(cell):
            return blank
        if is_error(cell):
            self.reject(name, "formula_without_result" if shown(cell).startswith("=") else "formula_error")
            return blank
        try:
            return parse(cell)
        except BadCell as bad:
            self.reject(name, bad.code, **bad.params)
            return blank

    def need(self, name: str, parse: Callable[[Cell], Value], blank: Blank) -> Value | Blank:
        """Return the parsed cell as `read` does; a blank one is the finding `missing`."""
        if not is_filled(self.cell(name)):
            self.reject(name, "missing")
        return self.read(name, parse, blank)

    def reject(self, field: str, code: str, /, **params: object) -> None:
        """Note a finding about a field that keeps the row out: `is_rejected` becomes true."""
        self.is_rejected = True
        self.findings.append(self._finding(field, code, params, blocks=True))

    def remark(self, field: str, code: str, /, **params: object) -> None:
        """Note a finding about a field that lets the row stay."""
        self.findings.append(self._finding(field, code, params, blocks=False))

    def _finding(self, field: str, code: str, params: Mapping[str, object], *, blocks: bool) -> Finding:
        table = self.table
        return Finding(
            code,
            table.sheet.name,
            self.line,
            table.heading(field),
            shown(self.cell(field))[:LONGEST_QUOTE],
            params,
            blocks,
        )


def data_rows(table: Table, remarks: list[Finding]) -> Iterator[Row]:
    """Yield the rows of data; what is left out is added to `remarks`, merged cells to the row's findings."""
    merged = _merged_fields(table)
    notes = _NotesBeside(table)
    used = tuple(table.columns.values())
    for line, cells in table.sheet.numbered_rows(table.header_index + 1):
        notes.look(line, cells)
        filled = [cells[column] for column in used if column < len(cells) and is_filled(cells[column])]
        if not filled:
            continue
        if remark := _left_out(table, line, cells, filled):
            remarks.append(remark)
            continue
        row = Row(table, line, cells)
        if line in merged:
            name, area = merged[line]
            row.reject(name, "merged_cells", area=_area_name(area))
        yield row
    remarks.extend(notes.remarks())


def _left_out(table: Table, line: int, cells: Sequence[Cell], filled: Sequence[Cell]) -> Finding | None:
    first = next((cell for cell in cells if is_filled(cell)), BLANK)
    if not isinstance(first, str):
        return None
    word = token(first)
    if TOTALS.fullmatch(word):
        return Finding("totals_left_out", table.sheet.name, line, "", shown(first), blocks=False)
    if len(filled) <= 1 and (NOTE.fullmatch(word) or len(word) > NOTE_LENGTH):
        return Finding("note_left_out", table.sheet.name, line, "", shown(first), blocks=False)
    return None


class _NotesBeside:
    """Counts the lines that hold something in a column without a head."""

    def __init__(self, table: Table) -> None:
        self.sheet = table.sheet.name
        self.columns = table.unheaded_columns
        self.count = 0
        self.first = Finding("notes_left_out", blocks=False)

    def look(self, line: int, cells: Sequence[Cell]) -> None:
        for column in self.columns:
            if column < len(cells) and is_filled(cells[column]):
                if not self.count:
                    head, value = column_letters(column), shown(cells[column])
                    self.first = Finding("notes_left_out", self.sheet, line, head, value, blocks=False)
                self.count += 1
                return

    def remarks(self) -> Iterator[Finding]:
        if self.count:
            first = self.first
            yield Finding(
                first.code,
                first.sheet,
                first.line,
                first.column,
                first.value,
                {"count": self.count},
                blocks=False,
            )


def _merged_fields(table: Table) -> dict[int, tuple[str, Area]]:
    """For each line with merged cells over a used column: the first such field and its block."""
    found: dict[int, tuple[str, Area]] = {}
    for line, name, area in islice(_merged_cells(table), MAX_MERGED_CELLS):
        found.setdefault(line, (name, area))
    return found


def _merged_cells(table: Table) -> Iterator[tuple[int, str, Area]]:
    first = table.sheet.lines[table.header_index] + 1
    last = table.sheet.lines[-1]
    fields = sorted((column, name) for name, column in table.columns.items())
    for area in table.sheet.merged:
        covered = [name for column, name in fields if area.first_column <= column <= area.last_column]
        for line in range(max(first, area.first_line), min(last, area.last_line) + 1):
            for name in covered:
                yield line, name, area


def _area_name(area: Area) -> str:
    """Return the spreadsheet's name of a block: C57:C58."""
    first = f"{column_letters(area.first_column)}{area.first_line}"
    return f"{first}:{column_letters(area.last_column)}{area.last_line}"
