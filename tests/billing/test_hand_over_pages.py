"""The hand-over of a unit, written down from its page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import UnitChange
from billing.services.run import bill_period
from estates.models import HandOver, Person, Unit
from tests.billing.factories import NOVEMBER, make_account, make_community, make_fee_item
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


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
    return reverse("billing:hand_over", args=[unit.pk])


def test_hand_over_says_from_when_the_owner_pays(manager: Client, unit: Unit) -> None:
    assert manager.get(page(unit)).context["pays_from"] is None
    assert manager.post(page(unit), {"on": "2026-09-15"}).status_code == 302
    shown = manager.get(page(unit)).context
    assert (shown["pays_from"], shown["rule"].article) == (
        date(2026, 10, 1), "《上海市住宅物业管理规定》第四十九条",
    )  # fmt: skip
    unit.refresh_from_db()
    assert (unit.handed_over_on, unit.state) == (date(2026, 9, 15), "vacant")


def test_hand_over_into_billed_days_leads_to_the_second_person(manager: Client, unit: Unit) -> None:
    """The clerk is led to the change, which says what it would do; the page says that one waits.

    100.24 ㎡ × 2.10 = 210.50 for November. In Shanghai a hand-over on 15 October is paid from 1 November: all of it.
    """
    unit.community.developer = Person.objects.create(company=unit.community.company, name="云杉置业")
    unit.community.save()
    make_fee_item(unit.community, "property").versions.create(
        method="area", price=Decimal("2.10"), start=date(2026, 1, 1)
    )
    bill_period(community=unit.community, period=NOVEMBER, now=NOW, by="t")
    led = manager.post(page(unit), {"on": "2026-10-15"}, follow=True)
    change = UnitChange.objects.get()
    assert led.redirect_chain == [(reverse("billing:change", args=[change.pk]), 302)]
    assert [str(row.amount) for row in led.context["expected"]] == ["-210.50", "210.50"]
    assert manager.get(page(unit)).context["waiting"] == change
    again = manager.post(page(unit), {"on": "2026-10-16"}, follow=True)
    assert "waits for a second person already" in again.content.decode()
    assert not HandOver.objects.exists()


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
