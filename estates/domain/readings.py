"""Reads meter readings from a table and judges them: each on its own, against each other, against the register.

A meter counts upwards. A meter the register does not know is made by its first reading, which opens it and bills
nothing. A recorded reading is never overwritten: what it has billed stands on it.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.tables.cells import BadCell, day, number, one_of, token
from core.tables.findings import Finding
from core.tables.header import Table, find_table
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet, is_filled
from estates.domain.codes import UnitName, building_code, full_name, room_code, stair_code
from estates.domain.layouts import READINGS
from estates.domain.plan import Fate
from estates.domain.words import METERS

STEP = Decimal("0.0001")
LARGEST = Decimal(10) ** 8
LONGEST_CODE = 40

read_kind = one_of(METERS, "unknown_meter_kind")


@dataclass(frozen=True, slots=True)
class HeldMeter:
    """A meter of the register; `unit` is empty for a meter of the community."""

    id: int
    unit: str
    kind: str


@dataclass(frozen=True)
class Meters:
    """The register's meters by code, the readings of each by id in the order of days, and its unit codes.

    The readings must hold the last one before the file's first day and all later ones.
    """

    held: Mapping[str, HeldMeter]
    readings: Mapping[int, Sequence[tuple[date, Decimal]]]
    units: frozenset[str]


@dataclass(slots=True)
class ReadingEntry:
    """One row: the meter, whose it is, what it showed and when."""

    row: Row
    unit: str
    meter: str
    kind: str
    read_on: date
    value: Decimal


@dataclass
class ReadingPlan:
    """What an import of readings writes: new meters by code, new readings, and the fate of each row."""

    new_meters: dict[str, HeldMeter] = field(default_factory=dict)
    new_readings: list[ReadingEntry] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


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
    tables = [table for sheet in sheets if not sheet.hidden and (table := find_table(sheet, [READINGS]))]
    known = {table.sheet.name for table in tables}
    for sheet in sheets:
        if sheet.name not in known:
            code = "empty_sheet" if sheet.is_empty else "hidden_sheet" if sheet.hidden else "unknown_sheet"
            result.remarks.append(Finding(code, sheet.name, blocks=not tables))
    for table in tables:
        _read_table(table, result, today)
    return result


def _read_table(table: Table, result: ReadingSheets, today: date) -> None:
    result.remarks.extend(table.header_remarks())
    for row in data_rows(table, result.remarks):
        entries = _entries(row, today)
        result.rows.append(row)
        if not row.is_rejected:
            result.entries += entries


def _entries(row: Row, today: date) -> list[ReadingEntry]:
    """Return what the row says the meter showed: now, and before if it says so too."""
    unit, meter = _unit_code(row), row.need("meter", meter_code, "")
    kind = row.read("kind", read_kind, "")
    read_on = row.need("date", day, date.min)
    value = row.need("value", meter_value, Decimal(0))
    if read_on > today:
        row.reject("date", "read_in_future", today=today)
    entries = [ReadingEntry(row, unit, meter, kind, read_on, value)]
    before_on, before = row.read("previous_date", day, None), row.read("previous", meter_value, None)
    if before is not None and before_on is not None:
        if before_on >= read_on:
            row.reject("previous_date", "previous_not_before")
        entries.insert(0, ReadingEntry(row, unit, meter, kind, before_on, before))
    return entries


def _unit_code(row: Row) -> str:
    """Return the unit's code from one cell, or from building, stair and room; empty for a community meter."""
    if is_filled(row.cell("building")):
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


def plan_readings(sheets: ReadingSheets, meters: Meters) -> ReadingPlan:
    """Return what the rows add to the register, meter by meter in the order of days."""
    by_meter: dict[str, list[ReadingEntry]] = {}
    for entry in sheets.entries:
        by_meter.setdefault(entry.meter, []).append(entry)
    plan = ReadingPlan()
    for code, entries in by_meter.items():
        held = meters.held.get(code)
        meter = held or _new_meter(entries)
        accepted = _accepted(meter, entries, meters)
        if accepted and held is None:
            plan.new_meters[code] = meter
            accepted[0].row.remark("meter", "meter_made", meter=code)
        plan.new_readings += accepted
    _settle(plan, sheets)
    return plan


