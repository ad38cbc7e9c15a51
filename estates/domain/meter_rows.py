"""Reads a register of meters from a table: whose each is, through which it is fed, and what it showed at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from core.tables.cells import BadCell, day, one_of, text, whole_number
from core.tables.findings import Finding
from core.tables.header import find_table, find_tables
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet
from estates.domain.layouts import METERS
from estates.domain.reading_rows import meter_code, meter_factor, meter_value, read_kind, unit_code

LONGEST_TEXT = 60
MOST_DIGITS = 9
MODES = {
    word: is_prepaid
    for is_prepaid, words in {
        True: ("预付费", "预付", "预付费表", "充值", "prepaid"),
        False: ("后付费", "后付", "普通", "抄表", "抄表计费", "read"),
    }.items()
    for word in words
}


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What a row says of a meter; empty or None where it says nothing. ``unit`` is empty for one of the community."""

    code: str
    kind: str
    unit: str
    name: str = ""
    parent: str = ""
    multiplier: Decimal | None = None
    digits: int | None = None
    maker: str = ""
    is_prepaid: bool | None = None
    opening: Decimal | None = None
    installed_on: date | None = None


@dataclass(slots=True)
class MeterRow:
    """A row and what it says; None when something in it is wrong on its own."""

    row: Row
    facts: MeterFacts | None


@dataclass
class MeterSheets:
    """The rows of all tables of meters in a file, and remarks about what was left out."""

    rows: list[MeterRow] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)


def read_meters(sheets: Sequence[Sheet], today: date) -> MeterSheets:
    """Return the rows of the sheets; those with something wrong carry findings. Of two rows of one meter the later
    one is a repetition, or both are rejected.
    """
    result = MeterSheets()
    for table in find_tables(sheets, partial(find_table, layouts=[METERS]), result.remarks):
        result.rows += [MeterRow(row, _read(row, today)) for row in data_rows(table, result.remarks)]
    _compare_twins(result.rows)
    return result


def _read(row: Row, today: date) -> MeterFacts | None:
    facts = MeterFacts(
        code=row.need("meter", meter_code, ""),
        kind=row.need("kind", read_kind, ""),
        unit=unit_code(row),
        name=row.read("name", _text, ""),
        parent=row.read("parent", meter_code, ""),
        multiplier=row.read("multiplier", meter_factor, None),
        digits=row.read("digits", _digits, None),
        maker=row.read("maker", _text, ""),
        is_prepaid=row.read("mode", one_of(MODES, "unknown_mode"), None),
        opening=row.read("opening", meter_value, None),
        installed_on=row.read("installed", day, None),
    )
    _check_opening(row, facts, today)
    return None if row.is_rejected else facts


def _check_opening(row: Row, facts: MeterFacts, today: date) -> None:
    """An opening value needs its day; a day alone leaves the value to be asked for."""
    if facts.installed_on is None and facts.opening is not None:
        row.reject("installed", "opening_without_day")
    elif facts.installed_on is not None and facts.installed_on > today:
        row.reject("installed", "installed_in_future", today=today)
    elif facts.installed_on is not None and facts.opening is None:
        row.remark("opening", "opening_asked_for")
    if facts.opening is not None and facts.digits and facts.opening >= Decimal(10) ** facts.digits:
        row.reject("opening", "above_top", digits=facts.digits)


def _text(cell: Cell) -> str:
    value = text(cell)
    if len(value) > LONGEST_TEXT:
        raise BadCell("too_long", longest=LONGEST_TEXT)
    return value


def _digits(cell: Cell) -> int:
    value = whole_number(cell)
    if not 1 <= value <= MOST_DIGITS:
        raise BadCell("odd_digits", most=MOST_DIGITS)
    return value


def _compare_twins(rows: Sequence[MeterRow]) -> None:
    first: dict[str, MeterRow] = {}
    for row in rows:
        if row.facts is None:
            continue
        twin = first.setdefault(row.facts.code, row)
        if twin is row:
            continue
        if twin.facts == row.facts:
            row.row.remark("meter", "row_repeated", other_line=twin.row.line)
        else:
            lines = f"{twin.row.line}, {row.row.line}"
            for each in (twin, row):
                each.row.reject("meter", "meters_disagree", lines=lines)
