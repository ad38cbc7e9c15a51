"""Every person at every door, in his own community, next door and in another company (S-01, S-02).

`expected.txt` says who may; this walk tries. What nobody logged in may not see sends to the log-in, what the role
may not do is refused, what lies in another scope does not exist.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.views.generic import RedirectView

from tests.access.places import NOW, Place, Somebody, make_people, make_place
from tests.access.routes import list_routes
from tests.access.table import STAFF, Row, read_table

PEOPLE = (
    "anonymous", "owner", "former owner", "cashier", "manager", "engineer", "finance of the company",
    "admin of the company", "admin of another company",
)  # fmt: skip
PLACES = ("own", "next_door", "elsewhere")
TABLE = read_table()
ASKED_ELSEWHERE = {
    "admin:view_on_site": "finds nothing: no model of ours has an address of its own",
    "admin:autocomplete": "answers a field of a form only, from the rows that its admin shows",
}


@pytest.fixture
def places(db: None, settings: Any, tmp_path: Path) -> dict[str, Place]:
    """Own and next_door belong to one company, elsewhere to another."""
    settings.MEDIA_ROOT = tmp_path
    own = make_place("own", company=None, phone="13800000001")
    return {
        "own": own,
        "next_door": make_place("next-door", company=own.community.company, phone="13800000002"),
        "elsewhere": make_place("elsewhere", company=None, phone="13800000003"),
    }


@pytest.fixture
def quiet() -> Iterator[None]:
    """Refusals are logged with their tracebacks; here they come by the hundred."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", PEOPLE)
def test_doors_open_for_whom_they_should(places: dict[str, Place], name: str) -> None:
    with time_machine.travel(NOW, tick=False):
        somebody = make_people(places)[name]
        client = Client(raise_request_exception=False)
        if somebody.user:
            client.force_login(somebody.user, backend="django.contrib.auth.backends.ModelBackend")
        session = {name: morsel.value for name, morsel in client.cookies.items()}
        surprises = [
            f"{row} of {where}: {found}, not {' or '.join(right)}"
            for row in TABLE
            for where in places_to_try(row, somebody)
            if (found := knock(session, row, places[where], places["own"]))
            not in (right := fate(row, somebody, where))
        ]
    assert "\n".join(surprises) == ""


def places_to_try(row: Row, somebody: Somebody) -> tuple[str, ...]:
    """Everywhere, where it can matter: a role that may not is refused at once, a link is the same for everybody."""
    if "link" in row.takes:
        return () if somebody.letter else PLACES
    return PLACES if row.things and somebody.letter in row.who else ("own",)


def fate(row: Row, somebody: Somebody, where: str) -> tuple[str, ...]:
    """What may happen: opens, log-in, refused or not found; to a role that may not, foreign things may be either."""
    is_his = not row.things or where in somebody.sees
    if "link" in row.takes:
        is_his = where == "own" or row.things == ("link",)
    elif somebody.letter not in row.who:
        at_staff_door = row.route.startswith("admin:") and somebody.letter not in STAFF
        is_page = not row.route.partition(":")[2].startswith("api_") and row.route != "schema"
        if at_staff_door or (not somebody.letter and is_page):
            return ("log-in",)
        return ("refused",) if is_his else ("refused", "not found")
    return ("opens",) if is_his and not row.is_missing else ("not found",)


def knock(session: dict[str, str], row: Row, place: Place, own: Place) -> str:
    """What happens: GET, or POST where GET is not allowed; whatever it changed is taken back.

    A link is always that of one's own bill: the rest of the address asks for things of the place.
    """
    address = reverse(row.route, args=[_argument(name, row, place, own) for name in row.takes])
    client = Client(raise_request_exception=False)
    client.cookies.load(session)
    with transaction.atomic():
        answer = client.post(address) if row.method == "POST" else client.get(address)
        if answer.status_code == 405:
            answer = client.post(address)
        transaction.set_rollback(True)
    return tell(answer)


def _argument(name: str, row: Row, place: Place, own: Place) -> str:
    if name.startswith('"'):
        return name.strip('"')
    return (own if name == "link" and len(row.takes) > 1 else place).things[name]


def tell(answer: HttpResponseBase) -> str:
    """An answer in the words of `fate`; anything below 500 that is neither is an open door."""
    status = answer.status_code
    to_login = status == 302 and "login" in answer["Location"] and "next=" in answer["Location"]
    if to_login:
        return "log-in"
    if status in {401, 403}:
        return "refused"
    if status == 404:
        return "not found"
    return "opens" if status < 500 else f"failed with {status}"


def test_every_named_route_stands_in_the_table() -> None:
    named = {
        route.name
        for route in list_routes()
        if "/" not in route.name and getattr(route.callback, "view_class", None) is not RedirectView
    }
    shared = {row.route.rpartition("_")[0] for row in TABLE if row.route.endswith("_changelist")}
    of_rows = {f"{name}_{page}" for name in shared for page in ("change", "history", "delete")}
    assert named - {row.route for row in TABLE} - of_rows - set(ASKED_ELSEWHERE) == set()


def test_no_route_stands_in_the_table_twice() -> None:
    names = [str(row) for row in TABLE]
    assert len(set(names)) == len(names)


def test_the_walk_has_something_to_say() -> None:
    """A table that is wrong in one place is found out."""
    row = next(row for row in TABLE if row.route == "billing:issue_run")
    cashier = Somebody(None, "C", ("own",))
    allowed = replace(row, who=row.who | {"C"})
    assert fate(row, cashier, "own") == ("refused",)
    assert fate(allowed, cashier, "own") == ("opens",)
    assert fate(allowed, cashier, "elsewhere") == ("not found",)
