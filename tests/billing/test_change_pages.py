"""The pages of changes: asked for by one person, looked at and made by another, on paper for seller and buyer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from billing.models import UnitChange
from billing.selectors.hand_over import hand_over_sheet
from billing.services.run import bill_period
from billing.views.changes import tell_made
from core.periods import Period
from tests.billing.village import Village
from tests.core.workbooks import write_csv
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)
SALE = {
    "kind": "transfer", "unit_code": "8-301", "first_day": "2026-11-16", "name": "王五", "phone": "138 0013 8000",
    "prepayment": "go", "deposits": "refund", "reason": "买卖合同",
}  # fmt: skip


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("物业费"), "area", "2.35")
    village.unit("8-301", "89.57")
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="t")
    return village


@pytest.fixture
def cashier(village: Village) -> Client:
    return member(Role.CASHIER, village.community, "shouyin")


@pytest.fixture
def finance(village: Village) -> Client:
    return member(Role.FINANCE, village.community, "caiwu")


def test_transfer_asked_for_by_one_and_made_by_another(cashier: Client, finance: Client) -> None:
    answer = cashier.post(reverse("billing:ask_change"), SALE)
    change = UnitChange.objects.get()
    assert (answer.url, change.phone) == (reverse("billing:change", args=[change.pk]), "13800138000")  # type: ignore[attr-defined]
    page = cashier.get(reverse("billing:change", args=[change.pk]))
    assert (page.context["may_decide"], page.context["waits_for_another"]) == (False, True)
    assert finance.get(reverse("billing:change", args=[change.pk])).context["may_decide"]
    finance.post(reverse("billing:approve_change", args=[change.pk]))
    effects = finance.get(reverse("billing:change", args=[change.pk])).context["effects"]
    assert [str(row.amount) for row in effects.reductions] == ["105.24"]
    assert [str(bill.total) for bill in effects.bills] == ["105.24"]


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        ("0.00", "The change is made."),
        ("-118.68", "The change is made. Past bills changed by −118.68 yuan in all."),
    ],
)
def test_tell_made_speaks_of_bills_only_when_they_changed(difference: str, told: str) -> None:
    with translation.override("en"):
        assert tell_made(Decimal(difference)) == told


def test_statement_says_what_is_split_and_open(cashier: Client, finance: Client) -> None:
    cashier.post(reverse("billing:ask_change"), SALE)
    change = UnitChange.objects.get()
    address = reverse("billing:change_statement", args=[change.pk])
    assert finance.get(address).status_code == 404
    finance.post(reverse("billing:approve_change", args=[change.pk]))
    change.refresh_from_db()
    sheet = hand_over_sheet(change, NOW.date())
    assert (sheet.old_owner, sheet.new_owner, str(sheet.outstanding)) == ("张三 8-301", "王五", "105.25")
    assert [(str(line.whole), str(line.old), str(line.new)) for line in sheet.split] == [
        ("210.49", "105.25", "105.24")
    ]
    assert [(line.old_days, line.new_days) for line in sheet.split] == [(15, 15)]
    assert [str(amount) for amount in sheet.split_sums] == ["210.49", "105.25", "105.24"]
    assert finance.get(address)["content-type"] == "application/pdf"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"name": ""}, "name"),
        ({"last_day": "2026-12-01"}, "last_day"),
        ({"unit_code": "9-301"}, "unit_code"),
        ({"phone": "123"}, "phone"),
        ({"kind": "vacancy", "value": "1.5"}, "value"),
        ({"kind": "area", "value": ""}, "value"),
        ({"reason": ""}, "reason"),
    ],
)
def test_ask_refuses_what_cannot_be(cashier: Client, wish: dict[str, str], field: str) -> None:
    answer = cashier.post(reverse("billing:ask_change"), {**SALE, **wish})
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert not UnitChange.objects.exists()


def test_refused_change(cashier: Client, finance: Client) -> None:
    cashier.post(reverse("billing:ask_change"), SALE)
    change = UnitChange.objects.get()
    finance.post(reverse("billing:refuse_change", args=[change.pk]))
    assert UnitChange.objects.get().state == "refused"
    assert finance.get(reverse("billing:changes") + "?tab=decided").context["rows"][0] == change


def test_file_is_looked_at_and_then_asked_for(village: Village) -> None:
    manager = member(Role.MANAGER, village.community, "jingli")
    head = ["kind", "unit", "from", "to", "value", "name", "phone", "reason"]
    rows = [
        head,
        ["area", "8-301", "2026-11-01", "", "90", "", "", ""],
        ["area", "9-1", "2026-11-01", "", "9"],
    ]
    file = SimpleUploadedFile("变更.csv", write_csv(rows))
    answer = manager.post(
        reverse("billing:change_upload"), {"community": village.community.pk, "file": file}, follow=True
    )
    assert [str(row["difference"]) for row in answer.context["rows"]] == ["1.01"]
    assert [problem.code for problem in answer.context["problems"]] == ["no_such_unit"]
    assert not UnitChange.objects.exists()
    manager.post(answer.request["PATH_INFO"])
    assert [change.kind for change in UnitChange.objects.all()] == ["area"]
