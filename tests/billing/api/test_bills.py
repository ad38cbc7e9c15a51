"""The API of billing: what it answers, to whom, and how it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Bill, BillRun, ChargeLine
from tests.billing.months import bill_month
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    village = Village()
    village.unit("8-301", "89.56")
    village.unit("8-302", "120")
    village.tariff(village.fee("物业费"), "area", "2.35")
    return village


def number_of(room: str) -> str:
    return Bill.objects.get(account__unit__code=room).number


def get(client: Client, name: str, *args: object, **query: str) -> Any:
    return client.get(reverse(f"billing:{name}", args=args), query)


def test_bills_with_what_is_outstanding(manager: Client, village: Village) -> None:
    bill_month(village)
    answer = get(manager, "api_bills", unit="8-301").json()
    (bill,) = answer["results"]
    assert {key: bill[key] for key in ("unit", "state", "total", "settled", "waived", "outstanding")} == {
        "unit": "8-301",
        "state": "issued",
        "total": "210.47",
        "settled": "0.00",
        "waived": "0.00",
        "outstanding": "210.47",
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 4),
        ({"state": "draft"}, 2),
        ({"unit": "8-302"}, 2),
        ({"period_from": "2026-11-01"}, 2),
        ({"period_until": "2026-11-01"}, 2),
        ({"community": "elsewhere"}, 0),
    ],
)
def test_bills_filtered(manager: Client, village: Village, query: dict[str, str], count: int) -> None:
    bill_month(village, "2026-10")
    bill_month(village, issue=False)
    assert get(manager, "api_bills", **query).json()["count"] == count


def test_draft_owes_nothing(manager: Client, village: Village) -> None:
    bill_month(village, issue=False)
    assert {bill["outstanding"] for bill in get(manager, "api_bills").json()["results"]} == {"0.00"}


def test_bill_with_its_lines(manager: Client, village: Village) -> None:
    bill_month(village)
    (line,) = get(manager, "api_bill", number_of("8-301")).json()["lines"]
    assert {key: line[key] for key in ("fee_item", "method", "quantity", "price", "amount")} == {
        "fee_item": "物业费",
        "method": "area",
        "quantity": "89.5600",
        "price": "2.350000",
        "amount": "210.47",
    }


def test_explanation_of_a_line(manager: Client, village: Village) -> None:
    bill_month(village)
    line = ChargeLine.objects.get(bill__number=number_of("8-301"))
    told = get(manager, "api_explanation", line.pk).json()
    assert (told["amount"], told["computed"], told["agrees"]) == ("210.47", "210.47", True)
    assert told["steps"][-1] == {
        "label": "89.56 × 2.35 = 210.466",
        "value": "¥210.47",
        "note": "rounded half-up to the fen",
        "is_result": True,
    }


def test_open_lines(manager: Client, village: Village) -> None:
    bill_month(village)
    answer = get(manager, "api_open_lines", unit="8-302").json()
    assert [(line["fee_item"], line["outstanding"]) for line in answer["results"]] == [("物业费", "282.00")]
    assert get(manager, "api_open_lines", due_before="2026-11-01").json()["count"] == 0


def test_run_started_reviewed_and_refused_before_its_turn(manager: Client, village: Village) -> None:
    started = manager.post(
        reverse("billing:api_start_run"),
        {"community": village.community.code, "period": "2026-11"},
        content_type="application/json",
    )
    assert (started.status_code, started.json()["state"]) == (202, "draft")
    run = bill_month(village, issue=False)  # what the workers do
    early = manager.post(reverse("billing:api_issue_run", args=[run.pk]))
    assert (early.status_code, early.json()["code"]) == (409, "billing.step_not_allowed")
    assert early.headers["Content-Type"] == "application/problem+json"
    reviewed = manager.post(reverse("billing:api_review_run", args=[run.pk]))
    assert (reviewed.json()["state"], reviewed.json()["reviewed_by"]) == ("reviewed", "jingli")
    assert manager.post(reverse("billing:api_issue_run", args=[run.pk])).status_code == 202


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"community": "yunshan", "period": "2026-13"}, 422),
        ({"community": "yunshan", "period": "November"}, 400),
        ({"community": "elsewhere", "period": "2026-11"}, 404),
        ({"period": "2026-11"}, 400),
    ],
)
def test_run_not_started(manager: Client, stranger: Client, wish: dict[str, str], status: int) -> None:
    answer = manager.post(reverse("billing:api_start_run"), wish, content_type="application/json")
    assert answer.status_code == status
    assert not BillRun.objects.exists()


def test_run_with_what_it_found(manager: Client, village: Village) -> None:
    village.unit("8-303", None)
    run = bill_month(village)
    answer = get(manager, "api_run", run.pk).json()
    assert (answer["bill_count"], answer["total"], answer["parked"]) == (2, "492.47", 1)
    assert [(problem["unit"], problem["blocks"]) for problem in answer["problems"]] == [("8-303", True)]
    assert get(manager, "api_runs").json()["count"] == 1


def test_other_peoples_things_are_not_there(stranger: Client, village: Village) -> None:
    run = bill_month(village)
    line = ChargeLine.objects.first()
    assert line is not None
    assert get(stranger, "api_bill", number_of("8-301")).status_code == 404
    assert get(stranger, "api_explanation", line.pk).status_code == 404
    assert get(stranger, "api_run", run.pk).status_code == 404
    assert stranger.post(reverse("billing:api_review_run", args=[run.pk])).status_code == 404
    assert get(stranger, "api_bills").json()["count"] == 0
    assert get(stranger, "api_open_lines").json()["count"] == 0


def test_engineer_is_refused(village: Village) -> None:
    engineer = member(Role.ENGINEER, village.community)
    for name in ("api_bills", "api_open_lines", "api_runs"):
        assert get(engineer, name).status_code == 403


@pytest.mark.parametrize("name", ["api_bills", "api_open_lines", "api_runs"])
def test_lists_take_the_same_queries_for_one_and_three(manager: Client, village: Village, name: str) -> None:
    counts = []
    for month in ("2026-09", "2026-10", "2026-11"):
        bill_month(village, month)
        get(manager, name)
        with CaptureQueriesContext(connection) as queries:
            get(manager, name)
        counts.append(len(queries))
    assert len(set(counts)) == 1
