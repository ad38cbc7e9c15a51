"""The overview: the home page of those who look after the money, and the same page for drilling down."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from core.access import may, requires
from core.staff import StaffView
from core.tables.writer import write_csv, write_workbook
from dashboards.domain.ageing import EDGES
from dashboards.explaining import EXPLAINED, rows_behind
from dashboards.filters import Filters
from dashboards.pages import desk_page, filter_page, how_page, overview_page
from dashboards.selectors.overview import get_overview
from dashboards.tables import (
    ageing_table,
    figures_table,
    kinds_table,
    months_table,
    places_table,
    sheet_of,
    units_table,
)

ROWS_A_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def fill_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put the overview on the home page of the staff pages for those who may see it (UNFOLD's callback)."""
    if not may(request.user, "dashboards.view"):
        return context | {"home_template": "dashboards/desk.html"} | desk_page(context)
    return context | {"home_template": "dashboards/overview.html"} | _overview(request)


def _overview(request: HttpRequest) -> dict[str, Any]:
    filters = _filters(request)
    page = filter_page(filters) | {"may_export": may(request.user, "dashboards.export")}
    if not filters.months:
        return page
    return page | overview_page(filters, get_overview(filters.sight, filters.cut))


def _filters(request: HttpRequest) -> Filters:
    return Filters.from_query(request.GET, user=request.user, today=timezone.localdate())


@requires("dashboards.view")
class OverviewView(StaffView):
    """The figures of a month: rates, arrears, their age, where they are; every row can be opened."""

    title = _("Collection overview")
    template_name = "dashboards/overview.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the figures of the chosen communities, month and kinds."""
        return super().get_context_data(**_overview(self.request), **context)


@requires("dashboards.view")
class HowView(StaffView):
    """怎么算: definition, formula and rows of one figure."""

    template_name = "dashboards/how.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the figure told, and a page of the units behind it."""
        figure = context.pop("figure")
        if figure not in EXPLAINED:
            raise Http404
        filters = _filters(self.request)
        overview = get_overview(filters.sight, filters.cut)
        rows = rows_behind(figure, overview.units, bucket=pick_bucket(self.request.GET.get("bucket")))
        unit_ids: list[int] = rows.index.tolist()
        page = Paginator(unit_ids, ROWS_A_PAGE).get_page(self.request.GET.get("page"))
        told = EXPLAINED[figure](overview)
        return super().get_context_data(
            **filter_page(filters),
            **how_page(filters, overview, told, rows.loc[list(page.object_list)]),
            rows_page=page,
            may_export=may(self.request.user, "dashboards.export"),
            **context | {"title": told.title},
        )


def pick_bucket(text: str | None) -> int | None:
    """The number of a bucket of age, or None for all ages."""
    return int(text) if text and text.isdecimal() and int(text) < len(EDGES) else None


@requires("dashboards.export")
def export_overview(request: HttpRequest) -> HttpResponse:
    """The page as a file: a workbook with all tables, or one table as CSV."""
    filters = _filters(request)
    overview = get_overview(filters.sight, filters.cut)
    name = f"overview-{filters.cut.as_of:%Y%m%d}"
    if request.GET.get("format") == "csv":
        table = (
            places_table(overview) if request.GET.get("table") == "places" else units_table(overview.units)
        )
        return _download(write_csv(sheet_of(table)), f"{name}.csv", "text/csv; charset=utf-8")
    tables = [
        figures_table(overview),
        months_table(overview.months),
        ageing_table(overview.ageing, overview.now),
        kinds_table(overview),
        places_table(overview),
        units_table(overview.units),
    ]
    return _download(write_workbook([sheet_of(table) for table in tables]), f"{name}.xlsx", XLSX)


def _download(data: bytes, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return answer
