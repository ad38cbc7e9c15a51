"""Runs that come round by themselves: on their day, ahead of their month, paused, and waiting for a reviewer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail

from billing.models import BillRun, RunSchedule
from billing.selectors.schedules import find_next_run_of, get_schedule
from billing.services.run.issuing import review_run
from billing.services.run.nightly import bill_due_runs
from billing.services.run.reminding import remind_reviewers
from billing.services.run.scheduling import pause_runs, resume_runs
from core.models import AuditRecord
from core.outbox import drain_outbox
from messaging.channels import switchboard
from tests.billing.village import LONG_AGO, Village
from tests.staff import hire
from users.roles import Role

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 30, 4, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    """A flat of 100 square metres at 3.00."""
    village = Village()
    village.unit("8-301", "100")
    village.tariff(village.fee("物业费"), "area", "3.00")
    return village


def plan(village: Village, **facts: Any) -> RunSchedule:
    made: RunSchedule = RunSchedule.objects.create(
        community=village.community, **{"start": LONG_AGO, "bill_on_day": 5, **facts}
    )
    return made


def runs() -> list[tuple[str, str]]:
    rows = BillRun.objects.order_by("period_start").values_list("period_start", "state")
    return [(f"{start:%Y-%m}", state) for start, state in rows]


def test_a_month_is_drafted_on_its_day_and_not_before(village: Village) -> None:
    plan(village)
    assert bill_due_runs(date(2026, 11, 4))["runs"] == 0
    assert bill_due_runs(date(2026, 11, 5)) == {"runs": 1, "bills_created": 1, "failed": []}
    assert bill_due_runs(date(2026, 11, 6))["runs"] == 0  # a complete draft waits for its reviewer
    assert runs() == [("2026-11", "draft")]


def test_a_month_is_billed_and_issued_in_the_month_before(village: Village) -> None:
    plan(village, bill_on_day=25, month_before=True, issues=True)
    bill_due_runs(date(2026, 11, 24))
    assert runs() == [("2026-11", "issued")]
    bill_due_runs(date(2026, 11, 25))
    assert runs() == [("2026-11", "issued"), ("2026-12", "issued")]
    december = BillRun.objects.get(period_start=date(2026, 12, 1))
    assert (december.booked_on, december.due_on) == (
        date(2026, 11, 25),
        date(2026, 12, 21),
    )  # the 20th is a Sunday


def test_with_issue_every_night_bills_who_came_late(village: Village) -> None:
    plan(village, issues=True)
    bill_due_runs(date(2026, 11, 5))
    village.unit("8-302", "50")
    assert bill_due_runs(date(2026, 11, 6))["bills_created"] == 1


def test_without_a_schedule_drafts_come_on_the_first(village: Village) -> None:
    bill_due_runs(date(2026, 11, 1))
    assert runs() == [("2026-11", "draft")]


def test_paused_nothing_comes_until_it_goes_on(village: Village) -> None:
    plan(village)
    pause_runs(community=village.community, day=date(2026, 11, 3), by="jingli")
    pause_runs(community=village.community, day=date(2026, 11, 4), by="jingli")
    assert find_next_run_of(village.community, date(2026, 11, 3)) is None
    bill_due_runs(date(2026, 11, 5))
    assert runs() == []
    resume_runs(community=village.community, day=date(2026, 11, 20), by="jingli")
    bill_due_runs(date(2026, 11, 20))
    assert runs() == [("2026-11", "draft")]
    versions = RunSchedule.objects.order_by("start").values_list("start", "bill_on_day", "is_paused")
    assert list(versions) == [
        (LONG_AGO, 5, False), (date(2026, 11, 3), 5, True), (date(2026, 11, 20), 5, False)
    ]  # fmt: skip
    deeds = AuditRecord.objects.order_by("pk").values_list("action", flat=True)
    assert [deed for deed in deeds if "runs" in deed] == ["billing.pause_runs", "billing.resume_runs"]


def test_paused_and_going_on_the_same_day_is_one_version(village: Village) -> None:
    day = date(2026, 11, 3)
    pause_runs(community=village.community, day=day, by="jingli")
    resume_runs(community=village.community, day=day, by="jingli")
    assert RunSchedule.objects.get().is_paused is False


def test_a_pause_holds_over_versions_to_come(village: Village) -> None:
    plan(village)
    plan(village, start=date(2026, 12, 1), bill_on_day=3)
    pause_runs(community=village.community, day=date(2026, 11, 3), by="jingli")
    assert get_schedule(village.community, date(2026, 12, 3)).is_paused


# Reviewers ----------------------------------------------------------------------------------------------


def remind(day: date) -> int:
    """Remind on a day, and return how many mails left."""
    mail.outbox.clear()
    remind_reviewers(day)
    drain_outbox(now=NOON)
    return len(mail.outbox)


@pytest.fixture
def by_mail(settings: Any) -> Iterator[None]:
    """Whoever has an address is written to by e-mail."""
    settings.MESSAGE_CHANNELS = ["email"]
    switchboard.list_channels.cache_clear()
    yield
    switchboard.list_channels.cache_clear()


@pytest.mark.usefixtures("by_mail")
def test_reviewers_are_reminded_until_one_has_looked(village: Village) -> None:
    plan(village, remind_after_days=2)
    hire(Role.FINANCE, village.community, "caiwu", email="caiwu@example.com", language="zh-hans")
    hire(Role.CASHIER, village.community, "shouyin", email="shouyin@example.com")
    hire(Role.MANAGER, village.community, "jingli")  # has no address
    hire(Role.MANAGER, Village("elsewhere").community, "other", email="other@example.com")
    bill_due_runs(date(2026, 11, 5))
    assert remind(date(2026, 11, 6)) == 0
    assert remind(date(2026, 11, 7)) == 1
    (letter,) = mail.outbox
    assert letter.to == ["caiwu@example.com"]
    assert letter.subject == "云杉苑：11月的账单等您复核"
    assert remind(date(2026, 11, 7)) == 0
    assert [remind(date(2026, 11, day)) for day in (8, 9)] == [0, 1]
    review_run(run=BillRun.objects.get(), by="caiwu")
    assert remind(date(2026, 11, 30)) == 0


@pytest.mark.usefixtures("by_mail")
def test_nobody_is_reminded_where_the_schedule_does_not_say_so(village: Village) -> None:
    plan(village, remind_after_days=None)
    hire(Role.FINANCE, village.community, "caiwu", email="caiwu@example.com")
    bill_due_runs(date(2026, 11, 5))
    assert remind(date(2026, 11, 30)) == 0
