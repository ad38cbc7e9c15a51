"""The person's own page and the switch to large print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.doors import SeeOther
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
    next_url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        next_url, {request.get_host()}, require_https=request.is_secure()
    )
    answer = SeeOther(next_url if is_ours else reverse("portal:home"))
    answer.set_cookie(
        "elder", str(int(elder)), max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(elder_mode=elder)
    return answer
