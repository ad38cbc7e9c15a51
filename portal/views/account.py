"""The person's own page, and the two switches: large print, language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.doors import SeeOther, find_next
from portal.readers import Owner, is_elder
from portal.selectors.me import me_page
from users.models import User, acting_user

A_YEAR = 365 * 24 * 3600


@never_cache
def show_me(request: HttpRequest) -> HttpResponse:
    """Units, phone, switches, log-out."""
    reader = Owner(acting_user(request), timezone.now(), is_elder(request))
    return render(request, "portal/me.html", {"page": me_page(reader)})


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


def _remember(request: HttpRequest, cookie: str, value: str, **profile: object) -> HttpResponse:
    """Keep a choice in the browser for a year and on the profile of whoever is logged in; go back to ``next``."""
    answer = SeeOther(find_next(request, request.POST.get("next", "")))
    answer.set_cookie(
        cookie, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(**profile)
    return answer
