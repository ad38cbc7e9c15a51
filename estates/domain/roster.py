"""Reads a roster's sheets into facts, and finds what is wrong with each row on its own.

What rows say about one another is judged in `agreement`; what they mean for the register in `plan`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from core.tables.findings import Finding
from core.tables.header import Table, find_table, find_tables
from core.tables.rows import Row, data_rows
from core.tables.sheet import Sheet, is_filled
from estates.domain import layouts
from estates.domain.codes import UnitName
from estates.domain.facts import BuildingFacts, Entry, Roster, Tie
from estates.domain.microcommunity import (
    Owners,
    check_fees,
    merged_building,
    owner_numbers,
    read_buildings,
    read_fee_numbers,
    read_owners,
    read_spaces,
)
from estates.domain.people import read_ties
from estates.domain.units import read_building, read_facts, read_name
from estates.domain.units import read_spaces as read_own_spaces


def read_roster(sheets: Sequence[Sheet], known_floors: Mapping[str, int], today: date) -> Roster:
    """Return what the sheets say. `known_floors` are the heights of buildings the register knows.

    Rows with something wrong are part of the result; their findings say what.
    """
    roster = Roster()
    tables: dict[str, list[Table]] = {layout.name: [] for layout in layouts.ROSTER}
    for table in find_tables(sheets, partial(find_table, layouts=layouts.ROSTER), roster.remarks):
        tables[table.layout.name].append(table)
    owners, fee_numbers = Owners(), set[str]()
    for table in tables["buildings"]:
        roster.other_rows += read_buildings(table, roster.buildings, roster.remarks)
    for table in tables["owners"]:
        roster.other_rows += read_owners(table, owners, roster.remarks)
    for table in tables["fees"]:
        fee_numbers |= read_fee_numbers(table, roster.remarks)
    reader = _UnitReader(roster, owners, fee_numbers, known_floors, today)
    for table in tables["units"]:
        roster.entries += reader.entries(table)
    for table in tables["spaces"]:
        roster.entries += read_spaces(table, owners, roster.remarks)
    _judge_owners(owners, roster.entries)
    return roster


@dataclass
class _UnitReader:
    """Reads the rows of one unit sheet with what the other sheets and the register know."""

    roster: Roster
    owners: Owners
    fee_numbers: set[str]
    known_floors: Mapping[str, int]
    today: date

    def entries(self, table: Table) -> list[Entry]:
        """Return the sheet's rows; a sheet without kinds gets one remark."""
        if "kind" not in table.columns:
            line = table.sheet.lines[table.header_index]
            self.roster.remarks.append(Finding("no_kind_column", table.sheet.name, line, blocks=False))
        return [self.entry(row) for row in data_rows(table, self.roster.remarks)]

    def entry(self, row: Row) -> Entry:
        """Return what one row says."""
        name = read_name(row)
        said = read_building(row)
        facts = read_facts(row, name, said.floors or self._floors_of(name), self.today)
        spaces = read_own_spaces(row)
        ties = self._ties(row)
        if self.fee_numbers:
            check_fees(row, self.fee_numbers)
        if name and not row.is_rejected:
            self._note_building(row, name.building, said)
        return Entry(row, name, facts, ties, spaces)

    def _floors_of(self, name: UnitName | None) -> int | None:
        if name is None:
            return None
        said = self.roster.buildings.get(name.building)
        return (said and said.floors) or self.known_floors.get(name.building)

    def _note_building(self, row: Row, code: str, said: BuildingFacts) -> None:
        known = self.roster.buildings.get(code)
        if known is None or said != known:
            self.roster.buildings[code] = merged_building(row, known, said)

    def _ties(self, row: Row) -> Sequence[Tie]:
        if is_filled(row.cell("owner")) or "owner_number" not in row.table.columns:
            return read_ties(row, "owner")
        return self.owners.ties_of(row, row.read("owner_number", owner_numbers, []))


def _judge_owners(owners: Owners, entries: Sequence[Entry]) -> None:
    """Reject those who belong to an owner that is on no sheet; remark on owners whom no unit names."""
    for owner, members in owners.members.items():
        if owner not in owners.rows:
            for number in members:
                owners.rows[number].reject("belongs_to", "unknown_owner", number=owner)
    named = {tie.number for entry in entries for tie in entry.ties}
    for number in owners.ties:
        if number not in named and not owners.rows[number].is_rejected:
            owners.rows[number].remark("number", "owner_without_unit")
