"""Files in three steps, as every import page has them: choose a file, look at what it would do, done.

A page names its form, its words and its neighbours, and says how to look at a file and how to take it in. The file
waits between the steps in `estates.uploads`, for the session that sent it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from core.cards import FlowStep
from core.errors import DomainError
from core.staff import StaffView
from core.tables.reader import OpenedFile, open_bytes
from estates import uploads
from estates.forms import TableUploadForm
from estates.models import Community


@dataclass(frozen=True)
class SentFile:
    """A file somebody sent, and the community in their scope that it is for."""

    community: Community
    file: OpenedFile


class _IntakeView(StaffView):
    """A page of an import; ``steps`` are those above the page, asked with the number of the one to mark."""

    steps: ClassVar[staticmethod[[int], Sequence[FlowStep]]]


class FileUploadView(_IntakeView):
    """Step 1: choose a file. A file that cannot be read at all is refused here, in words."""

    preview_route: ClassVar[str]
    form_class: ClassVar[type[TableUploadForm]] = TableUploadForm

    @abstractmethod
    def look(self, sent: SentFile) -> object:
        """Read the file as the preview will. Raises DomainError when nothing can be made of it."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form."""
        form = context.pop("form", None) or self.form_class(user=self.request.user)
        return super().get_context_data(form=form, steps=self.steps(1), **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the file, keep it and go on to the preview."""
        form = self.form_class(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        upload, community = form.cleaned_data["file"], form.cleaned_data["community"]
        data = upload.read()
        try:
            file = open_bytes(data, upload.name)
            self.look(SentFile(community, file))
        except DomainError as error:
            return self._refuse(form, error)
        key = uploads.keep_upload(request.session, data, file_name=file.name, community_id=community.pk)
        return redirect(self.preview_address(key))

    def preview_address(self, key: str) -> str:
        """Return where the kept file is looked at."""
        return reverse(self.preview_route, args=[key])

    def _refuse(self, form: TableUploadForm, error: DomainError) -> HttpResponse:
        form.add_error("file", str(error))
        context = self.get_context_data(form=form, problems=error.problems)
        return self.render_to_response(context, status=error.status)


class FilePreviewView(_IntakeView):
    """Step 2: see what would be new, changed, unchanged and left out; step 3 is one button."""

    upload_route: ClassVar[str]

    @abstractmethod
    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return what the page shows of what the import would do."""

    @abstractmethod
    def take_in(self, sent: SentFile) -> HttpResponse:
        """Import the file and lead to where its result is seen."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the import would do."""
        sent = self._upload(context.pop("key"))
        lead = f"{sent.community.name} · {sent.file.name}"
        page = self.preview(sent)
        return super().get_context_data(**page, steps=self.steps(2), **{**context, "lead": lead})

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Import, or give up."""
        if "drop" in request.POST:
            uploads.drop_upload(request.session, key)
            return redirect(self.upload_route)
        response = self.take_in(self._upload(key))
        uploads.drop_upload(request.session, key)
        return response

    def _upload(self, key: str) -> SentFile:
        """Return the kept file and its community; gone, or no longer in scope, is a 404."""
        found = uploads.find_upload(self.request.session, key)
        if found is None:
            raise Http404
        data, name, community_id = found
        community = get_object_or_404(Community.objects.visible_to(self.request.user), pk=community_id)
        return SentFile(community, open_bytes(data, name))
