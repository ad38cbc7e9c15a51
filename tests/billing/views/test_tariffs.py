"""Tariffs by file and typed in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import FeeItem, TariffVersion
from core.models import AuditRecord
from tests.billing.village import Village

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

HEAD = "code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding"


def upload(client: Client, village: Village, text: str) -> Any:
    file = SimpleUploadedFile("收费标准.csv", f"{HEAD}\n{text}".encode())
    return client.post(reverse("billing:tariff_upload"), {"community": village.community.pk, "file": file})


def test_tariff_file_is_looked_at_and_then_taken_in(manager: Client, village: Village) -> None:
    sent = upload(
        manager,
        village,
        "parking,车位费,month,advance,fixed,80,kind:车位,2026-01-01,,\nwater,水费,month,arrears,meter,3.45,*,2026-01-01,,",
    )
    preview = manager.get(sent.url)
    assert [version["name"] for version in preview.context["versions"]] == ["车位费"]
    assert [problem.code for problem in preview.context["problems"]] == ["meter_notation"]
    assert not FeeItem.objects.filter(code="parking").exists()
    manager.post(sent.url)
    assert FeeItem.objects.filter(code="parking").exists()
    assert manager.get(sent.url).status_code == 404


def test_tariff_file_that_is_none_is_refused_in_words(manager: Client, village: Village) -> None:
    answer: Any = manager.post(
        reverse("billing:tariff_upload"),
        {"community": village.community.pk, "file": SimpleUploadedFile("t.csv", b"a,b\n1,2\n")},
    )
    assert answer.status_code == 422
    assert "No sheet of the file holds a table of tariffs" in answer.content.decode()


def version_form(item: FeeItem, **changes: object) -> dict[str, object]:
    fields = {
        "fee_item": item.pk,
        "applies_to": "*",
        "method": "area",
        "price_text": "2.60",
        "rounding": "fen",
        "start": "2026-12-01",
        "last_day": "",
    }
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "The days overlap with the tariff in force from 2020-01-01"),
        ({"applies_to": "building:9"}, "There is no building “9” in the register."),
        ({"method": "meter"}, "“2.60” should name the meter and the price, like water;3.45."),
        ({"applies_to": "unit:8-301", "last_day": "2026-11-30"}, "lies before the first day"),
    ],
)
def test_typed_tariff_is_judged_like_a_file(
    manager: Client, village: Village, changes: dict[str, object], told: str
) -> None:
    form = version_form(FeeItem.objects.get(), **changes)
    page = manager.post(reverse("admin:billing_tariffversion_add"), form).content.decode()
    assert told in page
    assert TariffVersion.objects.count() == 1


def test_typed_tariff_is_kept_and_audited(manager: Client, village: Village) -> None:
    form = version_form(FeeItem.objects.get(), applies_to="kind:shop", last_day="2026-12-31")
    answer: Any = manager.post(reverse("admin:billing_tariffversion_add"), form)
    version = TariffVersion.objects.get(applies_to="kind:shop")
    assert answer.status_code == 302
    assert (str(version.price), version.end) == ("2.600000", date(2027, 1, 1))
    assert AuditRecord.objects.filter(action="billing.keep_tariff_version").count() == 1


def test_fee_item_keeps_its_cycle_and_changes_its_rank(manager: Client, village: Village) -> None:
    item = FeeItem.objects.get()
    form = {"name": "物业服务费", "rank": "5", "tax_rate": "0.06", "tax_code": "", "cycle": "year"}
    manager.post(reverse("admin:billing_feeitem_change", args=[item.pk]), form | {
        "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0",
        "posting_profiles-TOTAL_FORMS": "0", "posting_profiles-INITIAL_FORMS": "0",
    })  # fmt: skip
    item.refresh_from_db()
    assert (item.name, item.rank, str(item.tax_rate), item.cycle) == ("物业服务费", 5, "0.0600", "month")
