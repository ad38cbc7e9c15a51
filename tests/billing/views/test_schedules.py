"""When months are billed by themselves, on the desk of runs: the next day is shown, and it can be paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from billing.models import RunSchedule
from tests.billing.village import LONG_AGO, Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 4, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ahead(village: Village, november: None) -> RunSchedule:
    made: RunSchedule = RunSchedule.objects.create(
        community=village.community, start=LONG_AGO, bill_on_day=25, month_before=True, issues=True
    )
    return made


def rows(client: Client) -> list[tuple[str, str, str, bool]]:
    planned = client.get(reverse("billing:runs")).context["planned"]
    return [(row.rhythm, row.outcome, row.next_run, row.is_paused) for row in planned]


@pytest.mark.usefixtures("ahead")
def test_the_next_run_is_shown_paused_and_goes_on(manager: Client, village: Village) -> None:
    address = [village.community.code]
    assert rows(manager) == [
        ("day 25 of the month before", "issued without review", "Mon 23 Nov for November", False)
    ]
    manager.post(reverse("billing:pause_schedule", args=address))
    assert rows(manager)[0][2:] == ("", True)
    assert RunSchedule.objects.get(is_paused=True).start == date(2026, 11, 22)
    manager.post(reverse("billing:resume_schedule", args=address))
    assert rows(manager)[0][2:] == ("Mon 23 Nov for November", False)


@pytest.mark.usefixtures("ahead")
def test_a_cashier_sees_it_and_does_not_pause(village: Village) -> None:
    cashier = member(Role.CASHIER, village.community)
    page = cashier.get(reverse("billing:runs"))
    assert (len(page.context["planned"]), page.context["may_pause"]) == (1, False)
    assert cashier.post(reverse("billing:pause_schedule", args=[village.community.code])).status_code == 403


@pytest.mark.usefixtures("ahead")
def test_a_stranger_pauses_nothing(stranger: Client, village: Village) -> None:
    assert stranger.post(reverse("billing:pause_schedule", args=[village.community.code])).status_code == 404
    assert rows(stranger) == []
    assert not RunSchedule.objects.filter(is_paused=True).exists()
