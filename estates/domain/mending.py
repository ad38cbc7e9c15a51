"""Picks the rows of a roster that a clerk has to mend, with the rows they cannot do without.

A file of these rows, mended, can be imported again by itself. So an owner who is named by a bad room comes along,
and the room of an owner who is bad.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.tables.cells import token
from core.tables.rows import Row
from estates.domain.facts import Roster
from estates.domain.microcommunity import owner_numbers


@dataclass(frozen=True)
class RowsToMend:
    """The rows of one sheet, in the order of the file: the bad ones and those they need."""

    rows: list[Row]

    @property
    def sheet(self) -> str:
        """The sheet's name."""
        return self.rows[0].table.sheet.name


def pick_rows_to_mend(roster: Roster) -> list[RowsToMend]:
    """Return the rejected rows sheet by sheet, each sheet with the rows needed to read them again."""
    rows = [*roster.other_rows, *(entry.row for entry in roster.entries)]
    wanted = {number for row in rows if row.is_rejected for number in _numbers(row)}
    sheets: dict[int, list[Row]] = {}
    for row in rows:
        if row.is_rejected or wanted.intersection(_numbers(row)):
            sheets.setdefault(id(row.table), []).append(row)
    return [RowsToMend(picked) for picked in sheets.values()] if any(row.is_rejected for row in rows) else []


def _numbers(row: Row) -> Iterable[str]:
    """The owner numbers that a row is about: its own, that of the owner it belongs to, those it names."""
    if row.table.layout.name == "owners":
        own, other = token(row.cell("number")), token(row.cell("belongs_to"))
        return [number for number in (own, other) if number]
    cell = row.cell("owner_number")
    return owner_numbers(cell) if cell != "" else ()
