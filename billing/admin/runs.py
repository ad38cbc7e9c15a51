"""Accounts that a run parked, until somebody settles them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import (
    RunProblem,
)
from core.figures import format_period
from core.periods import Period
from core.staff import SCOPED, ScopedAdmin


@admin.register(RunProblem)
class RunProblemAdmin(ScopedAdmin):
    """The error desk: accounts that could not be billed, with their reasons, until the cause is removed."""

    permission = "billing.view"
    list_display = ["unit", "show_run", "message", "blocks"]
    list_filter = [("run__community", SCOPED), "blocks", "code"]
    list_select_related = ["run__community"]
    search_fields = ["unit", "message"]
    ordering = ["-run__period_start", "-blocks", "unit"]
    fields = readonly_fields = ["unit", "show_run", "code", "message", "blocks"]

    @display(description=_("run"))
    def show_run(self, problem: RunProblem) -> SafeString:
        """A link to the run."""
        period = format_period(Period(problem.run.period_start, problem.run.period_end))
        text = __("%(community)s, %(period)s") % {"community": problem.run.community.name, "period": period}
        return format_html('<a href="{}">{}</a>', reverse("billing:run", args=[problem.run_id]), text)
