"""Files of meter readings in three steps: choose, look, done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import requires
from core.cards import FlowStep
from core.tables.reader import OpenedFile
from estates.intake import FilePreviewView, FileUploadView
from estates.models import Community
from estates.pages import readings_page, roster_steps
from estates.services.readings import ReadingsOutcome, import_readings


@requires("estates.readings")
class ReadingsUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Import meter readings")
    template_name = "estates/readings_upload.html"
    preview_route = "estates:readings_preview"

    def steps(self, at: int) -> Sequence[FlowStep]:
        """Return the three steps."""
        return roster_steps(at)

    def look(self, community: Community, file: OpenedFile) -> object:
        """Judge the readings."""
        return _preview(community, file, self.request.user)


@requires("estates.readings")
class ReadingsPreviewView(FilePreviewView):
    """Step 2: see what would be recorded, held back and left out; jumps may be taken as looked at."""

    title = gettext_lazy("Check before importing")
    template_name = "estates/readings_preview.html"
    upload_route = "estates:readings_upload"

    def steps(self, at: int) -> Sequence[FlowStep]:
        """Return the three steps."""
        return roster_steps(at)

    def preview(self, community: Community, file: OpenedFile) -> dict[str, Any]:
        """Return the rows by what would become of them."""
        return readings_page(_preview(community, file, self.request.user))

    def take_in(self, community: Community, file: OpenedFile) -> HttpResponse:
        """Record the good readings and hold the doubtful ones back."""
        outcome = import_readings(
            community=community, file=file, by=self.request.user, today=timezone.localdate(),
            accept_jumps="accept_jumps" in self.request.POST,
        )  # fmt: skip
        told = _("%(created)s readings are new, %(held)s wait for a look, %(rejected)s were left out.")
        rejected = outcome.counts["rejected"] - outcome.held
        figures = {"created": outcome.counts["created"], "held": outcome.held, "rejected": rejected}
        messages.success(self.request, told % figures)
        return redirect("estates:readings_upload")


def _preview(community: Community, file: OpenedFile, by: Any) -> ReadingsOutcome:
    return import_readings(community=community, file=file, by=by, today=timezone.localdate(), dry_run=True)
