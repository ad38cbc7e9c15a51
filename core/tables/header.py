"""Finds the row that names the columns of a sheet."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.tables.cells import shown, token
from core.tables.findings import Finding
from core.tables.sheet import Cell, Sheet, is_filled

HEADER_ROWS = 15
BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
DECORATION = re.compile(r"[*:_]|必填|选填")


@dataclass(frozen=True)
class Layout:
    """A kind of table: the words that may head each field's column, and the fields it cannot do without.

    `needs` lists alternatives: of each inner tuple one field must have a column. `unused` are headings that are
    known and left out without a word. Headings are compared as `plain_heading` writes them.
    """

    name: str
    words: Mapping[str, Sequence[str]]
    needs: Sequence[Sequence[str]]
    unused: Sequence[str] = ()

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The field that each heading stands for."""
        return {plain_heading(word): name for name, words in self.words.items() for word in words}

    @cached_property
    def unused_headings(self) -> frozenset[str]:
        """The headings that are left out without a word."""
        return frozenset(map(plain_heading, self.unused))

    def accepts(self, fields: set[str]) -> bool:
        """Whether these columns are enough."""
        return all(fields.intersection(alternatives) for alternatives in self.needs)


@dataclass(frozen=True)
class Table:
    """A sheet whose columns are known: field → column from 0. Data starts after the row `header_index`."""

    sheet: Sheet
    layout: Layout
    header_index: int
    columns: Mapping[str, int]

    @property
    def header(self) -> Sequence[Cell]:
        """The cells of the row that names the columns."""
        return self.sheet.rows[self.header_index]

    def heading(self, name: str) -> str:
        """The head of a field's column as the file writes it, or the field's usual word when it has no column."""
        if name in self.columns:
            return shown(self.header[self.columns[name]])
        return self.layout.words[name][0]

    @cached_property
    def unheaded_columns(self) -> list[int]:
        """The columns that hold something in some row, but have no head: room for notes."""
        width = max(map(len, self.sheet.rows), default=0)
        return [column for column in range(width) if not _filled_at(self.header, column)]

    def header_remarks(self) -> Iterator[Finding]:
        """Yield a remark for columns that are not used and for columns that say the same twice."""
        used = {column: name for name, column in self.columns.items()}
        left_out = []
        for column, cell in enumerate(self.header):
            heading = plain_heading(shown(cell))
            if not heading or column in used or heading in self.layout.unused_headings:
                continue
            if name := self.layout.fields.get(heading):
                yield self._remark("column_twice", shown(cell), other=self.heading(name))
            else:
                left_out.append(shown(cell))
        if left_out:
            yield self._remark("columns_left_out", left_out[0], columns="、".join(left_out))

    def _remark(self, code: str, column: str, **params: str) -> Finding:
        line = self.sheet.lines[self.header_index]
        return Finding(code, self.sheet.name, line, column, column, params, blocks=False)


def plain_heading(heading: str) -> str:
    """Return a heading for comparison: no white space, brackets or stars, narrow, in lower case.

    >>> plain_heading("*建筑面积（㎡）"), plain_heading("Unit Price ")
    ('建筑面积', 'unitprice')
    """
    return DECORATION.sub("", BRACKETS.sub("", token(heading))).lower()


def find_table(sheet: Sheet, layouts: Sequence[Layout]) -> Table | None:
    """Return the sheet as the layout that fits best: the one row of the first 15 that names most of its fields."""
    tables = [table for layout in layouts for table in _candidates(sheet, layout)]
    return max(tables, key=lambda table: len(table.columns), default=None)


def find_tables(
    sheets: Sequence[Sheet], find: Callable[[Sheet], Table | None], remarks: list[Finding]
) -> list[Table]:
    """Return the sheets in which ``find`` sees a table; what else there is, and columns we do not use, is remarked on.

    Where no sheet is a table, those remarks block.
    """
    found = [(sheet, None if sheet.hidden or sheet.is_empty else find(sheet)) for sheet in sheets]
    tables = [table for _sheet, table in found if table]
    for table in tables:
        remarks.extend(table.header_remarks())
    remarks.extend(_left_out(sheet, not tables) for sheet, table in found if not table)
    return tables


def _left_out(sheet: Sheet, blocks: bool) -> Finding:
    code = "empty_sheet" if sheet.is_empty else "hidden_sheet" if sheet.hidden else "unknown_sheet"
    return Finding(code, sheet.name, blocks=blocks)


def _candidates(sheet: Sheet, layout: Layout) -> Iterator[Table]:
    for index, cells in enumerate(sheet.rows):
        if sheet.lines[index] > HEADER_ROWS:
            return
        columns = _columns_named(cells, layout)
        if len(columns) > 1 and layout.accepts(set(columns)):
            yield Table(sheet, layout, index, columns)


def _columns_named(cells: Sequence[Cell], layout: Layout) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, cell in enumerate(cells):
        if isinstance(cell, str) and (name := layout.fields.get(plain_heading(cell))):
            columns.setdefault(name, column)
    return columns


def _filled_at(cells: Sequence[Cell], column: int) -> bool:
    return column < len(cells) and is_filled(cells[column])
