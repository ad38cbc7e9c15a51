"""Opening balances in three steps: choose, look, done; and an import taken back while nothing hangs on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import DateField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms.opening import OpeningUploadForm
from billing.models import OpeningImport
from billing.pages.opening import import_page, opening_steps, preview_page
from billing.selectors.opening import list_opening_imports
from billing.services.opening import import_opening, preview_opening
from billing.services.opening_undo import undo_opening
from core.access import requires
from core.calendars import day_of
from core.staff import StaffView, telling_refusals
from estates.intake import FilePreviewView, FileUploadView, SentFile
from users.acting import acting_user

MOST_IMPORTS = 50


@requires("billing.issue")
class OpeningUploadView(FileUploadView):
    """Step 1: choose a file and the day."""

    title = gettext_lazy("Import opening balances")
    template_name = "billing/opening_upload.html"
    preview_route = "billing:opening_preview"
    steps = staticmethod(opening_steps)
    form_class = OpeningUploadForm

    def look(self, sent: SentFile) -> object:
        """Read the balances."""
        return preview_opening(community=sent.community, file=sent.file, as_of=_day_in(self.request.POST))

    def preview_address(self, key: str) -> str:
        """Return where the kept file is looked at, as of the day chosen."""
        return f"{super().preview_address(key)}?as_of={_day_in(self.request.POST)}"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form and the imports so far."""
        imports = list_opening_imports(self.request.user)[:MOST_IMPORTS]
        return super().get_context_data(imports=imports, **context)


@requires("billing.issue")
class OpeningPreviewView(FilePreviewView):
    """Step 2: see what would be owed, prepaid and held, then one button."""

    title = gettext_lazy("Check before importing")
    template_name = "billing/opening_preview.html"
    upload_route = "billing:opening_upload"
    steps = staticmethod(opening_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return what would come in."""
        as_of = _day_in(self.request.GET)
        outcome = preview_opening(community=sent.community, file=sent.file, as_of=as_of)
        return {**preview_page(outcome), "as_of": as_of}

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Import, and show what came in."""
        as_of, by = _day_in(self.request.GET), acting_user(self.request)
        outcome = import_opening(
            community=sent.community, file=sent.file, as_of=as_of, by=by, now=timezone.now()
        )
        assert outcome.record, "an import leaves its record"
        return redirect("billing:opening_import", outcome.record.pk)


def _day_in(values: QueryDict) -> date:
    """The day of the opening; a preview without one does not exist."""
    try:
        day: date = DateField().clean(values.get("as_of"))
    except ValidationError:
        raise Http404 from None
    return day


@requires("billing.issue")
class OpeningImportView(StaffView):
    """What an import brought in, and the button that takes it back."""

    title = gettext_lazy("Opening balances")
    template_name = "billing/opening_import.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the import with its facts."""
        record = self._record(context.pop("pk"))
        page = import_page(record)
        return super().get_context_data(
            **page, **{**context, "lead": f"{record.community.name} · {record.file_name}"}
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the import back, or say what hangs on it."""
        record, now = self._record(pk), timezone.now()
        with telling_refusals(request):
            undo_opening(record=record, day=day_of(now), now=now, by=acting_user(request))
            messages.success(request, _("The import is undone; its bills are void."))
        return redirect("billing:opening_import", pk)

    def _record(self, pk: int) -> OpeningImport:
        imports = list_opening_imports(self.request.user)
        record: OpeningImport = get_object_or_404(imports, pk=pk)
        return record
