"""Every view says who may open it; the guard and the declaration are one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory
from django.urls import get_resolver, path, reverse
from django.views import View
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import Access, Door, Open, Requires, declared_access, may, owner_only, public, requires


@dataclass(frozen=True)
class Person:
    """Somebody signed in, with the permissions of her roles."""

    permissions: frozenset[str] = frozenset()
    is_authenticated: bool = True

    def may(self, permission: str) -> bool:
        return permission in self.permissions


CASHIER = Person(frozenset({"payments.take"}))
OWNER = Person(frozenset({"portal.own"}))
STRANGER = AnonymousUser()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("portal/login", lambda request: HttpResponse(), name="login"),
]


@requires("payments.take")
def take_payment(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


@requires("payments.take")
class TakePayment(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("taken")


@public("pay link: the signed token is the key")
def pay(request: HttpRequest) -> HttpResponse:
    return HttpResponse("pay")


class PaymentsApi(APIView):
    permission_classes = [Requires]
    permission = "payments.take"

    def get(self, request: Any) -> Response:
        return Response({"taken": True})


class CallbackApi(APIView):
    permission_classes = [Open]
    open_reason = "signed by the gateway"

    def get(self, request: Any) -> Response:
        return Response({})


class SilentApi(APIView):
    permission_classes = [Requires]

    def get(self, request: Any) -> Response:
        return Response({})


def visit(view: Callable[..., HttpResponseBase], user: Any) -> HttpResponseBase:
    request = RequestFactory().get("/desk/?day=1")
    request.user = user
    return view(request)


VIEWS = pytest.mark.parametrize("view", [take_payment, TakePayment.as_view()], ids=["function", "class"])


class TestRequires:
    @VIEWS
    def test_lets_the_right_person_in(self, view: Callable[..., HttpResponseBase]) -> None:
        assert visit(view, CASHIER).status_code == 200

    @VIEWS
    def test_others_are_refused(self, view: Callable[..., HttpResponseBase]) -> None:
        with pytest.raises(PermissionDenied):
            visit(view, OWNER)

    @VIEWS
    def test_strangers_are_sent_to_the_log_in_and_back(self, view: Callable[..., HttpResponseBase]) -> None:
        answer = visit(view, STRANGER)
        assert (answer.status_code, answer["Location"]) == (
            302,
            f"{reverse('admin:login')}?next=/desk/%3Fday%3D1",
        )

    def test_may_is_false_for_strangers(self) -> None:
        assert not may(STRANGER, "payments.take")


class TestOwnerOnly:
    def test_lets_an_owner_in_and_no_staff(self) -> None:
        view = owner_only(lambda request: HttpResponse("yours"))
        assert visit(view, OWNER).status_code == 200
        with pytest.raises(PermissionDenied):
            visit(view, CASHIER)


class TestApi:
    @pytest.mark.parametrize(
        ("view", "user", "status"),
        [
            (PaymentsApi, CASHIER, 200),
            (PaymentsApi, OWNER, 403),
            (PaymentsApi, STRANGER, 403),
            (CallbackApi, STRANGER, 200),
            (SilentApi, CASHIER, 403),
        ],
    )
    def test_permission_is_asked_of_the_view(self, view: type[APIView], user: Any, status: int) -> None:
        class Signed(view):  # type: ignore[valid-type,misc]
            authentication_classes: list[Any] = []

            def perform_authentication(self, request: Any) -> None:
                request._user = user

        assert visit(Signed.as_view(), user).status_code == status


class TestDeclaredAccess:
    @pytest.mark.parametrize(
        ("view", "access"),
        [
            (take_payment, Access(Door.PERMISSION, "payments.take")),
            (TakePayment.as_view(), Access(Door.PERMISSION, "payments.take")),
            (owner_only(lambda request: HttpResponse()), Access(Door.PERMISSION, "portal.own")),
            (pay, Access(Door.PUBLIC, reason="pay link: the signed token is the key")),
            (PaymentsApi.as_view(), Access(Door.PERMISSION, "payments.take")),
            (CallbackApi.as_view(), Access(Door.PUBLIC, reason="signed by the gateway")),
            (SilentApi.as_view(), None),
            (View.as_view(), None),
            (lambda request: HttpResponse(), None),
            (admin.site.login, Access(Door.PUBLIC, reason="the staff log-in")),
        ],
    )
    def test_reads_what_the_view_says(self, view: Callable[..., Any], access: Access | None) -> None:
        assert declared_access(view) == access

    def test_admin_pages_carry_the_permission_of_their_admin(self) -> None:
        found = {
            name: declared_access(pattern.callback)
            for name, pattern in names_of(get_resolver("tests.core.test_access"))
        }
        assert found["core_auditrecord_changelist"] == Access(Door.PERMISSION, "audit.view")
        assert found["core_holiday_change"] == Access(Door.PERMISSION, "settings.view")
        assert found["index"] == Access(Door.STAFF)


def names_of(resolver: Any) -> list[tuple[str, Any]]:
    """All named patterns below a resolver."""
    found: list[tuple[str, Any]] = []
    for pattern in resolver.url_patterns:
        found += names_of(pattern) if hasattr(pattern, "url_patterns") else [(pattern.name, pattern)]
    return found
