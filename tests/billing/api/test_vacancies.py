"""The API of vacancies: the way of an application, who may go which step, and what strangers find."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import FeeItem, Waiver
from estates.models import Reading, VacancyEntitlement, VacancyPolicy
from tests.billing.api.calls import get, post, results
from tests.billing.months import bill_month
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

WISH = {"community": "yunshan", "unit": "8-301", "empty_since": "2026-05-01", "reason": "在外地工作"}
FOUND = {"on": "2026-11-04", "findings": "家具盖着布"}


@pytest.fixture(autouse=True)
def policy(village: Village) -> None:
    """The contract leaves 70 % due from the day of the application on, and the bills of November are out."""
    FeeItem.objects.update(honours_vacancy=True)
    VacancyPolicy.objects.create(community=village.community, start=date(2020, 1, 1), share="0.7", months=0)
    bill_month(village)


@pytest.fixture
def engineer(village: Village) -> Client:
    return member(Role.ENGINEER, village.community, "gongcheng")


def apply(client: Client, **changes: str) -> Any:
    return post(client, "api_vacancies", **{**WISH, **changes})


def test_the_way_of_an_application(
    cashier: Client, engineer: Client, manager: Client, village: Village
) -> None:
    unit = village.community.units.get(code="8-301")
    village.meter("W-301", {date(2026, 10, 1): "100"}, unit=unit)
    applied = apply(cashier)
    assert (applied.status_code, applied.json()["state"], applied.json()["start"]) == (
        201,
        "applied",
        "2026-11-05",
    )
    pk = applied.json()["id"]
    opened = get(cashier, "api_vacancy", pk).json()
    assert (opened["meters"], opened["offer"][:10]) == (["W-301"], "70% of the")

    shown = [{"meter": "W-301", "value": "100.5"}]
    inspected = post(engineer, "api_inspect_vacancy", pk, **FOUND, readings=shown).json()
    assert (inspected["state"], inspected["inspected_by"]) == ("inspected", "gongcheng")
    assert str(Reading.objects.get(read_on=date(2026, 11, 4)).value) == "100.5000"

    approved = post(manager, "api_approve_vacancy", pk, reason="情况属实").json()
    assert {key: approved[key] for key in ("state", "share", "start", "decided_by", "decision")} == {
        "state": "approved", "share": "0.7000", "start": "2026-11-05", "decided_by": "jingli", "decision": "情况属实",
    }  # fmt: skip
    # 300.00 a month: 26 of 30 days at 70 % are 182.00, four days in full 40.00
    assert str(Waiver.objects.get().amount) == "78.00"
    assert get(cashier, "api_vacancy", pk).json()["offer"] == ""


def test_an_inspection_with_photos_is_sent_as_a_form(cashier: Client, village: Village) -> None:
    village.meter("W-301", {date(2026, 10, 1): "100"}, unit=village.community.units.get(code="8-301"))
    pk = apply(cashier).json()["id"]
    photos = [SimpleUploadedFile(name, b"\xff\xd8\xff\xe0") for name in ("a.jpg", "b.jpg")]
    form = {**FOUND, "readings[0]meter": "W-301", "readings[0]value": "100.5", "photos": photos}
    answer = cashier.post(reverse("billing:api_inspect_vacancy", args=[pk]), form)
    assert (answer.status_code, answer.json()["state"]) == (200, "inspected")
    assert VacancyEntitlement.objects.get().photos.count() == 2
    assert str(Reading.objects.get(read_on=date(2026, 11, 4)).value) == "100.5000"


def test_what_is_no_photo_is_refused_and_nothing_is_written(cashier: Client) -> None:
    pk = apply(cashier).json()["id"]
    form = {**FOUND, "photos": [SimpleUploadedFile("a.jpg", b"no photo")]}
    answer = cashier.post(reverse("billing:api_inspect_vacancy", args=[pk]), form)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (400, "photos")
    assert VacancyEntitlement.objects.get().state == "applied"


def test_who_inspected_does_not_decide(cashier: Client, manager: Client) -> None:
    pk = apply(cashier).json()["id"]
    post(manager, "api_inspect_vacancy", pk, **FOUND)
    answer = post(manager, "api_approve_vacancy", pk)
    assert (answer.status_code, answer.json()["code"]) == (422, "billing.same_person")


def test_refused_with_a_reason_only(cashier: Client, manager: Client) -> None:
    pk = apply(cashier).json()["id"]
    assert post(manager, "api_refuse_vacancy", pk).json()["code"] == "reason_missing"
    assert post(manager, "api_refuse_vacancy", pk, reason="有人住").json()["state"] == "refused"


def test_ended_by_a_word_and_taken_off_the_list(cashier: Client, manager: Client) -> None:
    pk = apply(cashier).json()["id"]
    post(cashier, "api_inspect_vacancy", pk, **FOUND)
    post(manager, "api_approve_vacancy", pk)
    ended = post(cashier, "api_end_vacancy", pk, on="2026-11-10", because="业主来电").json()
    assert (ended["state"], ended["end"], ended["ended_because"]) == ("ended", "2026-11-10", "业主来电")
    assert post(cashier, "api_see_vacancy", pk).json()["seen_by"] == "shouyin"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ({"on": "2026-11-06"}, 400, "on"),
        ({"findings": ""}, 400, "findings"),
        ({"readings": [{"meter": "W-999", "value": "1"}]}, 400, "readings"),
    ],
)
def test_inspect_refuses_what_cannot_be(
    cashier: Client, words: dict[str, Any], status: int, told: str
) -> None:
    pk = apply(cashier).json()["id"]
    answer = post(cashier, "api_inspect_vacancy", pk, **{**FOUND, **words})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (status, told)


def test_apply_refuses_a_second_application_and_a_day_to_come(cashier: Client) -> None:
    assert apply(cashier, unit="8-302", empty_since="2026-11-06").json()["code"] == "vacancy_not_yet"
    apply(cashier)
    assert (apply(cashier).status_code, apply(cashier).json()["code"]) == (409, "vacancy_applied")


def test_vacancies_by_unit_and_state(cashier: Client) -> None:
    apply(cashier), apply(cashier, unit="8-302")
    assert [row["unit"] for row in results(cashier, "api_vacancies", unit="8-302")] == ["8-302"]
    assert results(cashier, "api_vacancies", state="approved") == []


def test_a_stranger_finds_nothing_and_changes_nothing(cashier: Client, stranger: Client) -> None:
    pk = apply(cashier).json()["id"]
    assert results(stranger, "api_vacancies") == []
    assert apply(stranger, unit="8-302").status_code == 404
    assert get(stranger, "api_vacancy", pk).status_code == 404
    deeds = {
        "inspect": FOUND,
        "approve": {},
        "refuse": {"reason": "不"},
        "end": {"on": "2026-11-10", "because": "看"},
    }
    for deed, words in {**deeds, "see": {}}.items():
        assert post(stranger, f"api_{deed}_vacancy", pk, **words).status_code == 404
    assert VacancyEntitlement.objects.get().state == "applied"
