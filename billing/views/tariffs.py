"""Tariff files in three steps: choose, look, done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.pages.tariffs import outcome_page, tariff_steps
from billing.services.tariffs import import_tariffs, preview_tariffs
from core.access import requires
from estates.intake import FilePreviewView, FileUploadView, SentFile
from users.acting import acting_user


@requires("billing.tariffs")
class TariffUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Import tariffs")
    template_name = "billing/tariff_upload.html"
    preview_route = "billing:tariff_preview"
    steps = staticmethod(tariff_steps)

    def look(self, sent: SentFile) -> object:
        """Read the tariffs."""
        return preview_tariffs(community=sent.community, file=sent.file)


@requires("billing.tariffs")
class TariffPreviewView(FilePreviewView):
    """Step 2: look, then one button."""

    title = gettext_lazy("Check before importing")
    template_name = "billing/tariff_preview.html"
    upload_route = "billing:tariff_upload"
    steps = staticmethod(tariff_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return the tariffs by what would become of them."""
        return outcome_page(preview_tariffs(community=sent.community, file=sent.file))

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Import, and say in one sentence what came of it above the list of tariffs."""
        outcome = import_tariffs(community=sent.community, file=sent.file, by=acting_user(self.request))
        counts = outcome.plan.counts
        told = _("%(created)s tariffs are new, %(updated)s changed, %(rejected)s were left out.")
        figures = {name: counts[name] for name in ("created", "updated", "rejected")}
        messages.success(self.request, told % figures)
        return redirect("admin:billing_tariffversion_changelist")
