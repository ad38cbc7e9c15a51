"""Files of meters in three steps: choose, look, done; and the sheet to fill in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import requires
from core.calendars import day_of
from estates.exports import write_meters_template
from estates.intake import FilePreviewView, FileUploadView, SentFile
from estates.models import Community
from estates.pages import meters_page, roster_steps
from estates.services.meter_register import MetersOutcome, import_meters
from estates.views.meters import send_workbook


@requires("estates.readings")
class MetersUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Import meters")
    template_name = "estates/meters_upload.html"
    preview_route = "estates:meters_preview"
    steps = staticmethod(roster_steps)

    def look(self, sent: SentFile) -> object:
        """Judge the meters."""
        return _import(sent, self.request.user, dry_run=True)


@requires("estates.readings")
class MetersPreviewView(FilePreviewView):
    """Step 2: see which meters are new, changed and left out."""

    title = gettext_lazy("Check before importing")
    template_name = "staff/import_preview.html"
    upload_route = "estates:meters_upload"
    steps = staticmethod(roster_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return the rows by what would become of them."""
        return meters_page(_import(sent, self.request.user, dry_run=True))

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Take the good rows in."""
        counts = _import(sent, self.request.user, dry_run=False).counts
        told = _("%(created)s meters are new, %(updated)s changed, %(rejected)s rows were left out.")
        messages.success(self.request, told % counts)
        return redirect("estates:meters")


def _import(sent: SentFile, by: Any, *, dry_run: bool) -> MetersOutcome:
    now = timezone.now()
    return import_meters(
        community=sent.community,
        file=sent.file,
        by=by,
        now=now,
        today=day_of(now),
        dry_run=dry_run,
    )


@requires("estates.view")
def download_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Send the sheet on which meters are filled in: those of the register as they are."""
    community = get_object_or_404(Community.objects.visible_to(request.user), code=code)
    name = _("Meters %(community)s") % {"community": community.name}
    return send_workbook(write_meters_template(community), name)
