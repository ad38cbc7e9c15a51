"""Files of meter readings in three steps: choose, look, done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import requires
from estates.intake import FilePreviewView, FileUploadView, SentFile
from estates.pages import readings_page, roster_steps
from estates.services.readings import ReadingsOutcome, import_readings


@requires("estates.readings")
class ReadingsUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Import meter readings")
    template_name = "estates/readings_upload.html"
    preview_route = "estates:readings_preview"
    steps = staticmethod(roster_steps)

    def look(self, sent: SentFile) -> object:
        """Judge the readings."""
        return _preview(sent, self.request.user)


@requires("estates.readings")
class ReadingsPreviewView(FilePreviewView):
    """Step 2: see what would be recorded, held back and left out; jumps may be taken as looked at."""

    title = gettext_lazy("Check before importing")
    template_name = "estates/readings_preview.html"
    upload_route = "estates:readings_upload"
    steps = staticmethod(roster_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return the rows by what would become of them."""
        return readings_page(_preview(sent, self.request.user))

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Record the good readings and hold the doubtful ones back."""
        outcome = import_readings(
            community=sent.community, file=sent.file, by=self.request.user, today=timezone.localdate(),
            accept_jumps="accept_jumps" in self.request.POST,
        )  # fmt: skip
        told = _("%(created)s readings are new, %(held)s wait for a look, %(rejected)s were left out.")
        rejected = outcome.counts["rejected"] - outcome.held
        figures = {"created": outcome.counts["created"], "held": outcome.held, "rejected": rejected}
        messages.success(self.request, told % figures)
        return redirect("estates:readings_upload")


def _preview(sent: SentFile, by: Any) -> ReadingsOutcome:
    return import_readings(
        community=sent.community, file=sent.file, by=by, today=timezone.localdate(), dry_run=True
    )
