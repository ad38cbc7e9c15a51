"""The pages of vacancies: applied for at the desk, inspected, decided by another person, taken off the list."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import FeeItem
from billing.services.vacancies import end_vacancies_at_night
from estates.models import HandOver, Reading, Unit, VacancyEntitlement, VacancyPolicy
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

LIST = "billing:vacancies"
PHOTO = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    FeeItem.objects.update(honours_vacancy=True)
    VacancyPolicy.objects.create(community=village.community, start=date(2020, 1, 1), share="0.7", months=0)
    return village


@pytest.fixture
def flat(village: Village) -> Unit:
    return village.unit("8-301", "100")


@pytest.fixture
def cashier(village: Village) -> Client:
    return member(Role.CASHIER, village.community, "shouyin")


@pytest.fixture
def engineer(village: Village) -> Client:
    return member(Role.ENGINEER, village.community, "gongcheng")


@pytest.fixture
def manager(village: Village) -> Client:
    return member(Role.MANAGER, village.community, "jingli")


def days_ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def apply(client: Client) -> VacancyEntitlement:
    wish = {"unit": "8-301", "empty_since": days_ago(200), "reason": "在外地"}
    client.post(reverse("billing:apply_vacancy"), wish)
    return VacancyEntitlement.objects.get()


def page(name: str, vacancy: VacancyEntitlement) -> str:
    return reverse(f"billing:{name}", args=[vacancy.pk])


def inspect(client: Client, vacancy: VacancyEntitlement, **more: object) -> int:
    found = {"on": days_ago(0), "findings": "家具盖着布", **more}
    return client.post(page("vacancy", vacancy), found).status_code


@pytest.mark.usefixtures("flat")
def test_the_way_of_an_application(cashier: Client, engineer: Client, manager: Client) -> None:
    vacancy = apply(cashier)
    assert list(cashier.get(reverse(LIST)).context["rows"]) == [vacancy]
    first = manager.get(page("vacancy", vacancy)).context
    assert (first["offer"].share, first["end_form"]) == (Decimal("0.7"), None)
    photos = [SimpleUploadedFile("a.jpg", PHOTO), SimpleUploadedFile("b.jpg", PHOTO)]
    assert inspect(engineer, vacancy, photos=photos) == 302
    assert vacancy.photos.count() == 2
    photo = vacancy.photos.order_by("pk").first()
    assert photo is not None
    shown = cashier.get(reverse("billing:vacancy_photo", args=[photo.pk]))
    assert (shown["content-type"], b"".join(shown.streaming_content)) == ("image/jpeg", PHOTO)  # type: ignore[attr-defined]
    assert cashier.get(page("vacancy", vacancy)).context["waits_for_another"]
    manager.post(page("approve_vacancy", vacancy), {"reason": "情况属实"})
    vacancy.refresh_from_db()
    assert (vacancy.state, vacancy.decided_by, vacancy.decision) == ("approved", "jingli", "情况属实")
    assert list(cashier.get(reverse(LIST), {"tab": "running"}).context["rows"]) == [vacancy]
    assert not cashier.get(reverse(LIST)).context["rows"]


@pytest.mark.usefixtures("flat")
def test_refused_without_a_reason_it_waits_on(cashier: Client, manager: Client) -> None:
    vacancy = apply(cashier)
    manager.post(page("refuse_vacancy", vacancy), {"reason": ""})
    vacancy.refresh_from_db()
    assert vacancy.state == "applied"
    manager.post(page("refuse_vacancy", vacancy), {"reason": "有人住"})
    assert list(manager.get(reverse(LIST), {"tab": "over"}).context["rows"]) == [vacancy]


@pytest.mark.usefixtures("flat")
def test_apply_refuses_a_second_application_and_an_unknown_unit(cashier: Client) -> None:
    apply(cashier)
    wish = {"unit": "8-301", "empty_since": days_ago(10), "reason": "在外地"}
    again = cashier.post(reverse("billing:apply_vacancy"), wish)
    assert (again.status_code, again.context["form"].non_field_errors()) == (
        422, ["An application for this unit waits already."],
    )  # fmt: skip
    unknown = cashier.post(reverse("billing:apply_vacancy"), {**wish, "unit": "9-301"})
    assert "unit" in unknown.context["form"].errors


def test_apply_begins_with_the_unit_of_the_address(cashier: Client, flat: Unit) -> None:
    form = cashier.get(reverse("billing:apply_vacancy"), {"unit": flat.pk}).context["form"]
    assert form.initial["unit"] == "8-301"


def test_inspect_takes_what_meters_show(village: Village, flat: Unit, cashier: Client) -> None:
    meter = village.meter("W-301", {timezone.localdate() - timedelta(days=40): "100"}, unit=flat)
    vacancy = apply(cashier)
    assert inspect(cashier, vacancy, **{f"meter-{meter.pk}": "103"}) == 302
    assert Reading.objects.filter(meter=meter).latest("read_on").value == 103
    counted = cashier.get(page("vacancy", vacancy)).context["counted"]
    assert [(row.use, row.is_use) for row in counted] == [(Decimal("3.0000"), True)]


@pytest.mark.parametrize(
    ("wish", "field"), [({"on": "2999-01-01"}, "on"), ({"findings": ""}, "findings"), ({"photos": None}, "photos")]
)  # fmt: skip
@pytest.mark.usefixtures("flat")
def test_inspect_refuses_what_cannot_be(cashier: Client, wish: dict[str, object], field: str) -> None:
    if field == "photos":
        wish = {"photos": [SimpleUploadedFile("a.jpg", b"no photo")]}
    vacancy = apply(cashier)
    answer = cashier.post(page("vacancy", vacancy), {"on": days_ago(0), "findings": "空", **wish})
    assert (answer.status_code, field in answer.context["inspect_form"].errors) == (422, True)


def test_what_use_has_ended_is_looked_at(cashier: Client, manager: Client, flat: Unit) -> None:
    vacancy = apply(cashier)
    inspect(cashier, vacancy)
    manager.post(page("approve_vacancy", vacancy))
    tomorrow = timezone.localdate() + timedelta(days=1)
    HandOver.objects.create(unit=flat, on=tomorrow, recorded_by="t", recorded_at=timezone.now())
    end_vacancies_at_night(tomorrow)
    assert list(cashier.get(reverse(LIST)).context["rows"]) == [vacancy]
    assert cashier.get(page("vacancy", vacancy)).context["may_see"]
    cashier.post(page("see_vacancy", vacancy))
    assert not cashier.get(reverse(LIST)).context["rows"]


@pytest.mark.usefixtures("flat")
def test_end_by_somebodys_word(cashier: Client, manager: Client) -> None:
    vacancy = apply(cashier)
    inspect(cashier, vacancy)
    manager.post(page("approve_vacancy", vacancy))
    assert manager.get(page("vacancy", vacancy)).context["end_form"] is None
    cashier.post(page("end_vacancy", vacancy), {"on": days_ago(0), "because": ""})
    vacancy.refresh_from_db()
    assert vacancy.state == "approved"
    day = days_ago(0)
    cashier.post(page("end_vacancy", vacancy), {"on": day, "because": "业主来电"})
    vacancy.refresh_from_db()
    assert (vacancy.state, str(vacancy.end)) == ("ended", day)
