"""A bill opened line by line and printed; lists that some may read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditRecord
from tests.billing.months import bill_month, bill_of
from tests.billing.village import Village
from tests.core.pdf import count_pages
from tests.staff import member
from users.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_bill_page_opens_every_line(manager: Client, village: Village) -> None:
    bill_month(village)
    bill = bill_of("8-301")
    page = manager.get(reverse("billing:bill", args=[bill.number])).content.decode()
    assert "89.56 × 2.35 = 210.466" in page
    assert "rounded half-up to the fen" in page
    assert bill.account.payer.name not in page


def test_altered_line_is_told_on_the_page(manager: Client, village: Village) -> None:
    bill_month(village)
    bill = bill_of("8-301")
    bill.lines.update(inputs={**bill.lines.get().inputs, "area": "1.0000"})
    page = manager.get(reverse("billing:bill", args=[bill.number])).content.decode()
    assert "Computed again, the line does not come to the billed amount." in page


def test_bill_is_printed_and_that_is_noted(manager: Client, village: Village) -> None:
    bill_month(village)
    bill = bill_of("8-301")
    answer = manager.get(reverse("billing:bill_pdf", args=[bill.number]))
    assert (answer.headers["Content-Type"], count_pages(answer.content)) == ("application/pdf", 1)
    page = manager.get(reverse("billing:bill", args=[bill.number]))
    assert [(row.what, row.state, row.detail) for row in page.context["delivered"]] == [
        ("On paper", "printed", "manager")
    ]


def test_building_is_printed_in_walking_order(manager: Client, village: Village) -> None:
    run = bill_month(village)
    building = village.buildings["8"].pk
    answer = manager.get(reverse("billing:print_building", args=[run.pk, building]))
    assert count_pages(answer.content) == 2
    record = AuditRecord.objects.get(action="billing.print_bills")
    assert record.after == {"bills": [bill_of("8-301").pk, bill_of("8-302").pk]}


def test_building_without_issued_bills_has_nothing_to_print(manager: Client, village: Village) -> None:
    run = bill_month(village, issue=False)
    assert manager.get(reverse("billing:print_building", args=[run.pk, 0])).status_code == 404


def test_other_peoples_bills_are_not_there(stranger: Client, village: Village) -> None:
    bill_month(village)
    number = bill_of("8-301").number
    for name in ("bill", "bill_pdf", "ask_correction"):
        assert stranger.get(reverse(f"billing:{name}", args=[number])).status_code == 404
    assert number not in stranger.get(reverse("admin:billing_bill_changelist")).content.decode()


def test_list_of_bills_takes_the_same_queries_for_one_and_three(manager: Client, village: Village) -> None:
    address, counts = reverse("admin:billing_bill_changelist"), []
    manager.get(address)
    for month in ("2026-09", "2026-10", "2026-11"):
        bill_month(village, month)
        with CaptureQueriesContext(connection) as queries:
            page = manager.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert page.content.decode().count("210.47") == 6  # total and outstanding of three bills


@pytest.mark.parametrize(
    "name",
    ["bill", "chargeaccount", "feeitem", "tariffversion", "poolresult", "runproblem"],
)
def test_lists_open_for_readers_and_not_for_others(village: Village, name: str) -> None:
    bill_month(village)
    address = reverse(f"admin:billing_{name}_changelist")
    assert member(Role.CASHIER, village.community).get(address).status_code == 200
    assert member(Role.ENGINEER, village.community).get(address).status_code == 403
