"""Shared costs: a year of pools as it is disclosed, on the page and on paper, and what another key would change."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import PoolResult
from billing.pages.pools import now_words, order_by_change, shown_pool, unit_rows, what_if_page, what_if_sheet
from billing.paper.pools import render_disclosure
from billing.policies import tell_duty
from billing.selectors.disclosure import get_disclosure_duty, list_disclosed, list_years, year_of
from billing.selectors.resharing import list_pools
from billing.selectors.what_if import compare_pool
from billing.views.communities import CommunitiesView
from billing.views.runs import as_pdf
from core.access import may, requires
from core.staff import StaffView
from core.tables.writer import write_workbook
from estates.selectors import get_visible_community

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 50


def find_pool(request: HttpRequest, pk: int) -> PoolResult:
    """A shared pool, when the person may see it; else 404."""
    found: PoolResult = get_object_or_404(list_pools(request.user), pk=pk)
    return found


def read_year(request: HttpRequest, years: list[int]) -> int:
    """The year asked for, or the newest that has pools. A year that is no number is 404."""
    asked = request.GET.get("year", "")
    if not asked:
        return years[0] if years else timezone.localdate().year
    if not asked.isdecimal() or not 1990 <= int(asked) <= 2200:
        raise Http404
    return int(asked)


@requires("billing.view")
class PoolsView(CommunitiesView):
    """The communities whose shared costs one may see."""

    title = gettext_lazy("Shared costs")
    page = "billing:community_pools"


@requires("billing.view")
class CommunityPoolsView(StaffView):
    """A year of a community's pools, as it is disclosed; each month leads to what another key would change."""

    template_name = "billing/pools.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the pools of the year."""
        community = get_visible_community(self.request.user, context.pop("code"))
        years = list_years(community.pk)
        year = read_year(self.request, years)
        disclosed = list_disclosed(community.pk, year_of(year))
        duty = get_disclosure_duty(community, disclosed, year)
        title = _("Shared costs of %(community)s") % {"community": community.name}
        lead = _("Only bills that are issued count; readings, prices and shares are those of the bills.")
        page: dict[str, Any] = {"years": years, "year": year, "community": community}
        page |= {"pools": [shown_pool(pool) for pool in disclosed], "duty": tell_duty(duty)}
        return super().get_context_data(**page, **{**context, "title": title, "lead": lead})


@requires("billing.view")
def show_disclosure(request: HttpRequest, code: str) -> HttpResponse:
    """The year on paper, for the notice board."""
    community = get_visible_community(request.user, code)
    year = read_year(request, list_years(community.pk))
    content = render_disclosure(
        community, year, now=timezone.now(), language=translation.get_language() or "zh-hans"
    )
    return as_pdf(content, f"pools-{community.code}-{year}")


@requires("billing.view")
class WhatIfView(StaffView):
    """One pool by area, by household and by own use beside the way it was shared; nothing is written."""

    template_name = "billing/what_if.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the comparison, and the units with the largest changes first."""
        found = compare_pool(find_pool(self.request, context.pop("pk")))
        page = Paginator(order_by_change(found), ROWS).get_page(self.request.GET.get("page"))
        community = found.pool.fee_item.community
        words = {"community": community.name, "meter": found.pool.meter_code, "now": now_words(found)}
        lead = _("%(community)s, pool %(meter)s, now shared %(now)s. Nothing is changed by looking.") % words
        title = _("What if: %(fee)s") % {"fee": found.pool.fee_item.name}
        shown = {**what_if_page(found), "rows_page": page, "rows": unit_rows(found, list(page))}
        shown["may_reshare"] = may(self.request.user, "billing.correct")
        return super().get_context_data(**shown, **{**context, "title": title, "lead": lead})


@requires("billing.view")
def download_what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """The comparison for all participants as a workbook."""
    pool = find_pool(request, pk)
    content = write_workbook([what_if_sheet(compare_pool(pool))])
    name = f"what-if-{pool.meter_code}-{pool.period_start:%Y-%m}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=XLSX, headers=headers)
