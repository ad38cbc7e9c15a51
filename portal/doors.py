"""What every door of the portal does: find the reader, keep private pages out of caches, answer a link that is over."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.tokens import TokenError
from portal.pages import Frame, LinkView, MessagePage
from portal.readers import Reader, is_elder, reader_of

Rest = ParamSpec("Rest")
ReaderView = Callable[Concatenate[HttpRequest, Reader, Rest], HttpResponse]


class SeeOther(HttpResponseRedirect):
    """After a form was taken: go on there with GET, and going back sends nothing twice."""

    status_code = 303


def for_reader(view: ReaderView[Rest]) -> Callable[..., HttpResponse]:
    """Give a view its reader in place of the token; a link that was altered or is over gets words and a 404."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, token: str | None = None, **kwargs: Any) -> HttpResponse:
        try:
            reader = reader_of(request, token)
        except TokenError:
            return show_link_over(request)
        response = view(request, reader, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        if not reader.is_known:
            response["X-Robots-Tag"] = "noindex"
        return response

    return opened


def show_link_over(request: HttpRequest) -> HttpResponse:
    """Say that a link opens nothing (any more), and what to do instead."""
    page = MessagePage(
        frame=bare_frame(request),
        title=_("This link does not work any more"),
        text=_("Links end after a while, so that an old message opens nothing. Log in to see your bills."),
        links=(LinkView(_("Log in"), reverse("portal:login")),),
    )
    return render(request, "portal/message.html", {"page": page}, status=404)


def find_next(request: HttpRequest, url: str) -> str:
    """The address to go on to: the wished one when it is on our own site, else home."""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else reverse("portal:home")


def bare_frame(request: HttpRequest, where: str = "") -> Frame:
    """The frame of a page that belongs to no community and no log-in."""
    return Frame(
        community=_("Nuanlin"),
        where=where,
        as_of=timezone.localdate(),
        elder=is_elder(request),
        elder_url=reverse("portal:elder"),
    )
