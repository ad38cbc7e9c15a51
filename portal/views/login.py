"""Log-in by one-time code, in two steps on two addresses, with the same answer for every phone (S-14)."""

from __future__ import annotations

import secrets
from datetime import datetime
from math import ceil

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from core.errors import DomainError
from core.phones import mask_phone, normalise_phone
from portal.doors import SeeOther, bare_frame, find_next
from portal.pages import LoginPage
from users.services.codes import TooManyCodesError, issue_code, spend_code
from users.services.owners import find_or_create_owner
from users.tasks import send_code

PURPOSE, BROWSER, PHONE, NEXT = "log-in", "login_browser", "login_phone", "login_next"
BACKEND = "django.contrib.auth.backends.ModelBackend"
UNPROCESSABLE, UNAVAILABLE = 422, 503


@never_cache
def ask_phone(request: HttpRequest) -> HttpResponse:
    """Step one: the phone. What is no number is told at once; every number gets the same answer.

    Known and unknown phones cost the same work and the same time here: both get a code and a message to the worker,
    and only the worker looks into the register.
    """
    if request.method != "POST":
        if "next" in request.GET:
            request.session[NEXT] = request.GET["next"]
        return _show_phone(request)
    typed = request.POST.get("phone", "")[:20]
    phone = normalise_phone(typed)
    if phone is None:
        return _show_phone(
            request, typed, _("This does not look like a phone number. Has it 11 digits?"), UNPROCESSABLE
        )
    now = timezone.now()
    try:
        _send_code(request, phone, now)
    except TooManyCodesError as error:
        request.session[PHONE] = phone
        return _show_code(request, phone, error, _seconds_until(error.retry_at, now))
    except OperationalError:
        return _show_phone(
            request,
            typed,
            _(
                "No code can be sent at this moment. Please try again in a few minutes, or use the link we sent you."
            ),
            UNAVAILABLE,
        )
    request.session[PHONE] = phone
    return SeeOther(reverse("portal:code"))


@never_cache
def ask_code(request: HttpRequest) -> HttpResponse:
    """Step two: the code. Right, it opens a session; anything else gives one and the same error."""
    phone = request.session.get(PHONE)
    if phone is None:
        return HttpResponseRedirect(reverse("portal:login"))
    if request.method != "POST":
        return _show_code(request, phone)
    code = request.POST.get("code", "").strip()
    try:
        spend_code(phone=phone, session_key=_browser(request), purpose=PURPOSE, code=code, now=timezone.now())
        user = find_or_create_owner(phone=phone)
    except DomainError as error:
        return _show_code(request, phone, error)
    next_url = request.session.pop(NEXT, "")
    login(request, user, backend=BACKEND)
    return SeeOther(find_next(request, next_url))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return SeeOther(reverse("portal:login"))


def _send_code(request: HttpRequest, phone: str, now: datetime) -> None:
    code = issue_code(
        phone=phone,
        session_key=_browser(request),
        purpose=PURPOSE,
        address=request.META.get("REMOTE_ADDR"),
        now=now,
    )
    send_code.delay(phone, code)


def _browser(request: HttpRequest) -> str:
    """What ties a code to this browser, from before there is a log-in."""
    known: str = request.session.setdefault(BROWSER, secrets.token_urlsafe(16))
    return known


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(1, ceil((moment - now).total_seconds()))


def _show_phone(request: HttpRequest, typed: str = "", error: str = "", status: int = 200) -> HttpResponse:
    page = LoginPage(
        frame=bare_frame(request, _("Log in")),
        step="phone",
        action=reverse("portal:login"),
        phone=typed,
        error=error,
    )
    return render(request, "portal/login.html", {"page": page}, status=status)


def _show_code(
    request: HttpRequest, phone: str, error: DomainError | None = None, wait: int = 0
) -> HttpResponse:
    page = LoginPage(
        frame=bare_frame(request, _("Log in")),
        step="code",
        action=reverse("portal:code"),
        phone=mask_phone(phone),
        error=str(error or ""),
        wait=wait,
        again_url=reverse("portal:login"),
    )
    return render(request, "portal/login.html", {"page": page}, status=error.status if error else 200)
