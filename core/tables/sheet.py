"""A sheet of a file, with the line numbers its clerk sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal


@dataclass(frozen=True)
class ErrorCell:
    """A cell whose formula failed (`#DIV/0!`) or was saved without a result (then `text` is the formula: `=A1*2`)."""

    text: str


Cell = str | int | bool | Decimal | date | datetime | time | ErrorCell
"""What a cell holds; a blank cell is the empty text. Numbers are never floats."""

BLANK = ""


@dataclass(frozen=True)
class Area:
    """A block of merged cells: lines from 1, columns from 0, both ends inclusive."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """A sheet as rows of cells; `lines[i]` is the line number in the file of `rows[i]`, counted from 1."""

    name: str
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    merged: Sequence[Area] = field(default_factory=tuple)
    hidden: bool = False

    def numbered_rows(self, start: int = 0) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Yield (line, cells) from the row with index `start` on."""
        return zip(self.lines[start:], self.rows[start:], strict=True)

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything but blanks."""
        return not any(is_filled(cell) for cells in self.rows for cell in cells)


def is_filled(cell: Cell) -> bool:
    """Whether a cell holds more than white space."""
    return not (isinstance(cell, str) and (not cell or cell.isspace()))


def column_letters(column: int) -> str:
    """Return the spreadsheet's name of a column counted from 0.

    >>> [column_letters(n) for n in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
