"""Reads the rows of a tariff file, each on its own, then what rows of one code must agree on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from billing.domain.expressions import parse
from billing.domain.pool_rules import PoolRule
from billing.domain.tariff_notation import Priced, read_price, rule_of
from core.tables.cells import BadCell, day, one_of, text_up_to, token
from core.tables.findings import Finding
from core.tables.header import Layout, find_table, find_tables
from core.tables.rows import Row, data_rows
from core.tables.sheet import Cell, Sheet
from estates.domain.codes import building_code, full_name
from estates.domain.words import KINDS

EVERYWHERE = "*"
SCOPE_WORDS = {
    "业态": "kind",
    "类型": "kind",
    "楼栋": "building",
    "楼号": "building",
    "单元": "stair",
    "房屋": "unit",
    "房号": "unit",
}
WHOLE = {"*", "全部", "所有", "全小区", "小区", "all"}
METERED = ("meter", "tiers", "pool")
UNKNOWN_NAMES = {"building": "no_such_building", "stair": "no_such_stair", "unit": "no_such_unit"}
CODE = re.compile(r"[\w.\-]{1,30}")
NAME_LENGTH = 60
EARLIEST = date(1990, 1, 1)
PASSED_ON = re.compile(r"水费|电费|水电|燃气|煤气|天然气|取暖|供暖|采暖|暖气|热费")
HANDLING = re.compile(rf"({PASSED_ON.pattern}).{{0,4}}(手续费|服务费|代收费|代缴费|管理费)")
AGREED = ("name", "cycle", "timing", "counted_from")


def _words(meanings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: value for value, words in meanings.items() for word in (value, *words)}


CYCLES = _words(
    {
        "month": ("月", "每月", "按月", "月度", "一个月", "1", "monthly"),
        "quarter": ("季", "季度", "每季", "按季", "每季度", "3", "quarterly"),
        "half_year": ("半年", "每半年", "按半年", "6", "half-year", "halfyear"),
        "year": ("年", "每年", "按年", "年度", "全年", "12", "yearly"),
    }
)
TIMINGS = _words(
    {
        "advance": ("预收", "预付", "预付费", "先付", "先交", "先收", "预交", "当期", "inadvance", "prepaid"),
        "arrears": ("后收", "后付", "后付费", "后交", "先用后付", "上期", "inarrears", "postpaid"),
    }
)
METHODS = _words(
    {
        "area": ("面积", "按面积", "建筑面积", "按建筑面积", "面积×单价", "面积*单价", "面积单价"),
        "fixed": ("固定", "固定金额", "固定费用", "定额", "按户固定"),
        "meter": ("抄表", "表计", "计量", "按表", "用量"),
        "tiers": ("阶梯", "阶梯价", "阶梯计价"),
        "pool": ("公摊", "分摊", "摊分"),
        "expression": ("公式", "自定义", "自定义公式", "formula"),
    }
)
COUNTED_FROM = _words(
    {
        "calendar": ("自然", "自然月", "自然年", "日历"),
        "handover": ("交房", "交房日", "交房日期", "交付日", "周年", "按周年", "anniversary"),
    }
)
ROUNDINGS = _words(
    {
        "fen": ("分", "到分", "精确到分"),
        "jiao": ("角", "到角", "精确到角"),
        "yuan": ("元", "到元", "精确到元"),
    }
)

LAYOUT = Layout(
    name="tariffs",
    words={
        "code": ("code", "编码", "费用编码", "费用编号", "收费项目编码", "项目编码", "项目编号", "代码", "费用代码"),
        "name": ("name", "名称", "收费项目", "费用名称", "项目名称", "收费项目名称", "收费名称", "费用项"),
        "cycle": ("cycle", "周期", "缴费周期", "收费周期", "计费周期"),
        "timing": ("timing", "付费类型", "付费方式", "收取方式", "预收后收", "计费时点", "收费时点"),
        "method": ("method", "计费方式", "计费方法", "计算方式", "计算方法", "计算公式", "收费方式"),
        "price": ("price", "单价", "价格", "计费单价", "收费标准", "标准"),
        "applies_to": ("applies_to", "appliesto", "适用范围", "适用", "适用对象", "范围"),
        "effective_from": (
            "effective_from", "effectivefrom", "生效日期", "开始日期", "起始日期", "执行日期", "计费起始时间",
            "开始时间", "生效时间", "起",
        ),
        "effective_to": (
            "effective_to", "effectiveto", "失效日期", "结束日期", "截止日期", "终止日期", "计费结束时间",
            "结束时间", "失效时间", "止",
        ),
        "counted_from": ("counted_from", "countedfrom", "周期起算", "起算", "起算方式"),
        "rounding": ("rounding", "取整", "进位", "尾数", "尾数处理", "舍入", "精确到"),
    },
    needs=[("code",), ("name",), ("cycle",), ("timing",), ("method",), ("price",), ("effective_from",)],
    unused=("序号", "备注", "说明", "问题说明", "problems"),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What the register knows that a scope or a pool may name; a stair reads ``8-2``."""

    buildings: frozenset[str]
    units: frozenset[str]
    stairs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Written:
    """What one good row says. ``end`` is the first day after, however the file writes it."""

    code: str
    name: str
    cycle: str
    timing: str
    method: str
    priced: Priced
    applies_to: str
    start: date
    end: date | None
    rounding: str
    counted_from: str = "calendar"


