"""Tariff files in three steps: choose, look, done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms import TariffUploadForm
from billing.pages import outcome_page, tariff_steps
from billing.services.tariffs import import_tariffs, preview_tariffs
from core.access import requires
from core.errors import DomainError
from core.staff import StaffView
from core.tables.reader import OpenedFile, open_bytes
from estates import uploads
from estates.models import Community
from users.models import acting_user


@requires("billing.tariffs")
class TariffUploadView(StaffView):
    """Step 1: choose a file. A file that cannot be read at all is refused here, in words."""

    title = gettext_lazy("Import tariffs")
    template_name = "billing/tariff_upload.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form."""
        form = context.pop("form", None) or TariffUploadForm(user=self.request.user)
        return super().get_context_data(form=form, steps=tariff_steps(1), **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the file, keep it and go on to the preview."""
        form = TariffUploadForm(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        upload, community = form.cleaned_data["file"], form.cleaned_data["community"]
        data = upload.read()
        try:
            preview_tariffs(community=community, file=open_bytes(data, upload.name))
        except DomainError as error:
            form.add_error("file", str(error))
            context = self.get_context_data(form=form, problems=error.problems)
            return self.render_to_response(context, status=error.status)
        key = uploads.keep_upload(request.session, data, file_name=upload.name, community_id=community.pk)
        return redirect("billing:tariff_preview", key)


@requires("billing.tariffs")
class TariffPreviewView(StaffView):
    """Step 2: see what would be new, changed, unchanged and left out; step 3 is one button."""

    title = gettext_lazy("Look before you import")
    template_name = "billing/tariff_preview.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the import would do."""
        community, file = self._upload(context.pop("key"))
        page = outcome_page(preview_tariffs(community=community, file=file))
        lead = f"{community.name} · {file.name}"
        return super().get_context_data(**page, steps=tariff_steps(2), **{**context, "lead": lead})

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Import, or give up."""
        if "drop" in request.POST:
            uploads.drop_upload(request.session, key)
            return redirect("billing:tariff_upload")
        community, file = self._upload(key)
        outcome = import_tariffs(community=community, file=file, by=acting_user(request))
        uploads.drop_upload(request.session, key)
        counts = outcome.plan.counts
        told = _("%(created)s tariffs are new, %(updated)s changed, %(rejected)s were left out.")
        messages.success(request, told % {name: counts[name] for name in ("created", "updated", "rejected")})
        return redirect("admin:billing_tariffversion_changelist")

    def _upload(self, key: str) -> tuple[Community, OpenedFile]:
        """Return the kept file and its community; gone, or no longer in scope, is a 404."""
        found = uploads.find_upload(self.request.session, key)
        if found is None:
            raise Http404
        data, name, community_id = found
        community = get_object_or_404(Community.objects.visible_to(self.request.user), pk=community_id)
        return community, open_bytes(data, name)
