"""Tables of the overview as values: one definition for the page and for the file, so that both are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.figures import format_money, format_month, format_number, format_rate
from core.money import to_yuan
from core.tables.writer import SheetToWrite
from dashboards import wording
from dashboards.domain.ageing import Bucket
from dashboards.domain.figures import Figures
from dashboards.domain.months import MonthFigures
from dashboards.domain.places import compute_places, list_every_place
from dashboards.selectors.overview import Overview

NONE = "—"
RATE_PLACES = Decimal("0.0001")

Value = str | int | Decimal | None
"""A cell: text, a count, yuan or a rate; None where a figure does not apply."""


class ColumnKind(Enum):
    """What the values of a column are, and so how a page writes them."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    RATE = "rate"


@dataclass(frozen=True)
class Column:
    """A column: its head and what its values are."""

    head: str
    kind: ColumnKind = ColumnKind.TEXT

    @property
    def is_right(self) -> bool:
        """Figures stand at the right."""
        return self.kind is not ColumnKind.TEXT

    def write(self, value: Value) -> str:
        """Write a value for people."""
        match self.kind, value:
            case _, None:
                return NONE
            case ColumnKind.MONEY, Decimal():
                return format_money(value)
            case ColumnKind.RATE, Decimal():
                return format_rate(value)
            case ColumnKind.COUNT, int() | Decimal():
                return format_number(value)
            case _:
                return str(value)


@dataclass(frozen=True)
class Table:
    """Rows under columns; `total` stands below them where the rows add up."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] = ()

    @property
    def written_total(self) -> list[tuple[bool, str]]:
        """The total as a page shows it, each cell with whether it stands at the right."""
        return self.write_row(self.total)

    def write_row(self, row: Sequence[Value]) -> list[tuple[bool, str]]:
        """A row as a page shows it, each cell with whether it stands at the right."""
        return [
            (column.is_right, column.write(value)) for column, value in zip(self.columns, row, strict=False)
        ]


def figures_table(overview: Overview) -> Table:
    """The five figures, this time and on the same day of the month before."""
    now, before = overview.now, overview.before
    return Table(
        _("Figures"),
        [
            Column(_("Figure")),
            Column(_("Now"), ColumnKind.COUNT),
            Column(_("A month before"), ColumnKind.COUNT),
        ],
        [
            [_("Current collection rate"), rate(now.collection_rate), rate(before.collection_rate)],
            [_("Recovery rate"), rate(now.recovery_rate), rate(before.recovery_rate)],
            [_("Household rate"), rate(now.household_rate), rate(before.household_rate)],
            [_("Arrears"), to_yuan(now.arrears), to_yuan(before.arrears)],
            [_("Households in arrears"), now.arrears_households, before.arrears_households],
        ],
    )


def months_table(months: Sequence[MonthFigures]) -> Table:
    """What each month asked for and brought in."""
    return Table(
        _("By month"),
        [
            Column(_("Month")),
            Column(_("Receivable"), ColumnKind.MONEY),
            Column(pgettext("on a month's bills", "Received"), ColumnKind.MONEY),
            Column(_("Current collection rate"), ColumnKind.RATE),
        ],
        [
            [
                format_month(month.cut.month.start),
                to_yuan(month.receivable),
                to_yuan(month.received),
                rate(month.collection_rate),
            ]
            for month in months
        ],
    )


def ageing_table(buckets: Sequence[Bucket], total: Figures) -> Table:
    """Arrears by age."""
    return Table(
        _("How long"),
        [
            Column(_("Days past due")),
            Column(_("Arrears"), ColumnKind.MONEY),
            Column(_("Households"), ColumnKind.COUNT),
        ],
        [[wording.name_bucket(bucket), to_yuan(bucket.amount), bucket.households] for bucket in buckets],
        [_("Total"), to_yuan(total.arrears), total.arrears_households],
    )


def kinds_table(overview: Overview) -> Table:
    """The figures by kind of unit."""
    rows = [[wording.name_kind(kind), *figure_values(figures)] for kind, figures in overview.kinds.items()]
    return Table(
        _("Kinds"), [Column(_("Kind")), *figure_columns()], rows, [_("Total"), *figure_values(overview.now)]
    )


def places_table(overview: Overview) -> Table:
    """The figures by building and stair, every building opened."""
    places = compute_places(overview.units, list_every_place(overview.units))
    rows = [
        [*wording.trace_place(place), *figure_values(place.figures)]
        for place in places
        if place.level != "unit"
    ]
    columns = [Column(_("Community")), Column(_("Building")), Column(_("Stair")), *figure_columns()]
    return Table(_("Buildings"), columns, rows, [_("Total"), "", "", *figure_values(overview.now)])


def figure_columns() -> list[Column]:
    """The heads of a row of figures."""
    return [
        Column(_("Households billed"), ColumnKind.COUNT),
        Column(_("Receivable"), ColumnKind.MONEY),
        Column(pgettext("on a month's bills", "Received"), ColumnKind.MONEY),
        Column(_("Current collection rate"), ColumnKind.RATE),
        Column(_("Recovery rate"), ColumnKind.RATE),
        Column(_("Household rate"), ColumnKind.RATE),
        Column(_("Households in arrears"), ColumnKind.COUNT),
        Column(_("Arrears"), ColumnKind.MONEY),
        Column(_("Oldest, days"), ColumnKind.COUNT),
    ]


def figure_values(figures: Figures) -> list[Value]:
    """A row of figures."""
    return [
        figures.billed_households,
        to_yuan(figures.receivable),
        to_yuan(figures.received),
        rate(figures.collection_rate),
        rate(figures.recovery_rate),
        rate(figures.household_rate),
        figures.arrears_households,
        to_yuan(figures.arrears),
        figures.oldest_days,
    ]


def units_table(units: pd.DataFrame) -> Table:
    """The units themselves: what every figure of the page is a sum of."""
    amounts = ("receivable", "received", "recovered", "old_open", "not_due", "arrears")
    rows: list[list[Value]] = [
        [
            unit["community"],
            unit["code"],
            wording.name_kind(unit["kind"]),
            *(to_yuan(unit[name]) for name in amounts),
            unit["oldest_days"],
        ]
        for unit in units.to_dict("records")
    ]
    sums = [to_yuan(int(units[name].sum())) for name in amounts]
    heads = {
        "receivable": _("Receivable"),
        "received": pgettext("on a month's bills", "Received"),
        "recovered": _("Old debt recovered"),
        "old_open": _("Old debt open"),
        "not_due": _("Not yet due"),
        "arrears": _("Arrears"),
    }
    columns = [
        Column(_("Community")),
        Column(_("Unit")),
        Column(_("Kind")),
        *(Column(heads[name], ColumnKind.MONEY) for name in amounts),
        Column(_("Oldest, days"), ColumnKind.COUNT),
    ]
    oldest = int(units["oldest_days"].max()) if len(units) else 0
    return Table(_("Units"), columns, rows, [_("Total"), "", "", *sums, oldest])


def rate(value: Decimal | None) -> Decimal | None:
    """A rate with four places."""
    return None if value is None else value.quantize(RATE_PLACES)


def sheet_of(table: Table) -> SheetToWrite:
    """A table as a sheet of a file; its total is the last row, an empty cell says that a figure does not apply."""
    rows = [*table.rows, table.total] if table.total else table.rows
    cells = [["" if value is None else value for value in row] for row in rows]
    return SheetToWrite(table.name, [column.head for column in table.columns], cells)
