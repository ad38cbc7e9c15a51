"""Files the register gives out."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.naturalsort import natural_key
from core.tables.findings import Finding
from core.tables.rows import Row
from core.tables.sheet import BLANK, Cell
from core.tables.wording import problem_of
from core.tables.writer import SheetToWrite, write_workbook
from estates import wording
from estates.domain.mending import RowsToMend
from estates.domain.meter_rows import MeterFacts
from estates.domain.plan import Plan
from estates.models import Community, Meter, Reading
from estates.selectors.checks import list_last_read
from estates.selectors.meters import get_known_meters

TEMPLATE_HEAD = (
    "楼栋编号", "单元编号", "房屋编码", "费用类型", "表号", "上期度数", "上期读表时间", "本期度数", "本期读表时间",
    "抄表人", "旧表止数", "新表起数", "备注",
)  # fmt: skip
KIND_WORDS = {"water": "水", "electricity": "电", "gas": "气", "heat": "暖"}


def write_rows_to_mend(plan: Plan) -> bytes:
    """Return a workbook of the rows that were left out, each with what is wrong with it in a last column.

    It has the sheets and heads of the file it came from and can be mended and imported again.
    """
    return write_workbook([_sheet(rows) for rows in plan.to_mend])


def _sheet(picked: RowsToMend) -> SheetToWrite:
    header = picked.rows[0].table.header
    width = max(len(header), *(len(row.cells) for row in picked.rows))
    rows = [[*_padded(row.cells, width), _reasons(row)] for row in picked.rows]
    return SheetToWrite(picked.sheet, [*_padded(header, width), _("Problems")], rows)


def _padded(cells: Sequence[Cell], width: int) -> list[Cell]:
    return [*cells, *[BLANK] * (width - len(cells))]


def _reasons(row: Row) -> str:
    return " ".join(_sentence(finding) for finding in row.findings if finding.blocks)


def _sentence(finding: Finding) -> str:
    return problem_of(finding, wording.ROSTER).message


def write_readings_template(community: Community) -> bytes:
    """Return a workbook to fill in on a round: every meter with its last value, in the layout readings come in."""
    head = [*TEMPLATE_HEAD]
    rows = [_template_row(found.meter, found.last) for found in list_last_read(community)]
    return write_workbook([SheetToWrite("抄表", head, rows)])


def _template_row(meter: Meter, last: Reading | None) -> list[Cell]:
    unit = meter.unit
    place = [unit.building.code if unit.building else "", unit.stair, unit.code] if unit else ["", "", ""]
    before: list[Cell] = [last.value.normalize(), last.read_on] if last else [BLANK, BLANK]
    return [*place, KIND_WORDS[meter.kind], meter.code, *before, *[BLANK] * 6]


METERS_HEAD = (
    "表号", "名称", "表类型", "房屋编码", "上级表号", "倍率", "位数", "厂家", "起数", "安装日期",
)  # fmt: skip


def write_meters_template(community: Community) -> bytes:
    """Return a workbook to fill in: every meter as the register has it, in the layout that meters come in.

    What stands in it is unchanged when it comes back; opening values are left to whoever knows them.
    """
    known = get_known_meters(community)
    rows = [_meter_row(known[code].facts) for code in sorted(known, key=natural_key)]
    return write_workbook([SheetToWrite("表", [*METERS_HEAD], rows)])


def _meter_row(facts: MeterFacts) -> list[Cell]:
    multiplier = facts.multiplier.normalize() if facts.multiplier else BLANK
    digits = facts.digits or BLANK
    words = [facts.code, facts.name, KIND_WORDS[facts.kind], facts.unit, facts.parent]
    return [*words, multiplier, digits, facts.maker, BLANK, BLANK]
