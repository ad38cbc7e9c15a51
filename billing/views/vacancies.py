"""Vacancies at the desk: applied for, inspected by one, decided by another, ended when the unit is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.explaining.vacancies import tell_offer
from billing.forms.vacancies import ApplyForm, DecideForm, EndForm, InspectForm
from billing.selectors.vacancies import get_offer_of, list_effects_of_vacancy
from billing.services import vacancies
from core.access import may, requires
from core.staff import StaffView, telling_on, telling_refusals
from estates.photos import send_photo
from estates.selectors import find_visible_unit
from estates.selectors.vacancies import (
    get_visible_vacancy,
    is_unseen,
    list_counted,
    list_over,
    list_photos,
    list_running,
    list_to_look_at,
    list_unit_meters,
)
from estates.services.vacancies import Inspection, inspect_vacancy, note_seen, refuse_vacancy
from users.acting import acting_user

MOST = 200


@requires("estates.vacancies")
class VacanciesView(StaffView):
    """What waits, applications and vacancies that use has ended; what runs; what is over."""

    title = gettext_lazy("Vacant units")
    lead = gettext_lazy(
        "Applied for, inspected, approved by a second person; a vacancy ends by itself on use."
    )
    template_name = "billing/vacancies.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the vacancies of the chosen tab."""
        user, today = self.request.user, timezone.localdate()
        tabs = {
            "waiting": list_to_look_at(user),
            "running": list_running(user, today),
            "over": list_over(user, today),
        }
        tab = self.request.GET.get("tab", "waiting")
        tab = tab if tab in tabs else "waiting"
        return super().get_context_data(rows=tabs[tab][:MOST], tab=tab, **context)


@requires("estates.vacancies")
class ApplyView(StaffView):
    """A clerk writes down what an owner asked for at the desk."""

    title = gettext_lazy("Apply for a vacancy")
    template_name = "billing/apply_vacancy.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form; the unit may stand in the address."""
        user = self.request.user
        unit = find_visible_unit(user, self.request.GET.get("unit", ""))
        form = context.pop("form", None) or ApplyForm(user=user, initial={"unit": unit and unit.code})
        return super().get_context_data(form=form, **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record the application and show what it would come to."""
        form = ApplyForm(request.POST, user=request.user)
        if form.is_valid():
            with telling_on(form):
                made = vacancies.apply(**form.cleaned_data, by=acting_user(request), now=timezone.now())
                return redirect("billing:vacancy", made.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)


@requires("estates.vacancies")
class VacancyView(StaffView):
    """One vacancy: what is said, what was found, what the rules grant, what it did to bills, and the next act."""

    template_name = "billing/vacancy.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the vacancy, what it comes to, and the forms that fit where it stands."""
        vacancy = context.pop("vacancy", None) or get_visible_vacancy(self.request.user, context.pop("pk"))
        offer = get_offer_of(vacancy) if vacancy.is_open else None
        since = vacancy.empty_since or vacancy.start
        page = super().get_context_data(
            vacancy=vacancy,
            offer=offer,
            offered=tell_offer(offer) if offer else "",
            photos=list(list_photos(self.request.user).filter(vacancy=vacancy).order_by("pk")),
            counted=list_counted(vacancy.unit, since, timezone.localdate()),
            effects=list_effects_of_vacancy(vacancy),
            may_see=is_unseen(vacancy),
            **self._next_acts(vacancy, context.pop("inspect_form", None)),
            **context,
        )
        return page | {"title": f"{vacancy.unit.label} · {_('Vacancy')}", "lead": vacancy.unit.community.name}

    def _next_acts(self, vacancy: Any, inspect_form: InspectForm | None) -> dict[str, Any]:
        """The forms of what this person may do next; whoever applied or inspected leaves the decision to another."""
        user, today = acting_user(self.request), timezone.localdate()
        is_mine = str(user) in {vacancy.recorded_by, vacancy.inspected_by}
        may_decide = vacancy.is_open and not is_mine and may(user, "billing.approve")
        may_end = (
            vacancy.is_running(today) and str(user) != vacancy.decided_by and may(user, "billing.correct")
        )
        if vacancy.is_open:
            inspect_form = inspect_form or _inspect_form(list_unit_meters(vacancy.unit))
        return {
            "inspect_form": inspect_form if vacancy.is_open else None,
            "decide_form": DecideForm(label_suffix="") if may_decide else None,
            "end_form": EndForm(label_suffix="") if may_end else None,
            "waits_for_another": vacancy.is_inspected and is_mine,
        }

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write down what an inspection found."""
        vacancy = get_visible_vacancy(request.user, pk)
        form = _inspect_form(list_unit_meters(vacancy.unit), request.POST, request.FILES)
        if form.is_valid():
            found = form.cleaned_data
            inspection = Inspection(found["on"], found["findings"], form.readings, found["photos"])
            with telling_on(form):
                inspect_vacancy(
                    vacancy=vacancy, inspection=inspection, by=acting_user(request), now=timezone.now()
                )
                messages.success(request, _("The inspection is recorded. Another person decides."))
                return redirect("billing:vacancy", pk)
        return self.render_to_response(self.get_context_data(vacancy=vacancy, inspect_form=form), status=422)


def _inspect_form(meters: Sequence[Any], *sent: Any) -> InspectForm:
    today = timezone.localdate()
    return InspectForm(*sent, meters=meters, today=today, initial={"on": today}, label_suffix="")


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree: the share is due from its day on, and days billed in full since are put right."""
    vacancy, reason = get_visible_vacancy(request.user, pk), request.POST.get("reason", "")[:200]
    with telling_refusals(request, _("Approved. Bills made since its first day were corrected.")):
        vacancies.approve(vacancy=vacancy, reason=reason, by=acting_user(request), now=timezone.now())
    return redirect("billing:vacancy", pk)


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, with the reason; the full fee stays due."""
    vacancy, reason = get_visible_vacancy(request.user, pk), request.POST.get("reason", "")[:200]
    with telling_refusals(request, _("Refused; the applicant reads why.")):
        refuse_vacancy(vacancy=vacancy, reason=reason, by=acting_user(request), now=timezone.now())
    return redirect("billing:vacancy", pk)


@requires("billing.correct")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a vacancy because somebody says that the unit is used."""
    vacancy, form = get_visible_vacancy(request.user, pk), EndForm(request.POST)
    with telling_refusals(request, _("The vacancy has ended. Bills made since that day were corrected.")):
        if not form.is_valid():
            raise vacancies.WordMissingError
        vacancies.end_by_word(
            vacancy=vacancy, **form.cleaned_data, by=acting_user(request), now=timezone.now()
        )
    return redirect("billing:vacancy", pk)


@requires("estates.vacancies")
@require_POST
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a vacancy that use has ended off the work list."""
    vacancy = get_visible_vacancy(request.user, pk)
    with telling_refusals(request, _("Removed from the to-do list.")):
        note_seen(vacancy=vacancy, by=acting_user(request), now=timezone.now())
    return redirect("billing:vacancy", pk)


@requires("estates.vacancies")
def show_photo(request: HttpRequest, pk: int) -> FileResponse:
    """Send a photo an inspection took."""
    return send_photo(get_object_or_404(list_photos(request.user), pk=pk).photo)
