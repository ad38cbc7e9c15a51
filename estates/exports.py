"""Files the register gives out."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.tables.findings import Finding
from core.tables.rows import Row
from core.tables.sheet import BLANK, Cell
from core.tables.wording import problem_of
from core.tables.writer import SheetToWrite, write_workbook
from estates import wording
from estates.domain.mending import RowsToMend
from estates.domain.plan import Plan


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