@dataclass(frozen=True)
class TariffRow:
    """A row of the file, and what it says when nothing in it is wrong."""

    row: Row
    written: Written | None


def read_tariffs(sheets: Sequence[Sheet], known: Known) -> tuple[list[TariffRow], list[Finding]]:
    """Return the rows of every tariff table in the file, and remarks about what was left out.

    Rows with something wrong are part of the result; their findings say what.
    """
    remarks: list[Finding] = []
    tables = find_tables(sheets, partial(find_table, layouts=[LAYOUT]), remarks)
    rows = [TariffRow(row, _written(row, known)) for table in tables for row in data_rows(table, remarks)]
    _judge_agreement(rows)
    return rows, remarks


def _written(row: Row, known: Known) -> Written | None:
    method = row.need("method", one_of(METHODS, "unknown_method"), "")
    written = Written(
        code=row.need("code", _code, ""),
        name=row.need("name", text_up_to(NAME_LENGTH), ""),
        cycle=row.need("cycle", one_of(CYCLES, "unknown_cycle"), ""),
        timing=row.need("timing", one_of(TIMINGS, "unknown_timing"), ""),
        method=method,
        priced=row.need("price", lambda cell: read_price(method, cell), Priced()) if method else Priced(),
        applies_to=row.read("applies_to", lambda cell: read_scope(cell, known), EVERYWHERE),
        start=row.need("effective_from", _day, EARLIEST),
        end=row.read("effective_to", _day_after, None),
        rounding=row.read("rounding", one_of(ROUNDINGS, "unknown_rounding"), "fen"),
        counted_from=row.read("counted_from", one_of(COUNTED_FROM, "unknown_counting"), "calendar"),
    )
    if method == "pool" and written.counted_from == "handover":
        row.reject("counted_from", "pool_by_anniversary")
    if written.end and written.end <= written.start and not row.is_rejected:
        row.reject("effective_to", "ends_before_start", start=written.start)
    if written.priced.formula.get("pool_key"):
        _judge_pool(row, written.priced, known)
    if field := find_handling_fee(written.name, written.priced):
        row.reject(field, "handling_fee")
    if method in METERED and written.timing == "advance":
        row.remark("timing", "metered_in_advance")
    return None if row.is_rejected else written


def _judge_pool(row: Row, priced: Priced, known: Known) -> None:
    """Reject names the register does not have, and ways of sharing nobody is known to have agreed to.

    The oldest notation, ``P1;0.80;household``, had no place for the agreement: it comes in with a remark.
    """
    rule = rule_of(priced.formula)
    for code, name in find_unknown(rule, known):
        row.reject("price", code, name=name)
    if rule.is_statutory or rule.agreement:
        return
    if rule.key_text == "household" and not rule.options:
        row.remark("price", "agreement_unknown")
    else:
        row.reject("price", "agreement_missing")


