"""Who may open which page: every view says so, and a view that does not fails the walk over all URLs (S-02).

    @requires("billing.issue")                     # a function view, or a class with as_view()
    @owner_only                                    # the owner's own pages
    @public("pay link: the signed token is the key")

    class BillsView(APIView):                      # the API: the same words, as attributes
        permission_classes = [Requires]
        permission = "billing.view"

A permission says what a role may do; which rows it may do it to is said by the scope (`core.scope`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.views import View
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

ViewOrClass = TypeVar("ViewOrClass", bound=Callable[..., Any])

STAFF_LOGIN = "admin:login"
OWNER_LOGIN = "portal:login"
OWN_THINGS = "portal.own"


class Door(Enum):
    """The kinds of access a route may declare."""

    PERMISSION = "permission"
    STAFF = "staff"
    PUBLIC = "public"


@dataclass(frozen=True)
class Access:
    """What a route declares: a door, and the permission it asks for or the reason why it is open."""

    door: Door
    permission: str = ""
    reason: str = ""


def requires(permission: str, *, login: str = STAFF_LOGIN) -> Callable[[ViewOrClass], ViewOrClass]:
    """Let only people with this permission in: strangers are sent to the log-in, others get 403."""

    def guard(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), resolve_url(login))
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return _declare(Access(Door.PERMISSION, permission), guard)


def owner_only(view: ViewOrClass) -> ViewOrClass:
    """Let only a signed-in owner in; strangers are sent to the owners' log-in, staff get 403."""
    return requires(OWN_THINGS, login=OWNER_LOGIN)(view)


def public(reason: str) -> Callable[[ViewOrClass], ViewOrClass]:
    """Leave a view open to everybody, and say why that is right."""
    return _declare(Access(Door.PUBLIC, reason=reason), lambda view: view)


def may(user: Any, permission: str) -> bool:
    """Return whether this user, known or not, holds the permission."""
    return bool(user.is_authenticated and user.may(permission))


def _declare(
    access: Access, guard: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[ViewOrClass], ViewOrClass]:
    def decorate(view: ViewOrClass) -> ViewOrClass:
        is_class = isinstance(view, type) and issubclass(view, View)
        declared: Any = method_decorator(guard, name="dispatch")(view) if is_class else guard(view)
        declared.access = access
        return cast(ViewOrClass, declared)

    return decorate


class Requires(BasePermission):
    """DRF: the view's `permission` attribute says what is asked; strangers get 401 or 403, others 403."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the user holds the view's permission; a view that names none is closed to all."""
        permission: str | None = getattr(view, "permission", None)
        return permission is not None and may(request.user, permission)


class Open(BasePermission):
    """DRF: open to everybody; the view's `open_reason` attribute says why that is right."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the view gives a reason for being open."""
        return bool(getattr(view, "open_reason", None))


def declared_access(callback: Callable[..., Any]) -> Access | None:
    """Return what the view behind a URL pattern declares, or None when it says nothing.

    Understands function views, class-based views, DRF views, the pages of a `ScopedAdmin` and of the
    admin site.
    """
    view_class = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    for holder in (callback, view_class):
        access = getattr(holder, "access", None)
        if isinstance(access, Access):
            return access
    return _api_access(view_class) or _admin_access(callback)


def _api_access(view_class: Any) -> Access | None:
    classes = getattr(view_class, "permission_classes", ())
    permission, reason = getattr(view_class, "permission", None), getattr(view_class, "open_reason", None)
    if Requires in classes and permission:
        return Access(Door.PERMISSION, permission)
    return Access(Door.PUBLIC, reason=reason) if Open in classes and reason else None


def _admin_access(callback: Any) -> Access | None:
    model_admin = getattr(callback, "model_admin", None)
    if model_admin is not None:
        permission: str | None = getattr(model_admin, "permission", None)
        return Access(Door.PERMISSION, permission) if permission else None
    bound = callback if hasattr(callback, "__self__") else getattr(callback, "__wrapped__", None)
    site = getattr(callback, "admin_site", None) or getattr(bound, "__self__", None)
    if not isinstance(site, AdminSite):
        return None
    is_login = callback.__name__ == "login"
    return Access(Door.PUBLIC, reason="the staff log-in") if is_login else Access(Door.STAFF)
