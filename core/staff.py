"""Staff pages in the Unfold shell: lists of rows inside the scope of the person, and pages of our own.

    @admin.register(Bill)
    class BillAdmin(ScopedAdmin):
        permission = "billing.view"

    @requires("billing.run")
    class RunsView(StaffView):
        title = _("Billing runs")
        template_name = "billing/runs.html"        # extends "staff/page.html", fills the block page

A page that only shows rows is a `ScopedAdmin`; a page that does something is a `StaffView`.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.views.generic import TemplateView
from unfold.admin import ModelAdmin

from core.access import may


class ScopedAdmin(ModelAdmin):
    """A list and a detail page of rows the person may see; changing them is off unless
    `change_permission` is set.

    `permission` opens the pages, `change_permission` also allows to add and change, `delete_permission`
    to delete. The model's manager must know `visible_to`; a row out of scope is not found.
    """

    permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""
    delete_permission: ClassVar[str] = ""
    list_per_page = 50
    list_filter_submit = True
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows inside the scope of the person, in the order of the admin."""
        rows: models.QuerySet[Any] = self.model._default_manager.visible_to(request.user)
        return rows.order_by(*self.get_ordering(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the app shows in the menu."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `permission`."""
        return bool(self.permission) and may(request.user, self.permission)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `change_permission`."""
        return bool(self.change_permission) and may(request.user, self.change_permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `change_permission`."""
        return bool(self.change_permission) and may(request.user, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `delete_permission`; most rows are never deleted."""
        return bool(self.delete_permission) and may(request.user, self.delete_permission)


class StaffView(TemplateView):
    """A page of our own inside the staff shell; declare its access with `core.access.requires`.

    `title` stands in the head of the page and of the window, `lead` in the line below it. The template
    extends `staff/page.html` and fills the block `page`; the block `tools` takes filters and buttons
    beside the title.
    """

    title: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the context of the shell (menu, account, site title), the page's title and what the
        caller adds.
        """
        self.request.current_app = admin.site.name
        shell = admin.site.each_context(self.request)
        return super().get_context_data(**{**shell, "title": self.title, "lead": self.lead, **context})
