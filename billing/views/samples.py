"""The check by hand: bills drawn at random, worked out by a person, signed into the run."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.models import RunSample
from billing.pages.runs import SAMPLE, sample_page
from billing.services.run import draw_sample, sign_sample
from billing.views.runs import find_run
from core.access import requires
from core.errors import DomainError
from core.staff import StaffView
from users.acting import acting_user

MOST = 50


@requires("billing.review")
@require_POST
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw so many bills with a seed nobody could choose, and open them."""
    run = find_run(request, pk)
    asked = request.POST.get("count", "")
    count = min(max(1, int(asked)), MOST) if asked.isdigit() else SAMPLE
    try:
        sample = draw_sample(
            run=run, count=count, seed=secrets.token_hex(4), now=timezone.now(), by=acting_user(request)
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("billing:run", pk)
    return redirect("billing:sample", sample.pk)


@requires("billing.review")
class SampleView(StaffView):
    """A sample: each bill with every line opened beside its inputs, to be ticked and signed."""

    title = gettext_lazy("Check by hand")
    lead = gettext_lazy("Work each bill out from its inputs, tick what is right, and sign.")
    template_name = "billing/sample.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the bills drawn."""
        sample = self._find(context.pop("pk"))
        return super().get_context_data(**sample_page(sample, self.request.user), **context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign what was ticked."""
        sample, ticked = self._find(pk), request.POST.getlist("right")
        try:
            sample = sign_sample(
                sample=sample,
                right_ids=[int(number) for number in ticked if number.isdigit()],
                note=request.POST.get("note", ""),
                now=timezone.now(),
                by=acting_user(request),
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("billing:sample", pk)
        messages.success(
            request, _("Signed: all right.") if sample.is_right else _("Signed, with what is wrong.")
        )
        return redirect("billing:run", sample.run_id)

    def _find(self, pk: int) -> RunSample:
        seen = RunSample.objects.visible_to(self.request.user).select_related("run__community")
        return get_object_or_404(seen, pk=pk)
