"""The page that closes a month: look first, close after, and never around what stands against it."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from estates.models import Community
from ledger.models import ClosedPeriod
from tests.billing.factories import make_community
from tests.billing.services.test_corrections import NOW
from tests.staff import sign_in
from users.roles import Role

PAGE = reverse("ledger:closing")


@pytest.fixture
def finance(community: Community) -> Client:
    with time_machine.travel(NOW, tick=False):
        return sign_in(Role.FINANCE, community)


@time_machine.travel(NOW, tick=False)
def test_closing_looks_before_it_closes(finance: Client, community: Community) -> None:
    page = finance.get(PAGE, {"community": str(community.pk), "month": "2026-10"})
    assert page.context["can_close"]
    assert not ClosedPeriod.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_closing_closes_the_month(finance: Client, community: Community) -> None:
    answer = finance.post(PAGE, {"community": community.pk, "month": "2026-10"}, follow=True)
    assert answer.status_code == 200
    period = ClosedPeriod.objects.get()
    assert (f"{period.through}", period.community) == ("2026-10-31", community)


@time_machine.travel(NOW, tick=False)
def test_closing_a_month_that_is_not_over_is_refused(finance: Client, community: Community) -> None:
    page = finance.get(PAGE, {"community": str(community.pk), "month": "2026-11"})
    assert not page.context["can_close"]
    assert finance.post(PAGE, {"community": community.pk, "month": "2026-11"}).status_code == 422
    assert not ClosedPeriod.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_closing_next_door_is_refused(finance: Client) -> None:
    other = make_community("binhe")
    assert finance.post(PAGE, {"community": other.pk, "month": "2026-10"}).status_code == 422
    assert not ClosedPeriod.objects.exists()
