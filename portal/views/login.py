"""Log-in by one-time code, in two steps on two addresses, with the same answer for every phone (S-14)."""

from __future__ import annotations

import secrets

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.phones import mask_phone, normalise_phone
from portal.pages import Frame, LoginPage
from portal.readers import is_elder
from users.services.codes import TooManyCodesError, issue_code, spend_code
from users.services.owners import find_or_create_owner
from users.tasks import send_code

PURPOSE, BROWSER, PHONE, NEXT = "log-in", "login_browser", "login_phone", "login_next"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def ask_phone(request: HttpRequest) -> HttpResponse:
    """Step one: the phone. A number that is none is told at once; every other gets the same answer."""
    if request.method != "POST":
        request.session[NEXT] = request.GET.get("next", "")
        return _show(request, "phone")
    phone = normalise_phone(request.POST.get("phone", ""))
    if phone is None:
        typed = request.POST.get("phone", "")[:20]
        return _show(
            request, "phone", phone=typed, error=_("This does not look like a phone number."), status=422
        )
    request.session[PHONE] = phone
    try:
        code = issue_code(
            phone=phone,
            session_key=_browser(request),
            purpose=PURPOSE,
            address=request.META.get("REMOTE_ADDR"),
            now=timezone.now(),
        )
    except TooManyCodesError as error:
        return _show(request, "phone", phone=phone, error=str(error), status=error.status)
    send_code.delay(phone, code)
    return HttpResponseRedirect(reverse("portal:code"))


def ask_code(request: HttpRequest) -> HttpResponse:
    """Step two: the code. Right, it opens a session; anything else gives one and the same error."""
    phone = request.session.get(PHONE)
    if phone is None:
        return HttpResponseRedirect(reverse("portal:login"))
    if request.method != "POST":
        return _show(request, "code", phone=mask_phone(phone))
    code = request.POST.get("code", "").strip()
    try:
        spend_code(phone=phone, session_key=_browser(request), purpose=PURPOSE, code=code, now=timezone.now())
        user = find_or_create_owner(phone=phone)
    except DomainError as error:
        return _show(request, "code", phone=mask_phone(phone), error=str(error), status=422)
    next_url = request.session.pop(NEXT, "")
    login(request, user, backend=BACKEND)
    is_ours = url_has_allowed_host_and_scheme(
        next_url, {request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(next_url if is_ours else reverse("portal:home"))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(reverse("portal:login"))


def _browser(request: HttpRequest) -> str:
    """What ties a code to this browser, from before there is a log-in."""
    known: str = request.session.setdefault(BROWSER, secrets.token_urlsafe(16))
    return known


def _show(
    request: HttpRequest, step: str, *, phone: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    is_code = step == "code"
    page = LoginPage(
        frame=Frame(
            community=_("Nuanlin"),
            where=_("Log in"),
            as_of=timezone.localdate(),
            elder=is_elder(request),
            elder_url=reverse("portal:elder"),
        ),
        step="code" if is_code else "phone",
        action=reverse("portal:code" if is_code else "portal:login"),
        phone=phone,
        error=error,
        again_url=reverse("portal:login") if is_code else "",
    )
    return render(request, "portal/login.html", {"page": page}, status=status)
