"""Reads a file of changes, row by row: transfers, vacancies, measured areas, and pauses of the late fee."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from core.phones import normalise_phone
from core.tables.cells import BadCell, day, number, one_of, shown, text_up_to, token
from core.tables.findings import Finding
from core.tables.header import Layout, find_table, find_tables
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet, is_filled
from estates.domain.codes import full_name

TRANSFER, VACANCY, PAUSE, AREA = "transfer", "vacancy", "pause", "area"
HAND_OVER = "hand_over"
"""Comes from its own page only: a roster brings the days of many units."""
KINDS = {
    word: kind
    for kind, words in {
        TRANSFER: ("过户", "转让", "产权转让", "产权变更", "业主变更", "更名"),
        VACANCY: ("空置", "空置房", "空置减免", "空关"),
        PAUSE: ("暂停", "暂停违约金", "违约金暂停", "停计违约金", "停收滞纳金"),
        AREA: ("面积", "实测面积", "面积变更", "面积更正"),
    }.items()
    for word in (kind, *words)
}
EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 1, 1)
LARGEST_AREA = Decimal(50_000)
AREA_PLACES, SHARE_PLACES = 4, 4
LENGTHS = {"name": 100, "reason": 200}

LAYOUT = Layout(
    name="changes",
    words={
        "kind": ("kind", "类型", "变更类型", "变更", "事项", "类别"),
        "unit": ("unit", "房号", "房屋", "房间号", "房屋编码", "房屋编号", "单元房号"),
        "from": ("from", "起", "从", "开始日期", "生效日期", "起始日期", "起始日", "自"),
        "to": ("to", "止", "到", "结束日期", "截止日期", "终止日期", "最后一天", "至"),
        "value": ("value", "值", "数值", "应缴比例", "面积", "实测面积"),
        "name": ("name", "姓名", "业主", "业主姓名", "新业主", "新业主姓名", "名称"),
        "phone": ("phone", "手机", "手机号", "电话", "联系电话", "手机号码"),
        "reason": ("reason", "原因", "事由", "理由", "依据"),
    },
    needs=[("kind",), ("unit",), ("from",)],
    unused=("序号", "备注", "说明", "问题说明", "problems"),
)


@dataclass(frozen=True)
class Change:
    """One change of one unit. Days are inclusive; value: the share still due, or square metres."""

    kind: str
    unit: str
    first_day: date
    last_day: date | None = None
    value: Decimal | None = None
    name: str = ""
    phone: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ChangeRow:
    """A row of the file, and what it says when nothing in it is wrong."""

    row: Row
    change: Change | None


def read_changes(sheets: Sequence[Sheet], units: frozenset[str]) -> tuple[list[ChangeRow], list[Finding]]:
    """Return the rows of every table of changes in the file, and remarks about what was left out.

    Rows with something wrong are part of the result; their findings say what. ``units``: the codes of the register.
    """
    remarks: list[Finding] = []
    tables = find_tables(sheets, partial(find_table, layouts=[LAYOUT]), remarks)
    rows = [ChangeRow(row, _read(row, units)) for table in tables for row in data_rows(table, remarks)]
    _reject_twins(rows)
    return rows, remarks


def _read(row: Row, units: frozenset[str]) -> Change | None:
    kind = row.need("kind", one_of(KINDS, "unknown_change"), "")
    change = Change(
        kind=kind,
        unit=row.need("unit", lambda cell: _unit(cell, units), ""),
        first_day=row.need("from", _day, EARLIEST),
        last_day=row.read("to", _day, None),
        value=row.need("value", VALUES[kind], None) if kind in VALUES else None,
        name=row.need("name", text_up_to(LENGTHS["name"]), "") if kind == TRANSFER else "",
        phone=row.read("phone", _phone, "") if kind == TRANSFER else "",
        reason=row.read("reason", text_up_to(LENGTHS["reason"]), ""),
    )
    if row.is_rejected:
        return None
    if change.last_day and kind == TRANSFER:
        row.reject("to", "transfer_for_good")
    elif change.last_day and change.last_day < change.first_day:
        row.reject("to", "ends_before_start", start=change.first_day)
    _remark_unused(row, kind)
    return None if row.is_rejected else change


def _remark_unused(row: Row, kind: str) -> None:
    """Say what stands in the row and is not asked for by its kind."""
    asked = {TRANSFER: {"name", "phone"}, VACANCY: {"value"}, AREA: {"value"}, PAUSE: set[str]()}[kind]
    for field in ("value", "name", "phone"):
        if field not in asked and is_filled(row.cell(field)):
            row.remark(field, "not_asked", value=shown(row.cell(field)))


def _unit(cell: Cell, units: frozenset[str]) -> str:
    written = token(cell)
    name = full_name(written)
    code = name.code if name and name.code in units else written
    if code not in units:
        raise BadCell("no_such_unit", name=written)
    return code


def _day(cell: Cell) -> date:
    value = day(cell)
    if not EARLIEST <= value < LATEST:
        raise BadCell("absurd_day")
    return value


def _share(cell: Cell) -> Decimal:
    """A share of one: 0.7, or 70 % as people write it."""
    written = token(cell)
    value = number(written[:-1]) / 100 if written.endswith("%") else number(cell)
    if not 0 <= value <= 1:
        raise BadCell("share_outside")
    return _to_places(value, SHARE_PLACES)


def _area(cell: Cell) -> Decimal:
    value = number(cell)
    if not 0 < value <= LARGEST_AREA:
        raise BadCell("area_absurd")
    return _to_places(value, AREA_PLACES)


def _to_places(value: Decimal, places: int) -> Decimal:
    exact = value.quantize(Decimal(1).scaleb(-places))
    if exact != value:
        raise BadCell("too_fine", places=places)
    return exact


def _phone(cell: Cell) -> str:
    phone = normalise_phone(shown(cell))
    if phone is None:
        raise BadCell("odd_phone")
    return phone


VALUES: Mapping[str, Callable[[Cell], Decimal]] = {VACANCY: _share, AREA: _area}


def _reject_twins(rows: Sequence[ChangeRow]) -> None:
    """Refuse the later of two rows that say different things of one unit, kind and day; one said twice counts once."""
    seen: dict[tuple[str, str, date], ChangeRow] = {}
    for row in rows:
        if row.change is None:
            continue
        first = seen.setdefault((row.change.kind, row.change.unit, row.change.first_day), row)
        if first.change != row.change:
            row.row.reject("from", "row_disagrees", other_line=first.row.line)
