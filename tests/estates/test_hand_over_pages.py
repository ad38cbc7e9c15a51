"""The hand-over of a unit, written down from its page."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from estates.models import HandOver, Unit
from tests.billing.factories import make_account, make_community
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    """A unit the developer still holds, in Shanghai, where the owner pays from the next month."""
    unit = make_account(make_community()).unit
    unit.community.city_pack = "shanghai"
    unit.community.save()
    Unit.objects.filter(pk=unit.pk).update(state="not_handed_over")
    return unit


@pytest.fixture
def manager(unit: Unit) -> Client:
    return member(Role.MANAGER, unit.community)


def page(unit: Unit) -> str:
    return reverse("estates:hand_over", args=[unit.pk])


def test_hand_over_says_from_when_the_owner_pays(manager: Client, unit: Unit) -> None:
    assert manager.get(page(unit)).context["pays_from"] is None
    assert manager.post(page(unit), {"on": "2026-09-15"}).status_code == 302
    shown = manager.get(page(unit)).context
    assert (shown["pays_from"], shown["rule"].article) == (
        date(2026, 10, 1), "《上海市住宅物业管理规定》第四十九条",
    )  # fmt: skip
    unit.refresh_from_db()
    assert (unit.handed_over_on, unit.state) == (date(2026, 9, 15), "vacant")


def test_refusal_needs_a_reason(manager: Client, unit: Unit) -> None:
    answer = manager.post(page(unit), {"on": "2026-09-15", "was_refused": "on"})
    assert (answer.status_code, HandOver.objects.exists()) == (422, False)
    assert "reason" in answer.context["form"].errors
    manager.post(page(unit), {"on": "2026-09-15", "was_refused": "on", "reason": "挂号信三次通知"})
    assert (HandOver.objects.get().was_refused, HandOver.objects.get().reason) == (True, "挂号信三次通知")


def test_page_of_the_unit_leads_to_its_acts(manager: Client, unit: Unit) -> None:
    shown = manager.get(reverse("admin:estates_unit_change", args=[unit.pk])).content.decode()
    for act in ("hand_over", "vacancy", "ask_change"):
        assert reverse(f"admin:estates_unit_{act}", args=[unit.pk]) in shown
    led = manager.get(reverse("admin:estates_unit_vacancy", args=[unit.pk]))
    assert led.url == f"{reverse('billing:apply_vacancy')}?unit={unit.pk}"  # type: ignore[attr-defined]
