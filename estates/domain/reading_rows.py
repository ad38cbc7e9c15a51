"""Reads meter readings from a table: whose meter, what it showed and when, an instrument changed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from core.tables.cells import BadCell, day, number, one_of, text, token
from core.tables.findings import Finding
from core.tables.header import find_table, find_tables
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet, is_filled
from estates.domain.codes import UnitName, building_code, full_name, room_code, stair_code
from estates.domain.counting import Shown
from estates.domain.layouts import READINGS
from estates.domain.words import METERS

STEP = Decimal("0.0001")
LARGEST = Decimal(10) ** 8
LONGEST_CODE, LONGEST_NAME, LONGEST_NOTE = 40, 50, 200

read_kind = one_of(METERS, "unknown_meter_kind")


@dataclass(slots=True)
class ReadingEntry:
    """One row: the meter, whose it is, what it showed and when; `shown` is how it counts, once that is decided.

    `meter` is empty when the row names only the unit. `multiplier` is None when the row does not say it.
    """

    row: Row
    unit: str
    meter: str
    kind: str
    read_on: date
    value: Decimal
    multiplier: Decimal | None = None
    old_closing: Decimal | None = None
    new_opening: Decimal | None = None
    reader: str = ""
    note: str = ""
    shown: Shown | None = None


@dataclass
class ReadingSheets:
    """The rows of all reading tables of a file: all of them, and those that make sense on their own."""

    rows: list[Row] = field(default_factory=list)
    entries: list[ReadingEntry] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    @property
    def first_day(self) -> date | None:
        """The earliest day read."""
        return min((entry.read_on for entry in self.entries), default=None)


def read_readings(sheets: Sequence[Sheet], today: date) -> ReadingSheets:
    """Return the rows of the sheets; those with something wrong carry findings."""
    result = ReadingSheets()
    for table in find_tables(sheets, partial(find_table, layouts=[READINGS]), result.remarks):
        for row in data_rows(table, result.remarks):
            entries = _entries(row, today)
            result.rows.append(row)
            if not row.is_rejected:
                result.entries += entries
    return result


def _entries(row: Row, today: date) -> list[ReadingEntry]:
    """Return what the row says the meter showed: now, and before if it says so too."""
    unit = unit_code(row)
    has_code = "meter" in row.table.columns
    meter = row.need("meter", meter_code, "") if has_code else ""
    if not has_code and not unit:
        row.reject("unit", "missing")
    kind = row.read("kind", read_kind, "")
    read_on = row.need("date", day, date.min)
    value = row.need("value", meter_value, Decimal(0))
    if read_on > today:
        row.reject("date", "read_in_future", today=today)
    entry = ReadingEntry(row, unit, meter, kind, read_on, value)
    entry.multiplier = row.read("multiplier", meter_factor, None)
    entry.reader, entry.note = (
        row.read("reader", text, "")[:LONGEST_NAME],
        row.read("note", text, "")[:LONGEST_NOTE],
    )
    _read_swap(row, entry)
    return [*_earlier(row, entry), entry]


def _read_swap(row: Row, entry: ReadingEntry) -> None:
    """Take the last value of an old instrument and the first of the new one, which come together."""
    entry.old_closing = row.read("old_closing", meter_value, None)
    entry.new_opening = row.read("new_opening", meter_value, None)
    if (entry.old_closing is None) != (entry.new_opening is None):
        row.reject("new_opening" if entry.new_opening is None else "old_closing", "swap_half")
    elif entry.new_opening is not None and entry.value < entry.new_opening:
        row.reject("value", "below_new_opening", opening=f"{entry.new_opening:f}")


def _earlier(row: Row, entry: ReadingEntry) -> list[ReadingEntry]:
    """Return the reading before that the row names too, or nothing."""
    before_on, before = row.read("previous_date", day, None), row.read("previous", meter_value, None)
    if before is None or before_on is None:
        return []
    if date.min < entry.read_on <= before_on:
        row.reject("previous_date", "previous_not_before")
    return [ReadingEntry(row, entry.unit, entry.meter, entry.kind, before_on, before)]


def unit_code(row: Row) -> str:
    """Return the unit's code from one cell, or from building, stair and room; empty for a community meter."""
    if is_filled(row.cell("building")):
        full = full_name(row.cell("unit"))
        if full is not None:
            return full.code
        building = row.read("building", building_code, "")
        return UnitName(building, row.read("stair", stair_code, "0"), row.need("unit", room_code, "")).code
    return row.read("unit", _full_code, "")


def _full_code(cell: Cell) -> str:
    name = full_name(cell)
    if name is None:
        raise BadCell("no_building")
    return name.code


def meter_code(cell: Cell) -> str:
    """Return a meter's code; numbers keep every digit.

    Raises:
        BadCell: `too_long`.
    """
    code = token(cell)
    if len(code) > LONGEST_CODE:
        raise BadCell("too_long", longest=LONGEST_CODE)
    return code


def meter_value(cell: Cell) -> Decimal:
    """Return what a meter shows, to four decimals.

    Raises:
        BadCell: `value_below_zero`, `absurd_value`, or as `number`.
    """
    value = number(cell)
    if value < 0:
        raise BadCell("value_below_zero")
    if value >= LARGEST:
        raise BadCell("absurd_value")
    return value.quantize(STEP, ROUND_HALF_UP)


def meter_factor(cell: Cell) -> Decimal:
    """Return a multiplier, to four decimals.

    Raises:
        BadCell: `odd_multiplier` for zero and below, `absurd_value`, or as `number`.
    """
    factor = meter_value(cell) if number(cell) >= 0 else Decimal(0)
    if not factor:
        raise BadCell("odd_multiplier")
    return factor
