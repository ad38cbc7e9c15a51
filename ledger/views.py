"""Closing a month: look at what stands against it, then close it for good."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import requires
from core.calendars import day_of
from core.errors import DomainError
from core.figures import format_month
from core.staff import StaffView
from ledger.closing import close_period, list_objections
from ledger.forms import ClosingForm
from ledger.models import ClosedPeriod
from users.acting import acting_user


@requires("ledger.close")
class ClosingView(StaffView):
    """What is closed, what stands against closing a month, and the button that closes it."""

    title = gettext_lazy("Close a month")
    lead = gettext_lazy("What is closed stays as it is. Corrections are new documents of a later day.")
    template_name = "ledger/closing.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the months closed and, once one is chosen, what stands against closing it."""
        form = context.pop("form", None) or self._form()
        closed = ClosedPeriod.objects.visible_to(self.request.user).select_related("community", "company")
        looked = self._look(form) if form.is_bound and form.is_valid() else {}
        return super().get_context_data(form=form, closed=closed[:60], **looked, **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Close the month."""
        form = ClosingForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        community, now = form.cleaned_data["community"], timezone.now()
        try:
            period = close_period(
                company=community.company,
                community=community,
                through=form.cleaned_data["month"].last_day,
                by=acting_user(request),
                now=now,
                as_of=day_of(now),
            )
        except DomainError as error:
            messages.error(request, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=error.status)
        words = {"community": community.name, "month": format_month(period.through)}
        messages.success(request, _("%(month)s is closed in the books of %(community)s.") % words)
        return redirect("ledger:closing")

    def _form(self) -> ClosingForm:
        asked = self.request.GET if "month" in self.request.GET else None
        last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
        return ClosingForm(asked, user=self.request.user, initial={"month": f"{last_month:%Y-%m}"})

    def _look(self, form: ClosingForm) -> dict[str, Any]:
        community, through = form.cleaned_data["community"], form.cleaned_data["month"].last_day
        today: date = timezone.localdate()
        found = list_objections(company=community.company, community=community, through=through, as_of=today)
        return {
            "looked": True,
            "month": format_month(through),
            "community": community,
            "objections": found,
            "can_close": through < today and not any(problem.blocks for problem in found),
            "is_over": through < today,
        }
