"""Reads what a community brings along when it goes live: receivable sheets, arrears sheets, fees, payment history.

Four layouts (DOMAIN-RULES §9), found by their headings wherever they stand; each row becomes facts about one unit:
what is still owed, what was paid ahead, what is held as a deposit, and what was paid long ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.money import ZERO
from core.periods import Period
from core.tables.cells import BadCell, day, number, shown, text_up_to, token
from core.tables.findings import Finding
from core.tables.header import Layout, Table, find_table, find_tables, plain_heading
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet, is_filled

LARGEST = Decimal(10) ** 9
EARLIEST = date(1990, 1, 1)
NAME_LENGTH = 60
DEPOSIT = re.compile(r"押金|保证金")
OCCUPANT = re.compile(r"(?P<unit>.+)_(?P<number>\d{1,2})")
ARREARS_COLUMN = re.compile(r"(?P<when>本期应收|前期欠费)(?P<name>.+)")
PLACES = {
    "place": ("房屋", "房号", "房屋编码", "房屋编号", "房间号", "商铺编号", "unit", "房间", "资产编号"),
    "household": ("住户编号", "业主编号", "客户编号"),
    "unit_name": ("单元名称",),
    "unit_code": ("单元编号",),
    "building": ("楼阁名称", "楼栋", "楼号", "楼栋号", "楼栋编号", "building"),
}
MONEY = {
    "prepaid": ("前期预收", "预收余额", "预存余额", "预存", "prepaid"),
    "deposit": ("押金余额", "押金", "deposit"),
}
UNUSED = (
    "序号", "备注", "说明", "建筑面积", "面积", "单价", "缴费周期", "业主", "业主名称", "业主姓名", "姓名", "手机号",
    "计费id", "问题说明", "problems",
)  # fmt: skip
FEE = ("收费项目", "费用名称", "费用项", "收费项名称", "费用项目", "fee")
START = ("计费起始日期", "开始时间", "起始日期", "起收日期", "费用开始时间", "from")
END = ("计费终止日期", "结束时间", "终止日期", "到期日期", "费用结束时间", "to")

HISTORY = Layout(
    name="history",
    words={
        **PLACES,
        "fee": FEE,
        "start": START,
        "end": END,
        "paid_on": ("缴费时间", "缴费日期", "收款日期", "paid_on"),
        "due": ("应缴金额", "应收金额", "应收"),
        "received": ("实缴金额", "实收金额", "实收", "received"),
        "cashier": ("收银员", "收款人"),
        "note": ("备注",),
    },
    needs=[("place",), ("fee",), ("paid_on",), ("received",)],
    unused=UNUSED,
)
RECEIVABLE = Layout(
    name="receivable",
    words={
        **PLACES,
        **MONEY,
        "fee": FEE,
        "start": START,
        "end": END,
        "due": ("应计金额", "应收金额", "收费金额", "费用金额", "欠费金额", "应缴金额", "amount"),
        "received": ("实收金额", "已收金额", "received"),
        "due_on": ("计费日期", "应缴日期", "缴费限期", "due_on"),
    },
    needs=[("place", "household", "unit_name", "unit_code"), ("fee",), ("due",)],
    unused=UNUSED,
)
ARREARS = Layout(
    name="arrears",
    words={**PLACES, **MONEY, "place": ("物业编号", *PLACES["place"]), "total": ("合计", "欠费合计")},
    needs=[("place", "household")],
    unused=UNUSED,
)


class Kind(StrEnum):
    """What a fact brings along."""

    OWED = "owed"
    PREPAID = "prepaid"
    DEPOSIT = "deposit"
    HISTORY = "history"


@dataclass(frozen=True)
class Place:
    """How a row names its unit: what may be the code, and which of its occupants is meant (from 1; 0: not said)."""

    candidates: tuple[str, ...]
    occupant: int = 0


@dataclass(frozen=True)
class Fact:
    """One thing a row brings along, in yuan. ``amount`` is what is open, held or was paid; due and received as written.

    ``field`` is the column it stands in; ``due_on`` the day it fell due, or was paid.
    """

    kind: Kind
    fee: str
    period: Period | None
    amount: Decimal
    field: str
    due: Decimal = ZERO
    received: Decimal = ZERO
    due_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class OpeningRow:
    """A row of the file: its unit, and what it brings; nothing when something in it is wrong."""

    row: Row
    place: Place
    facts: tuple[Fact, ...]


def read_opening(sheets: Sequence[Sheet], as_of: date) -> tuple[list[OpeningRow], list[Finding]]:
    """Return the rows of every table we know in the file, and remarks about what was left out.

    ``as_of`` is the day of the opening: amounts of the current period without dates belong to the month before it.
    """
    remarks: list[Finding] = []
    tables = find_tables(sheets, _table_of, remarks)
    rows = [found for table in tables for found in _rows_of(table, as_of, remarks)]
    return rows, remarks


def _rows_of(table: Table, as_of: date, remarks: list[Finding]) -> Iterator[OpeningRow]:
    read = READERS[table.layout.name]
    for row in data_rows(table, remarks):
        place = _place(row)
        facts = tuple(read(row, as_of))
        if not place.candidates:
            row.reject("place" if "place" in table.columns else next(iter(table.columns)), "missing")
        yield OpeningRow(row, place, () if row.is_rejected else facts)


def _table_of(sheet: Sheet) -> Table | None:
    table = find_table(sheet, [HISTORY, RECEIVABLE])
    return table or _arrears_table(sheet)


def _arrears_table(sheet: Sheet) -> Table | None:
    """The sheet as arrears: a layout whose columns are one for each fee item, under two kinds of heads."""
    names = {
        plain: f"{match['when']}_{match['name']}"
        for cells in sheet.rows[:15]
        for cell in cells
        if isinstance(cell, str) and (match := ARREARS_COLUMN.fullmatch(plain := plain_heading(cell)))
    }
    if not names:
        return None
    words = {**ARREARS.words, **{field: (plain,) for plain, field in names.items()}}
    return find_table(sheet, [Layout(ARREARS.name, words, ARREARS.needs, ARREARS.unused)])


# Places -------------------------------------------------------------------------------------------------


def _place(row: Row) -> Place:
    """Every way the row may name its unit, the surest first; an ending _02 says the second occupant."""
    cells = {name: token(row.cell(name)) for name in PLACES if is_filled(row.cell(name))}
    occupant = 0
    for name, value in cells.items():
        if match := OCCUPANT.fullmatch(value):
            cells[name], occupant = match["unit"], int(match["number"])
    building, unit = cells.get("building", ""), cells.get("unit_name", "")
    candidates = [cells.get("place", ""), cells.get("unit_code", ""), cells.get("household", ""), unit]
    if building:
        candidates += [f"{building}-{part}" for part in candidates if part]
    return Place(tuple(dict.fromkeys(filter(None, candidates))), occupant)


# Layouts ------------------------------------------------------------------------------------------------


def _read_history(row: Row, as_of: date) -> Iterator[Fact]:
    fee, period = row.need("fee", text_up_to(NAME_LENGTH), ""), _period(row, as_of, needed=False)
    paid_on = row.need("paid_on", _day, None)
    received = row.need("received", _money, ZERO)
    if paid_on and paid_on > as_of:
        row.reject("paid_on", "opening_paid_later", as_of=as_of)
    note = " ".join(filter(None, (_plain(row.cell("cashier")), _plain(row.cell("note")))))
    due = row.read("due", _money, received)
    if received > 0:
        yield Fact(Kind.HISTORY, fee, period, received, "received", due, received, paid_on, note)


def _read_receivable(row: Row, as_of: date) -> Iterator[Fact]:
    fee = row.need("fee", text_up_to(NAME_LENGTH), "")
    due, received = row.need("due", _money, ZERO), row.read("received", _money, ZERO)
    due_on = row.read("due_on", _day, None)
    if DEPOSIT.search(fee):
        if received > 0:
            yield Fact(Kind.DEPOSIT, fee, None, received, "received", due, received, due_on)
    else:
        yield from _owed(row, as_of, fee, due, received, due_on)
    yield from _held(row, "" if DEPOSIT.search(fee) else fee)


def _owed(
    row: Row, as_of: date, fee: str, due: Decimal, received: Decimal, due_on: date | None
) -> Iterator[Fact]:
    if received > due:
        row.reject("received", "opening_received_more", due=due)
    period = _period(row, as_of, needed=due > received)
    if due > received:
        yield Fact(Kind.OWED, fee, period, due - received, "due", due, received, due_on)


def _read_arrears(row: Row, as_of: date) -> Iterator[Fact]:
    current = Period.of_month(as_of - timedelta(days=1))
    total = ZERO
    for field in row.table.columns:
        when, _underscore, name = field.partition("_")
        if when not in ("本期应收", "前期欠费"):
            continue
        amount = row.read(field, _money, ZERO)
        total += amount
        period = current if when == "本期应收" else current.previous()
        if amount > 0:
            yield Fact(Kind.OWED, name, period, amount, field, amount, due_on=period.last_day)
    said = row.read("total", _money, None)
    if said is not None and said != total and not row.is_rejected:
        row.reject("total", "opening_total_differs", sum=total)
    yield from _held(row, "")


def _held(row: Row, fee: str) -> Iterator[Fact]:
    prepaid, deposit = row.read("prepaid", _money, ZERO), row.read("deposit", _money, ZERO)
    if prepaid > 0:
        yield Fact(Kind.PREPAID, fee, None, prepaid, "prepaid")
    if deposit > 0:
        yield Fact(Kind.DEPOSIT, "", None, deposit, "deposit")


READERS = {"history": _read_history, "receivable": _read_receivable, "arrears": _read_arrears}


# Cells --------------------------------------------------------------------------------------------------


def _period(row: Row, as_of: date, *, needed: bool) -> Period | None:
    """The days the row is about, both ends inclusive in the file."""
    start = row.need("start", _day, None) if needed else row.read("start", _day, None)
    end = row.need("end", _day, None) if needed else row.read("end", _day, None)
    if start is None or end is None:
        return None
    if end < start:
        row.reject("end", "ends_before_start", start=start)
        return None
    return Period(start, end + timedelta(days=1))


def _money(cell: Cell) -> Decimal:
    amount = number(cell)
    if amount < 0:
        raise BadCell("opening_negative")
    if amount >= LARGEST:
        raise BadCell("opening_absurd", largest=f"{LARGEST:,}")
    if amount != round(amount, 2):
        raise BadCell("opening_too_fine")
    return round(amount, 2)


def _day(cell: Cell) -> date:
    """A day, also one that lost its format and became a number in a text or decimal cell."""
    plain = token(cell) if isinstance(cell, str | Decimal) else ""
    found = day(int(plain) if plain.isdigit() and len(plain) == 5 else cell)
    if found < EARLIEST:
        raise BadCell("absurd_day")
    return found


def _plain(cell: Cell) -> str:
    return shown(cell) if is_filled(cell) else ""
