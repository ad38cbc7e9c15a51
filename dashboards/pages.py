"""View models of the overview: the read model put into words and marks, ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.cards import Finding, Tile
from core.charts import BarRow, Bars, CellBar, Lines, Point, draw_bars, draw_cell, draw_lines
from core.figures import format_date, format_money, format_month, format_number, format_rate
from core.money import to_yuan
from dashboards import wording
from dashboards.domain.cuts import Cut
from dashboards.domain.figures import Figures
from dashboards.domain.kinds import KindGroup
from dashboards.domain.months import MonthFigures
from dashboards.domain.places import Place, compute_places
from dashboards.explaining import Explained
from dashboards.filters import Filters
from dashboards.selectors.overview import Overview
from dashboards.tables import NONE, units_table

POINTS = Decimal("0.1")


def overview_page(filters: Filters, overview: Overview) -> dict[str, Any]:
    """Return what the template of the overview shows."""
    return {
        "tiles": list_tiles(filters, overview),
        "months": draw_months(overview),
        "months_before": any(month.receivable for month in overview.year_ago),
        "months_how": how_url("months", filters),
        "ageing": draw_ageing(overview),
        "ageing_findings": tell_ageing(overview),
        "ageing_how": how_url("ageing", filters),
        "kinds": draw_kinds(overview),
        "kinds_how": how_url("kinds", filters),
        "contrasts": [
            wording.tell_contrast(contrast, how_url("arrears", filters, group=contrast.name))
            for contrast in overview.contrasts
        ],
        "contrasts_how": how_url("contrasts", filters),
        "places": [place_row(place, filters) for place in compute_places(overview.units, filters.is_open)],
        "total": figure_cells(overview.now),
        "lead": tell_cut(overview.cut),
        "export_query": filters.closed().as_query(),
    }


def how_page(filters: Filters, overview: Overview, told: Explained, rows: pd.DataFrame) -> dict[str, Any]:
    """Return what the page of one figure shows: words, working, table, and these of its units."""
    units = units_table(rows)
    return {
        "told": told,
        "lead": tell_cut(overview.cut),
        "table_rows": [told.table.write_row(row) for row in told.table.rows] if told.table else [],
        "units_head": units.columns,
        "units_rows": [
            (reverse("admin:estates_unit_change", args=[unit_id]), units.write_row(row))
            for unit_id, row in zip(rows.index, units.rows, strict=True)
        ],
        "overview_url": f"{reverse('dashboards:overview')}?{filters.closed().as_query()}",
        "export_query": filters.closed().as_query(),
    }


def desk_page(shell: dict[str, Any]) -> dict[str, Any]:
    """Return the groups of the menu in which the person may open something."""
    groups = [
        {"title": group["title"], "items": [item for item in group["items"] if item["has_permission"]]}
        for group in shell["sidebar_navigation"]
    ]
    return {"groups": [group for group in groups if group["items"]]}


def filter_page(filters: Filters) -> dict[str, Any]:
    """Return what the filters above the page show."""
    return {
        "filters": filters,
        "kind_choices": [
            ("", wording.name_kind_group(None)),
            *((group.value, wording.name_kind_group(group)) for group in KindGroup),
        ],
    }


def how_url(figure: str, filters: Filters, **more: str) -> str:
    """The page with the definition, the formula and the rows of a figure."""
    return f"{reverse('dashboards:how', args=[figure])}?{filters.closed().as_query(**more)}"


def tell_cut(cut: Cut) -> str:
    """2026年11月，截至 11月30日."""
    month, day = format_month(cut.month.start), format_date(cut.as_of, cut.as_of)
    return _("%(month)s, as of %(day)s") % {"month": month, "day": day}


# Tiles --------------------------------------------------------------------------------------------


def list_tiles(filters: Filters, overview: Overview) -> list[Tile]:
    """The five figures, each against the same day of the month before."""
    now, before = overview.now, overview.before
    since = _("on last month") if overview.cut.is_whole else _("on the same day last month")
    return [
        _rate_tile(
            _("Current collection rate"),
            (now.collection_rate, before.collection_rate),
            since,
            _("%(amount)s received") % {"amount": money(now.received)},
            how_url("collection", filters),
        ),
        _rate_tile(
            _("Recovery rate"),
            (now.recovery_rate, before.recovery_rate),
            since,
            _("%(amount)s of old debt recovered") % {"amount": money(now.recovered)},
            how_url("recovery", filters),
        ),
        _rate_tile(
            _("Household rate"),
            (now.household_rate, before.household_rate),
            since,
            _("%(paid)s of %(billed)s households")
            % {"paid": format_number(now.paid_households), "billed": format_number(now.billed_households)},
            how_url("households", filters),
        ),
        _arrears_tile(now, before, since, how_url("arrears", filters)),
        _households_tile(now, before, since, how_url("arrears", filters)),
    ]


def _rate_tile(
    label: str, rates: tuple[Decimal | None, Decimal | None], since: str, note: str, url: str
) -> Tile:
    rate, before = rates
    if rate is None:
        return Tile(label, NONE, note=note, how_url=url)
    value = format_rate(rate).removesuffix("%")
    if before is None:
        return Tile(label, value, "%", note=note, how_url=url)
    points = ((rate - before) * 100).quantize(POINTS)
    trend = _trend(points, _("%(points)s points") % {"points": abs(points)})
    return Tile(label, value, "%", trend, since, points >= 0, note, url)


def _arrears_tile(now: Figures, before: Figures, since: str, url: str) -> Tile:
    more = now.arrears - before.arrears
    return Tile(
        _("Arrears"),
        money(now.arrears),
        trend=_trend(more, money(abs(more))),
        since=since,
        is_better=more <= 0,
        note=_("%(amount)s of it from this month") % {"amount": money(now.arrears_current)},
        how_url=url,
    )


def _households_tile(now: Figures, before: Figures, since: str, url: str) -> Tile:
    more = now.arrears_households - before.arrears_households
    note = _("the oldest for %(days)s") % {"days": wording.count_days(now.oldest_days)}
    if now.arrears_spaces:
        note = _("and %(count)s parking or storage spaces") % {"count": format_number(now.arrears_spaces)}
    return Tile(
        _("Households in arrears"),
        format_number(now.arrears_households),
        pgettext("unit of a figure", " hh"),
        _trend(more, wording.count_households(abs(more))),
        since,
        more <= 0,
        note if now.arrears else "",
        url,
    )


def _trend(change: Decimal | int, words: str) -> str:
    """The movement with its arrow; no movement is said in words."""
    if not change:
        return _("no change")
    return f"{'↑' if change > 0 else '↓'} {words}"


def money(fen: int) -> str:
    """Fen as an amount that stands alone."""
    return format_money(to_yuan(fen))


# Charts -------------------------------------------------------------------------------------------


def draw_months(overview: Overview) -> Lines | None:
    """The current collection rate over twelve months, the year before dashed beside it; None without any."""
    months = [month for month in overview.months if month.collection_rate is not None]
    if not months:
        return None
    before = overview.year_ago if all(month.receivable for month in overview.year_ago) else []
    now = _points(months)
    summary = _("Current collection rate: %(first)s in %(first_month)s, %(last)s in %(last_month)s") % {
        "first": now[0].text,
        "first_month": format_month(months[0].cut.month.start),
        "last": now[-1].text,
        "last_month": format_month(months[-1].cut.month.start),
    }
    return draw_lines(
        now,
        _points(before) if len(months) == len(overview.months) else [],
        name=_("this year"),
        name_before=_("a year ago"),
        summary=summary,
    )


def _points(months: list[MonthFigures]) -> list[Point]:
    rated = [(month, month.collection_rate) for month in months]
    return [
        Point(format_month(month.cut.month.start, month.cut.month.start), rate, format_rate(rate))
        for month, rate in rated
        if rate is not None
    ]


def draw_ageing(overview: Overview) -> Bars:
    """Arrears by age; the largest amount is the one to look at."""
    top = max(bucket.amount for bucket in overview.ageing)
    return draw_bars(
        [
            BarRow(
                wording.name_bucket(bucket),
                to_yuan(bucket.amount),
                money(bucket.amount),
                wording.tag_households(bucket.households),
                accent=0 < bucket.amount == top,
            )
            for bucket in overview.ageing
        ]
    )


def tell_ageing(overview: Overview) -> list[Finding]:
    """What the oldest bucket means, when there is anything in it."""
    oldest = overview.ageing[-1]
    if not oldest.amount:
        return []
    return [
        Finding(
            _("%(count)s with debts over a year old")
            % {"count": wording.count_households(oldest.households)},
            _(" owe %(share)s of all arrears; the oldest bill is %(days)s past due.")
            % {
                "share": format_rate(Decimal(oldest.amount) / overview.now.arrears),
                "days": wording.count_days(overview.now.oldest_days),
            },
            is_hot=True,
        )
    ]


def draw_kinds(overview: Overview) -> Bars:
    """Arrears by kind of unit, with the households; spaces have none."""
    rows = sorted(overview.kinds.items(), key=lambda item: -item[1].arrears)
    top = rows[0][1].arrears if rows else 0
    return draw_bars(
        [
            BarRow(
                wording.name_kind(kind),
                to_yuan(figures.arrears),
                money(figures.arrears),
                wording.tag_households(figures.arrears_households) if figures.billed_households else "",
                accent=0 < figures.arrears == top,
            )
            for kind, figures in rows
        ],
        width=532,
        step=40,
        names=92,
    )


# Table --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FigureCells:
    """A row of figures as text, in the order of the table."""

    households: str
    receivable: str
    received: str
    collection: CellBar | None
    recovery: str
    household_rate: str
    in_arrears: str
    arrears: str
    oldest: str


def figure_cells(figures: Figures) -> FigureCells:
    """Write figures for a row of the table; — stands where there is nothing to take a share of."""
    rate = figures.collection_rate
    return FigureCells(
        households=format_number(figures.billed_households),
        receivable=money(figures.receivable),
        received=money(figures.received),
        collection=None if rate is None else draw_cell(rate),
        recovery=rate_text(figures.recovery_rate),
        household_rate=rate_text(figures.household_rate),
        in_arrears=format_number(figures.arrears_households),
        arrears=money(figures.arrears),
        oldest=wording.count_days(figures.oldest_days) if figures.oldest_days else NONE,
    )


def rate_text(rate: Decimal | None) -> str:
    """A rate, or — where there is nothing to take a share of."""
    return NONE if rate is None else format_rate(rate)


@dataclass(frozen=True)
class PlaceRow:
    """A row of the table by place; `url` opens or closes it, or leads to the unit."""

    key: str
    name: str
    depth: int
    url: str
    is_open: bool
    can_open: bool
    cells: FigureCells


def place_row(place: Place, filters: Filters) -> PlaceRow:
    """Put a place into words."""
    if place.can_open:
        url = f"{reverse('dashboards:overview')}?{filters.toggled(place.key).as_query()}#{place.key}"
    else:
        url = reverse("admin:estates_unit_change", args=[place.unit_id])
    return PlaceRow(
        place.key,
        wording.name_place(place),
        place.depth,
        url,
        place.is_open,
        place.can_open,
        figure_cells(place.figures),
    )