def find_unknown(rule: PoolRule, known: Known) -> Iterator[tuple[str, str]]:
    """Yield what a pool names and the register does not have: the code of the finding and the name."""
    named = [(c.fact, value) for c in rule.conditions for value in c.values if c.fact in UNKNOWN_NAMES]
    named += [("unit", key.name) for key in rule.keys if key.kind == "fixed"]
    for fact, name in named:
        if name not in getattr(known, f"{fact}s"):
            yield UNKNOWN_NAMES[fact], name


def find_handling_fee(name: str, priced: Priced) -> str:
    """Return the field by which the fee item would charge owners for collecting a supplier's fee, or nothing.

    What is collected for water, power, gas and heat companies carries no handling fee (Regulation art. 44): no item
    named so, and no formula over the use that comes to something where nothing was used.

    >>> find_handling_fee("水费代收手续费", Priced()), find_handling_fee("水费", Priced())
    ('name', '')
    """
    if HANDLING.search(name):
        return "name"
    text = priced.formula.get("expression", "")
    expression = parse(text) if text and PASSED_ON.search(name) else None
    if expression is None or expression.names - {"use"}:
        return ""
    return "price" if expression.compute({"use": Fraction(0)}) else ""


def _judge_agreement(rows: Sequence[TariffRow]) -> None:
    """Reject all rows of a code that differ in what a fee item has once: name, cycle and timing."""
    by_code: dict[str, list[TariffRow]] = defaultdict(list)
    for row in rows:
        if row.written:
            by_code[row.written.code].append(row)
    for of_code in by_code.values():
        for field in AGREED:
            if len({getattr(row.written, field) for row in of_code}) > 1:
                lines = "、".join(str(row.row.line) for row in of_code)
                for row in of_code:
                    row.row.reject(field, "code_disagrees", lines=lines)


def _code(cell: Cell) -> str:
    code = token(cell)
    if not CODE.fullmatch(code):
        raise BadCell("odd_fee_code")
    return code


def _day(cell: Cell) -> date:
    value = day(cell)
    if value < EARLIEST:
        raise BadCell("absurd_day")
    return value


def _day_after(cell: Cell) -> date:
    return _day(cell) + timedelta(days=1)


def read_scope(cell: Cell, known: Known) -> str:
    """Return what a tariff applies to, as it is stored.

    >>> known = Known(frozenset({"8"}), frozenset({"8-2-301"}))
    >>> [read_scope(cell, known) for cell in ("全部", "kind:商铺", "楼栋：8栋", "unit:8栋2单元301室")]
    ['*', 'kind:shop', 'building:8', 'unit:8-2-301']
    >>> read_scope("单元：8-2", Known(frozenset(), frozenset(), frozenset({"8-2"})))
    'stair:8-2'

    Raises:
        BadCell: it is none of the five kinds of scope, an unknown kind of unit, or a building, stair or unit that
            the register does not have.
    """
    scope = token(cell)
    if scope.lower() in WHOLE:
        return EVERYWHERE
    word, colon, name = scope.partition(":")
    reader = SCOPES.get(SCOPE_WORDS.get(word, word.lower()))
    if reader is None or not colon or not name:
        raise BadCell("scope_notation")
    return reader(name, known)


def _kind_scope(name: str, known: Known) -> str:
    if name.lower() not in KINDS:
        raise BadCell("unknown_kind", name=name)
    return f"kind:{KINDS[name.lower()]}"


def _building_scope(name: str, known: Known) -> str:
    code = building_code(name)
    if code not in known.buildings:
        raise BadCell("no_such_building", name=name)
    return f"building:{code}"


def _stair_scope(name: str, known: Known) -> str:
    if name not in known.stairs:
        raise BadCell("no_such_stair", name=name)
    return f"stair:{name}"


def _unit_scope(name: str, known: Known) -> str:
    unit = full_name(name)
    code = unit.code if unit and unit.code in known.units else name
    if code not in known.units:
        raise BadCell("no_such_unit", name=name)
    return f"unit:{code}"


SCOPES = {"kind": _kind_scope, "building": _building_scope, "stair": _stair_scope, "unit": _unit_scope}
