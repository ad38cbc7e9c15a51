"""The API of changes of units and of the pauses they open: asked for by one person, made by another."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from billing.models import UnitChange
from tests.billing.api.calls import get, post, results
from tests.billing.months import bill_month
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

PAUSE = {
    "community": "yunshan",
    "unit": "8-301",
    "kind": "pause",
    "first_day": "2026-11-01",
    "reason": "分期协商",
}


@pytest.fixture(autouse=True)
def november(village: Village) -> None:
    bill_month(village)


def ask(client: Client, **changes: Any) -> Any:
    return post(client, "api_changes", **{**PAUSE, **changes})


def test_a_pause_is_asked_for_made_ended_and_not_ended_twice(cashier: Client, manager: Client) -> None:
    change = ask(cashier)
    assert (change.status_code, change.json()["state"]) == (201, "requested")
    assert post(manager, "api_approve_change", change.json()["id"]).json()["decided_by"] == "jingli"
    (pause,) = results(cashier, "api_pauses", running="true")
    assert (pause["first_day"], pause["last_day"], pause["approved_by"]) == ("2026-11-01", None, "jingli")
    early = post(manager, "api_end_pause", pause["id"], last_day="2026-10-31")
    assert (early.status_code, early.json()["code"]) == (422, "billing.pause_ends_early")
    assert (
        post(manager, "api_end_pause", pause["id"], last_day="2026-11-04").json()["last_day"] == "2026-11-04"
    )
    again = post(manager, "api_end_pause", pause["id"], last_day="2026-11-30")
    assert (again.status_code, again.json()["code"]) == (409, "billing.pause_closed")
    assert results(cashier, "api_pauses", running="true") == []
    assert len(results(cashier, "api_pauses", running="false", account=str(pause["account"]))) == 1


def test_a_pause_is_taken_back(cashier: Client, manager: Client) -> None:
    post(manager, "api_approve_change", ask(cashier).json()["id"])
    (pause,) = results(cashier, "api_pauses")
    taken = post(manager, "api_withdraw_pause", pause["id"], reason="记错了房号").json()
    assert taken["withdrawn_on"] == "2026-11-05"
    assert get(cashier, "api_pause", pause["id"]).json() == taken


def test_a_new_owner_is_masked(cashier: Client) -> None:
    sale = ask(cashier, kind="transfer", name="王小五", phone="138 0013 8000").json()
    assert (sale["name"], sale["phone"]) == ("王**", "138****8000")
    assert UnitChange.objects.get().phone == "13800138000"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"kind": "transfer"}, "name"), ({"kind": "vacancy", "value": "1.5"}, "value"), ({"first_day": ""}, "first_day")],
)  # fmt: skip
def test_ask_asks_what_the_page_asks(cashier: Client, changes: dict[str, Any], field: str) -> None:
    answer = ask(cashier, **changes)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (400, field)
    assert not UnitChange.objects.exists()


def test_who_asked_does_not_decide_and_a_refusal_changes_nothing(manager: Client, finance: Client) -> None:
    change = ask(manager).json()["id"]
    assert post(manager, "api_approve_change", change).json()["code"] == "billing.same_person"
    assert post(finance, "api_refuse_change", change).json()["state"] == "refused"
    assert results(finance, "api_pauses") == []


def test_a_stranger_finds_nothing_and_changes_nothing(
    cashier: Client, manager: Client, stranger: Client
) -> None:
    post(manager, "api_approve_change", ask(cashier).json()["id"])
    waiting = ask(cashier, unit="8-302").json()["id"]
    (pause,) = results(cashier, "api_pauses")
    assert (results(stranger, "api_changes"), results(stranger, "api_pauses")) == ([], [])
    assert ask(stranger).status_code == 404
    for answer in (
        get(stranger, "api_change", waiting),
        post(stranger, "api_approve_change", waiting),
        post(stranger, "api_refuse_change", waiting),
        get(stranger, "api_pause", pause["id"]),
        post(stranger, "api_end_pause", pause["id"], last_day="2026-11-30"),
        post(stranger, "api_withdraw_pause", pause["id"], reason="不"),
    ):
        assert answer.status_code == 404
    assert get(cashier, "api_pause", pause["id"]).json() == pause
    assert get(cashier, "api_change", waiting).json()["state"] == "requested"
