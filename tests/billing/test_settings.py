"""One settings page a community: every app's section, saved one at a time, on record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import BillingPolicy, RunSchedule
from core.models import AuditRecord
from estates.models import VacancyPolicy
from messaging.models import ContactPolicy
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

BILLS = {
    "billing": "1",
    "billing-due_after_days": "21",
    "billing-rounding": "jiao",
    "billing-proration": "month",
}


@pytest.fixture
def village() -> Village:
    return Village()


@pytest.fixture
def admin(village: Village) -> Client:
    return member(Role.COMPANY_ADMIN, village.community)


def page_of(village: Village) -> str:
    return reverse("billing:community_settings", args=[village.community.code])


def test_settings_show_every_section(admin: Client, village: Village) -> None:
    page = admin.get(page_of(village))
    assert [section.name for section, _form in page.context["sections"]] == [
        "community",
        "company",
        "city_pack",
        "vacancy",
        "billing",
        "runs",
        "corrections",
        "late_fee",
        "payment",
        "tolerance",
        "contact",
        "reminders",
    ]


def test_settings_save_one_section_and_record_it(admin: Client, village: Village) -> None:
    answer: Any = admin.post(page_of(village), BILLS)
    assert answer.url == page_of(village)
    policy = BillingPolicy.objects.get()
    assert (policy.due_after_days, policy.rounding) == (21, "jiao")
    record = AuditRecord.objects.get(action="settings.billing")
    assert (record.before, record.after) == (
        {"due_after_days": 19, "rounding": "fen"},
        {"due_after_days": 21, "rounding": "jiao"},
    )


def test_settings_that_did_not_change_leave_no_record(admin: Client, village: Village) -> None:
    admin.post(page_of(village), BILLS)
    admin.post(page_of(village), BILLS)
    assert AuditRecord.objects.filter(action="settings.billing").count() == 1


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        ("07:59", "20:00", "Nothing leaves before 8:00"),
        ("08:00", "22:00", None),
        ("09:00", "22:01", "Nothing leaves after 22:00"),
        ("12:00", "12:00", "This must be later than the beginning."),
    ],
)
def test_no_setting_lifts_the_night(
    admin: Client, village: Village, opens: str, closes: str, told: str | None
) -> None:
    form = {"contact": "1", "contact-opens": opens, "contact-closes": closes}
    answer = admin.post(page_of(village), form | {"contact-per_day": "1", "contact-per_week": "3"})
    assert answer.status_code == (422 if told else 302)
    assert ContactPolicy.objects.exists() is (told is None)
    if told:
        assert told in answer.content.decode()


def test_bank_account_of_the_company(admin: Client, village: Village) -> None:
    form = {"company": "1", "company-name": village.company.name, "company-bank_account": "6222000011112222"}
    admin.post(page_of(village), form)
    village.company.refresh_from_db()
    assert village.company.bank_account == "6222000011112222"


def test_manager_reads_and_does_not_write(village: Village) -> None:
    manager = member(Role.MANAGER, village.community)
    page = manager.get(page_of(village))
    assert all(
        field.disabled for _section, form in page.context["sections"] for field in form.fields.values()
    )
    assert "Save this section" not in page.content.decode()
    assert manager.post(page_of(village), BILLS).status_code == 403
    assert not BillingPolicy.objects.exists()


def test_local_rules_are_told_and_not_asked_for(admin: Client, village: Village) -> None:
    page = admin.get(page_of(village))
    form = next(form for section, form in page.context["sections"] if section.name == "city_pack")
    assert list(form.fields) == ["city_pack"]
    assert "<dd>from the day of the hand-over<span" in page.content.decode()


def test_figures_stand_without_the_zeros_of_their_columns(admin: Client, village: Village) -> None:
    VacancyPolicy.objects.create(community=village.community, start=date(2026, 1, 1), share=Decimal("0.7"))
    page = admin.get(page_of(village)).content.decode()
    assert 'name="vacancy-share" value="0.7"' in page


def test_settings_of_others_are_not_there(village: Village) -> None:
    stranger = member(Role.COMPANY_ADMIN, Village("elsewhere").community)
    assert stranger.get(page_of(village)).status_code == 404
    assert stranger.post(page_of(village), BILLS).status_code == 404


def test_only_community_is_opened_at_once(admin: Client, village: Village) -> None:
    answer: Any = admin.get(reverse("billing:settings"))
    assert answer.url == page_of(village)


def schedule(start: str, day: str, **more: str) -> dict[str, str]:
    return {"runs": "1", "runs-start": start, "runs-bill_on_day": day, **more}


def test_a_schedule_of_another_day_is_another_version(admin: Client, village: Village) -> None:
    admin.post(page_of(village), schedule("2026-12-01", "5"))
    admin.post(page_of(village), schedule("2027-01-01", "25", **{"runs-month_before": "on"}))
    admin.post(page_of(village), schedule("2027-01-01", "26", **{"runs-month_before": "on"}))
    versions = RunSchedule.objects.order_by("start").values_list("start", "bill_on_day", "month_before")
    assert list(versions) == [(date(2026, 12, 1), 5, False), (date(2027, 1, 1), 26, True)]


@pytest.mark.parametrize("day", ["0", "29"])
def test_a_schedule_needs_a_day_every_month_has(admin: Client, village: Village, day: str) -> None:
    assert admin.post(page_of(village), schedule("2026-12-01", day)).status_code == 422
    assert not RunSchedule.objects.exists()
