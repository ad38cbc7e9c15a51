"""The person's own page, and the two switches: large print, language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from billing.paper.statements import render_statement
from billing.selectors.statement import default_span
from portal.doors import SeeOther, find_next
from portal.readers import Owner, is_elder
from portal.selectors.me import me_page
from portal.selectors.statement import find_account, statement_page
from portal.views.reading import as_pdf
from users.acting import acting_user
from users.services.owners import remember_choice

A_YEAR = 365 * 24 * 3600


@never_cache
def show_me(request: HttpRequest) -> HttpResponse:
    """Units, phone, switches, log-out."""
    reader = Owner(acting_user(request), timezone.now(), is_elder(request))
    return render(request, "portal/me.html", {"page": me_page(reader)})


@never_cache
def show_statement(request: HttpRequest, account_id: int) -> HttpResponse:
    """What one account was charged and paid over the last twelve months."""
    reader = Owner(acting_user(request), timezone.now(), is_elder(request))
    page = statement_page(reader, find_account(reader, account_id))
    return render(request, "portal/statement.html", {"page": page})


@never_cache
def show_statement_pdf(request: HttpRequest, account_id: int) -> HttpResponse:
    """The same on paper."""
    reader = Owner(acting_user(request), timezone.now(), is_elder(request))
    account, (first, last) = find_account(reader, account_id), default_span(reader.today)
    content = render_statement(
        account, [account.pk], first=first, last=last, now=reader.now, language=request.LANGUAGE_CODE
    )
    return as_pdf(content, f"statement-{last}")


@require_POST
def switch_elder(request: HttpRequest) -> HttpResponse:
    """Turn large print on or off, remembered with the log-in and in the browser, and go back."""
    elder = request.POST.get("elder") == "1"
    return _remember(request, "elder", str(int(elder)), elder_mode=elder)


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, remembered with the log-in and in the browser, and go back."""
    chosen = request.POST.get("language", "")
    language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, language, language=language)


def _remember(request: HttpRequest, cookie: str, value: str, **profile: Any) -> HttpResponse:
    """Keep a choice in the browser for a year and on the profile of whoever is logged in; go back to ``next``."""
    answer = SeeOther(find_next(request, request.POST.get("next", "")))
    answer.set_cookie(
        cookie, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    if request.user.is_authenticated:
        remember_choice(user=acting_user(request), **profile)
    return answer
