"""The owner applies for less while a unit stands empty, and reads how far it is."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from billing.services.vacancies import apply
from core.errors import DomainError
from core.phones import mask_phone
from portal.doors import SeeOther
from portal.readers import Owner, is_elder
from portal.selectors.vacancies import OddApplicationError, get_own_unit, vacancies_page
from users.acting import acting_user

LONGEST = 200


@never_cache
def show_vacancies(request: HttpRequest) -> HttpResponse:
    """Applications and the form; a form that was sent is written down."""
    reader = Owner(acting_user(request), timezone.now(), is_elder(request))
    if request.method != "POST":
        return render(request, "portal/vacancies.html", {"page": vacancies_page(reader)})
    try:
        _apply(request, reader)
    except DomainError as error:
        page = vacancies_page(reader, request.POST.dict(), str(error))
        return render(request, "portal/vacancies.html", {"page": page}, status=error.status)
    return SeeOther(reader.url("vacancies"))


def _apply(request: HttpRequest, reader: Owner) -> None:
    reason = request.POST.get("reason", "").strip()[:LONGEST]
    if not reason:
        raise OddApplicationError(_("Please say in a few words why the unit stands empty."))
    apply(
        unit=get_own_unit(reader, request.POST.get("unit", "")),
        empty_since=_read_day(request.POST.get("empty_since", "")),
        reason=reason,
        by=reader.user,
        now=reader.now,
        applicant=_("owner %(phone)s") % {"phone": mask_phone(reader.user.phone or "")},
    )


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise OddApplicationError(_("Please say since which day it has been empty.")) from error
