"""Choosing a community, where each has a page of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from core.staff import StaffView
from estates.selectors import list_communities

MOST = 200


class CommunitiesView(StaffView):
    """The communities in scope, each leading to its ``page``, a route that takes its code; with only one, that page."""

    lead = gettext_lazy("Each community has its own page.")
    template_name = "billing/communities.html"
    page: ClassVar[str]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or go where there is nothing to choose."""
        communities = list(list_communities(request.user)[:MOST])
        if len(communities) == 1:
            return redirect(self.page, communities[0].code)
        return self.render_to_response(self.get_context_data(communities=communities, page=self.page))
