"""Staff pages of the register: take a roster in, see a person's full contact."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.access import requires
from core.calendars import day_of
from core.staff import StaffView, telling_refusals
from estates import uploads
from estates.exports import write_rows_to_mend
from estates.forms import RevealForm
from estates.intake import FilePreviewView, FileUploadView, SentFile
from estates.models import Person, RosterImport
from estates.pages import preview_page, result_page, roster_steps
from estates.selectors import list_roster_imports
from estates.services.people import reveal_contact
from estates.services.roster import import_roster, preview_roster
from estates.services.roster_undo import list_hanging, undo_roster

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires("estates.import")
class RosterUploadView(FileUploadView):
    """Step 1: choose a file, below the imports so far."""

    title = _("Import a roster")
    template_name = "estates/roster_upload.html"
    preview_route = "estates:roster_preview"
    steps = staticmethod(roster_steps)

    def look(self, sent: SentFile) -> object:
        """Read the roster."""
        return preview_roster(community=sent.community, file=sent.file, today=timezone.localdate())

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form and the imports so far."""
        return super().get_context_data(imports=list_roster_imports(self.request.user), **context)


@requires("estates.import")
class RosterPreviewView(FilePreviewView):
    """Step 2: look, then one button."""

    title = _("Check before importing")
    template_name = "estates/roster_preview.html"
    upload_route = "estates:roster_upload"
    steps = staticmethod(roster_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return the units by what would become of them."""
        return preview_page(
            preview_roster(community=sent.community, file=sent.file, today=timezone.localdate())
        )

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Import, keep the rows to mend, and show the result."""
        now = timezone.now()
        outcome = import_roster(
            community=sent.community, file=sent.file, by=self.request.user, today=day_of(now), now=now
        )
        record = outcome.record
        if record is None:
            raise Http404
        if outcome.plan.to_mend:
            uploads.keep_rows_to_mend(record, write_rows_to_mend(outcome.plan))
        return redirect("estates:roster_result", record.pk)


@requires("estates.import")
class RosterResultView(StaffView):
    """Step 3: what an import did, kept for later."""

    title = _("The roster was imported")
    template_name = "estates/roster_result.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the import did."""
        record = _find_import(self.request, context.pop("pk"))
        has_file = uploads.find_rows_to_mend(record) is not None
        return super().get_context_data(
            **result_page(record),
            has_file=has_file,
            hanging=() if record.undone_at or not record.written else list_hanging(record),
            steps=roster_steps(3),
            lead=f"{record.community} · {record.file_name}",
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the import back, or say what hangs on it."""
        record = _find_import(request, pk)
        with telling_refusals(request):
            undo_roster(record=record, by=request.user, now=timezone.now())
            messages.success(request, gettext("The import is undone; the register is as it was before."))
        return redirect("estates:roster_result", pk)


@requires("estates.import")
def download_rows_to_mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the rows that an import left out, with their reasons, as a workbook."""
    record = _find_import(request, pk)
    workbook = uploads.find_rows_to_mend(record)
    if workbook is None:
        raise Http404
    name = get_valid_filename(gettext("%(name)s to correct") % {"name": record.file_name.rpartition(".")[0]})
    headers = {"X-Content-Type-Options": "nosniff"}
    response = HttpResponse(workbook, content_type=XLSX, headers=headers)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return response


def _find_import(request: HttpRequest, pk: int) -> RosterImport:
    rows = RosterImport.objects.visible_to(request.user).select_related("community")
    record: RosterImport = get_object_or_404(rows, pk=pk)
    return record


@requires("estates.reveal")
class PersonContactView(StaffView):
    """A person's full phone and ID number, for a reason that goes on record."""

    title = _("Full contact")
    template_name = "estates/person_contact.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form; after the reason was given, the contact."""
        person = get_object_or_404(Person.objects.visible_to(self.request.user), pk=context.pop("pk"))
        form = context.pop("form", None) or RevealForm()
        return super().get_context_data(person=person, form=form, **{"lead": person.name, **context})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record the reason, then show."""
        form = RevealForm(request.POST)
        context = self.get_context_data(pk=pk, form=form)
        if not form.is_valid():
            return self.render_to_response(context, status=422)
        contact = reveal_contact(
            person=context["person"], reason=form.cleaned_data["reason"], by=request.user
        )
        response = self.render_to_response({**context, "contact": contact})
        response.headers["Cache-Control"] = "no-store"
        return response