def _settle(plan: ReadingPlan, sheets: ReadingSheets) -> None:
    """Count the rows by fate and gather the findings."""
    rejected = sum(row.is_rejected for row in sheets.rows)
    created = len({id(entry.row) for entry in plan.new_readings})
    plan.counts = {
        Fate.CREATED.value: created,
        Fate.UPDATED.value: 0,
        Fate.UNCHANGED.value: len(sheets.rows) - created - rejected,
        Fate.REJECTED.value: rejected,
    }
    plan.findings = [*sheets.remarks, *(finding for row in sheets.rows for finding in row.findings)]


def _accepted(meter: HeldMeter, entries: Sequence[ReadingEntry], meters: Meters) -> list[ReadingEntry]:
    """Return one meter's new readings in the order of days; those that do not fit reject their rows."""
    for entry in entries:
        _check_meter(entry, meter, meters.units)
    _check_days(entries)
    shown = list(meters.readings.get(meter.id, ())) if meter.id else []
    accepted = []
    for entry in sorted(entries, key=lambda entry: entry.read_on):
        if entry.row.is_rejected or _is_known(entry, shown):
            continue
        if _fits(entry, shown):
            accepted.append(entry)
            shown.insert(bisect(shown, (entry.read_on, entry.value)), (entry.read_on, entry.value))
    return [entry for entry in accepted if not entry.row.is_rejected]


def _new_meter(entries: Sequence[ReadingEntry]) -> HeldMeter:
    """A meter not yet in the register: of the unit of its first row, of the first kind that a row names."""
    kind = next((entry.kind for entry in entries if entry.kind), "")
    return HeldMeter(0, entries[0].unit, kind)


def _check_meter(entry: ReadingEntry, meter: HeldMeter, units: frozenset[str]) -> None:
    if entry.unit and entry.unit not in units:
        entry.row.reject("unit", "unknown_unit", unit=entry.unit)
    elif entry.unit != meter.unit and (entry.unit or not meter.id):
        entry.row.reject("unit", "meter_of_other_unit", other=meter.unit)
    if not meter.kind:
        entry.row.reject("kind", "missing")
    elif entry.kind and entry.kind != meter.kind:
        entry.row.reject("kind", "meter_of_other_kind", other=meter.kind)


def _check_days(entries: Sequence[ReadingEntry]) -> None:
    """Reject the rows that show different values of one meter on one day; remark on those that repeat."""
    by_day: dict[date, list[ReadingEntry]] = {}
    for entry in entries:
        by_day.setdefault(entry.read_on, []).append(entry)
    for same in by_day.values():
        if len({entry.value for entry in same}) > 1:
            lines = "、".join(str(entry.row.line) for entry in same)
            for entry in same:
                entry.row.reject("value", "readings_disagree", lines=lines)
        for entry in same[1:]:
            if entry.row is not same[0].row and not entry.row.is_rejected:
                entry.row.remark("value", "row_repeated", other_line=same[0].row.line)


def _is_known(entry: ReadingEntry, shown: Sequence[tuple[date, Decimal]]) -> bool:
    """Whether this reading is there already; another value on its day rejects the row."""
    for read_on, value in shown:
        if read_on == entry.read_on:
            if value == entry.value:
                return True
            entry.row.reject("value", "reading_differs", held=f"{value:f}")
    return False


def _fits(entry: ReadingEntry, shown: Sequence[tuple[date, Decimal]]) -> bool:
    """Whether the value lies between its neighbours in time; otherwise the row is rejected."""
    before = max((reading for reading in shown if reading[0] < entry.read_on), default=None)
    after = min((reading for reading in shown if reading[0] > entry.read_on), default=None)
    if before and entry.value < before[1]:
        entry.row.reject("value", "lower_than_before", other=f"{before[1]:f}", day=before[0])
    elif after and entry.value > after[1]:
        entry.row.reject("value", "higher_than_after", other=f"{after[1]:f}", day=after[0])
    return not entry.row.is_rejected
