"""Tariff files in three steps: choose, look, done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.pages.tariffs import outcome_page, tariff_steps
from billing.services.tariffs import import_tariffs, preview_tariffs
from core.access import requires
from core.cards import FlowStep
from core.tables.reader import OpenedFile
from estates.intake import FilePreviewView, FileUploadView
from estates.models import Community
from users.acting import acting_user


@requires("billing.tariffs")
class TariffUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Import tariffs")
    template_name = "billing/tariff_upload.html"
    preview_route = "billing:tariff_preview"

    def steps(self, at: int) -> Sequence[FlowStep]:
        """Return the three steps."""
        return tariff_steps(at)

    def look(self, community: Community, file: OpenedFile) -> object:
        """Read the tariffs."""
        return preview_tariffs(community=community, file=file)


@requires("billing.tariffs")
class TariffPreviewView(FilePreviewView):
    """Step 2: look, then one button."""

    title = gettext_lazy("Check before importing")
    template_name = "billing/tariff_preview.html"
    upload_route = "billing:tariff_upload"

    def steps(self, at: int) -> Sequence[FlowStep]:
        """Return the three steps."""
        return tariff_steps(at)

    def preview(self, community: Community, file: OpenedFile) -> dict[str, Any]:
        """Return the tariffs by what would become of them."""
        return outcome_page(preview_tariffs(community=community, file=file))

    def take_in(self, community: Community, file: OpenedFile) -> HttpResponse:
        """Import, and say in one sentence what came of it above the list of tariffs."""
        outcome = import_tariffs(community=community, file=file, by=acting_user(self.request))
        counts = outcome.plan.counts
        told = _("%(created)s tariffs are new, %(updated)s changed, %(rejected)s were left out.")
        figures = {name: counts[name] for name in ("created", "updated", "rejected")}
        messages.success(self.request, told % figures)
        return redirect("admin:billing_tariffversion_changelist")
