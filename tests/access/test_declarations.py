"""Every route says who may open it, and keeps its word to strangers (S-02)."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from core.access import Access, Door, declared_access, requires
from tests.access.routes import Route, list_routes

CLOSED = (Door.PERMISSION, Door.STAFF)


def undeclared(routes: list[Route]) -> list[str]:
    return [route.name for route in routes if declared_access(route.callback) is None]


def is_closed(route: Route) -> bool:
    access = declared_access(route.callback)
    return access is not None and access.door in CLOSED


def test_every_route_declares_its_access() -> None:
    assert undeclared(list_routes()) == []


def test_a_public_route_says_why() -> None:
    public = [access for route in list_routes() if (access := declared_access(route.callback))]
    assert all(access.reason for access in public if access.door is Door.PUBLIC)


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in list_routes() if is_closed(route)], ids=str)
def test_strangers_stay_outside(route: Route) -> None:
    for answer in (Client().get(route.address), Client().post(route.address)):
        assert answer.status_code in {302, 401, 403, 404, 405}


@requires("billing.view")
def declared(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("desk/", include(([path("<int:bill>/", declared, name="bill"), path("", silent)], "desk")))
]


def test_a_planted_silent_view_is_found() -> None:
    """The walk with something to find."""
    routes = list_routes("tests.access.test_declarations")
    assert [(route.address, route.name) for route in routes] == [
        ("/desk/1/", "desk:bill"),
        ("/desk/", "desk:/desk/"),
    ]
    assert declared_access(routes[0].callback) == Access(Door.PERMISSION, "billing.view")
    assert undeclared(routes) == ["desk:/desk/"]
