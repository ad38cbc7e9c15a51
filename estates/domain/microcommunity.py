"""The sheets of a MicroCommunity workbook that stand beside its rooms: buildings, owners, parking spaces, fees.

Rooms and spaces name their owner by number; family members and tenants name the owner to whom they belong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.tables.cells import text, token
from core.tables.findings import Finding
from core.tables.header import Table
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, is_filled
from estates.domain.codes import building_code, parking_name, space_code
from estates.domain.facts import BuildingFacts, Entry, Tie, UnitFacts
from estates.domain.people import BETWEEN, read_ties
from estates.domain.units import read_area, read_building

JOINED = "#"


@dataclass
class Owners:
    """The owner sheets: each number's own row, and the numbers of those who belong to it."""

    rows: dict[str, Row] = field(default_factory=dict)
    ties: dict[str, Tie] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def ties_of(self, row: Row, numbers: Sequence[str]) -> list[Tie]:
        """Return the owners with these numbers and all who belong to them; an unknown one rejects the row."""
        ties = []
        for number in numbers:
            if number not in self.rows:
                row.reject("owner_number", "unknown_owner", number=number)
            elif number not in self.ties:
                owner = self.rows[number]
                row.reject("owner_number", "owner_rejected", number=number, owner_line=owner.line)
            else:
                ties += [
                    self.ties[known]
                    for known in (number, *self.members.get(number, ()))
                    if known in self.ties
                ]
        return ties


def read_owners(table: Table, owners: Owners, remarks: list[Finding]) -> list[Row]:
    """Read an owner sheet into `owners` and return its rows."""
    rows = list(data_rows(table, remarks))
    for row in rows:
        number = row.need("number", token, "")
        row.need("name", text, "")
        ties = read_ties(row, "name")
        if number in owners.rows:
            row.reject("number", "number_twice", other_line=owners.rows[number].line)
        elif number:
            owners.rows[number] = row
        if ties and not row.is_rejected:
            _add_owner(owners, number, ties[0], row.read("belongs_to", token, ""))
    return rows


def _add_owner(owners: Owners, number: str, tie: Tie, belongs_to: str) -> None:
    owners.ties[number] = Tie(tie.person, tie.role, number)
    if belongs_to not in ("", number):
        owners.members.setdefault(belongs_to, []).append(number)


def owner_numbers(cell: Cell) -> list[str]:
    """Return the owner numbers of a room's cell."""
    return [token(part) for part in BETWEEN.split(text(cell).replace(JOINED, ";")) if part]


def read_buildings(table: Table, buildings: dict[str, BuildingFacts], remarks: list[Finding]) -> list[Row]:
    """Read a building sheet, one row a stair, into `buildings` and return its rows.

    Stairs of one building may differ in height: the highest counts, with a remark.
    """
    rows = list(data_rows(table, remarks))
    for row in rows:
        code = row.need("building", building_code, "")
        facts = read_building(row)
        if not row.is_rejected:
            buildings[code] = merged_building(row, buildings.get(code), facts)
    return rows


def merged_building(row: Row, known: BuildingFacts | None, said: BuildingFacts) -> BuildingFacts:
    """Return both facts about a building as one; the higher count of floors wins, with a remark."""
    if known is None or known == said:
        return said
    if known.floors and said.floors and known.floors != said.floors:
        row.remark("floors", "floors_differ", kept=max(known.floors, said.floors))
    floors = max(filter(None, (known.floors, said.floors)), default=None)
    lifts = [lift for lift in (known.has_lift, said.has_lift) if lift is not None]
    return BuildingFacts(floors, any(lifts) if lifts else None)


def read_spaces(table: Table, owners: Owners, remarks: list[Finding]) -> list[Entry]:
    """Return the rows of a parking sheet; vehicles are left out with one remark."""
    entries = []
    plates = 0
    for row in data_rows(table, remarks):
        lot = row.need("lot", space_code, "")
        space = row.need("space", space_code, "")
        ties = owners.ties_of(row, row.read("owner_number", owner_numbers, []))
        facts = UnitFacts(kind="parking", area_m2=read_area(row, "area", "parking"))
        entries.append(Entry(row, parking_name(lot, space), facts, ties))
        plates += is_filled(row.cell("plate"))
    if plates:
        remarks.append(_sheet_remark(table, "vehicles_left_out", plates))
    return entries


def read_fee_numbers(table: Table, remarks: list[Finding]) -> set[str]:
    """Return the numbers of a fee sheet; the fees themselves come in through the tariff import."""
    numbers = {token(row.cell("number")) for row in data_rows(table, remarks)}
    remarks.append(_sheet_remark(table, "fees_left_out", len(numbers)))
    return numbers


def check_fees(row: Row, fee_numbers: set[str]) -> None:
    """Remark on a room's fees that stand on no fee sheet, and on a count of dates that does not fit."""
    fees: list[str] = row.read("fees", _joined, [])
    starts: list[str] = row.read("fee_starts", _joined, [])
    if unknown := [fee for fee in fees if fee not in fee_numbers]:
        row.remark("fees", "unknown_fee", fees=JOINED.join(unknown))
    if starts and len(starts) != len(fees):
        row.remark("fee_starts", "fee_starts_differ", fees=len(fees), starts=len(starts))


def _joined(cell: Cell) -> list[str]:
    return [part for part in token(cell).split(JOINED) if part]


def _sheet_remark(table: Table, code: str, count: int) -> Finding:
    return Finding(
        code, table.sheet.name, table.sheet.lines[table.header_index], params={"count": count}, blocks=False
    )
