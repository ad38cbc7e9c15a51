"""The desk of corrections and its API: asked from a bill, decided by another person, read by the owner."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import Bill, ChargeAccount, CorrectionRequest, Waiver
from billing.selectors.outstanding import account_balance
from tests.billing.factories import issue_bill, make_account, make_community
from tests.staff import member
from users.models import User
from users.roles import Role

pytestmark = pytest.mark.usefixtures("media")

NOW = datetime(2026, 11, 9, 1, tzinfo=UTC)
PDF = SimpleUploadedFile("证明.pdf", b"%PDF-1.7 ...", "application/pdf")


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bill(account: ChargeAccount) -> Bill:
    return issue_bill(account, {"property": "240.00", "water": "89.00"})


@pytest.fixture
def cashier(bill: Bill) -> Client:
    return member(Role.CASHIER, bill.community)


@pytest.fixture
def manager(bill: Bill) -> Client:
    return member(Role.MANAGER, bill.community)


def line(bill: Bill) -> int:
    return bill.lines.get(fee_item__code="property").pk


def ask(client: Client, bill: Bill, amount: str = "40.00", **more: Any) -> Any:
    sent = {"kind": "waiver", "reason": "电梯停了 6 天", f"line-{line(bill)}": amount, **more}
    return client.post(reverse("billing:ask_correction", args=[bill.number]), sent)


def owed(bill: Bill) -> Decimal:
    return account_balance(bill.account_id).outstanding


def test_a_waiver_is_asked_for_and_approved_by_another(cashier: Client, manager: Client, bill: Bill) -> None:
    answer = ask(cashier, bill)
    request = CorrectionRequest.objects.get()
    page = manager.get(reverse("billing:request", args=[request.pk]))
    assert answer.url == reverse("billing:request", args=[request.pk])
    assert (page.context["outlook"].open_after, page.context["may_decide"]) == (Decimal("289.00"), True)
    manager.post(reverse("billing:approve_request", args=[request.pk]))
    assert owed(bill) == Decimal("289.00")


def test_who_asked_is_told_that_somebody_else_decides(manager: Client, bill: Bill) -> None:
    ask(manager, bill)
    request = CorrectionRequest.objects.get()
    page = manager.get(reverse("billing:request", args=[request.pk]))
    assert page.context["why_not"] == "You asked for this, so somebody else decides."
    manager.post(reverse("billing:approve_request", args=[request.pk]))
    assert owed(bill) == Decimal("329.00")


def test_a_cashier_does_not_decide(cashier: Client, bill: Bill) -> None:
    ask(member(Role.MANAGER, bill.community), bill)
    request = CorrectionRequest.objects.get()
    for step in ("approve_request", "refuse_request"):
        assert cashier.post(reverse(f"billing:{step}", args=[request.pk])).status_code == 403


def test_the_lists_hold_what_waits_and_what_is_mine(cashier: Client, manager: Client, bill: Bill) -> None:
    ask(cashier, bill)
    address = reverse("billing:requests")
    counts = [
        [len(client.get(address, {"tab": tab}).context["rows"]) for tab in ("waiting", "mine", "decided")]
        for client in (cashier, manager)
    ]
    assert counts == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("sent", [{"reason": ""}, {"kind": "void"}, {"kind": "no such kind"}])
def test_a_form_that_says_too_little_or_too_much_comes_back(
    cashier: Client, bill: Bill, sent: dict[str, str]
) -> None:
    assert ask(cashier, bill, **sent).status_code == 422
    assert not CorrectionRequest.objects.exists()


def test_more_than_the_line_asks_for_is_told_by_its_name(cashier: Client, bill: Bill) -> None:
    page = ask(cashier, bill, "240.01")
    assert page.status_code == 422
    assert "property: ¥240.01 is more than the ¥240.00 that are possible." in page.content.decode()


def test_a_proof_is_kept_and_handed_out_as_a_file(cashier: Client, bill: Bill) -> None:
    ask(cashier, bill, attachment=PDF)
    request = CorrectionRequest.objects.get()
    assert request.attachment_name == "证明.pdf"
    answer = cashier.get(reverse("billing:request_attachment", args=[request.pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert (answer.headers["Content-Type"], answer.content) == ("application/pdf", b"%PDF-1.7 ...")


@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", b"<html>"), ("a.html", b"%PDF-"), ("a.svg", b"<svg/>"), ("a", b"%PDF-")]
)
def test_a_file_that_is_not_what_it_says_is_refused(
    cashier: Client, bill: Bill, name: str, content: bytes
) -> None:
    assert ask(cashier, bill, attachment=SimpleUploadedFile(name, content)).status_code == 422
    assert not CorrectionRequest.objects.exists()


def test_the_owner_reads_the_reduction_with_its_reason(cashier: Client, manager: Client, bill: Bill) -> None:
    ask(cashier, bill)
    manager.post(reverse("billing:approve_request", args=[CorrectionRequest.objects.get().pk]))
    phone = "13800000001"
    bill.account.payer.phone = phone
    bill.account.payer.save()
    owner = Client(headers={"accept-language": "en"})
    user = User.objects.create(username=phone, phone=phone, language="en")
    owner.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = owner.get(reverse("portal:bill", args=[bill.number]))
    assert page.status_code == 200
    shown = page.context["page"]
    assert (shown.paid, shown.outstanding) == (Decimal("0.00"), Decimal("289.00"))
    assert "电梯停了 6 天" in page.content.decode()


# API ----------------------------------------------------------------------------------------------------


def send(client: Client, name: str, pk: int, **body: str) -> Any:
    return client.post(reverse(f"billing:{name}", args=[pk]), body, content_type="application/json")


def ask_api(client: Client, bill: Bill, amount: str = "40.00", **more: Any) -> Any:
    body = {
        "bill": bill.number,
        "kind": "waiver",
        "reason": "电梯停了 6 天",
        "parts": [{"line": line(bill), "amount": amount}],
        **more,
    }
    return client.post(reverse("billing:api_requests"), body, content_type="application/json")


def test_api_asks_and_approves(cashier: Client, manager: Client, bill: Bill) -> None:
    made = ask_api(cashier, bill).json()
    assert (made["state"], made["amount"], made["requested_by"]) == ("requested", "40.00", "cashier")
    done = send(manager, "api_approve_request", made["id"]).json()
    assert (done["state"], done["decided_by"], done["booked_on"]) == ("approved", "manager", "2026-11-09")
    assert Waiver.objects.get().amount == Decimal("40.00")


def test_api_tells_a_second_decision_that_it_is_too_late(
    cashier: Client, manager: Client, bill: Bill
) -> None:
    made = ask_api(cashier, bill).json()
    assert send(manager, "api_approve_request", made["id"]).status_code == 200
    again = send(manager, "api_approve_request", made["id"])
    assert (again.status_code, again.json()["code"]) == (409, "billing.request_decided")


def test_api_refuses_with_a_note_and_withdraws_without(cashier: Client, manager: Client, bill: Bill) -> None:
    first, second = (ask_api(cashier, bill).json()["id"] for _ in range(2))
    assert send(manager, "api_refuse_request", first).status_code == 422
    assert send(manager, "api_refuse_request", first, note="没有记录").json()["state"] == "refused"
    assert send(cashier, "api_withdraw_request", second).json()["state"] == "withdrawn"
    listed = cashier.get(reverse("billing:api_requests"), {"state": "refused"}).json()
    assert [row["id"] for row in listed["results"]] == [first]


def test_api_bills_and_requests_of_others_are_not_there(cashier: Client, bill: Bill) -> None:
    other = issue_bill(make_account(make_community("binhe"), "1-1-101"), {"property": "10.00"})
    assert ask_api(cashier, other).status_code == 404
    stranger = member(Role.MANAGER, other.community, "stranger")
    made = ask_api(cashier, bill).json()["id"]
    for name in ("api_request", "request"):
        assert stranger.get(reverse(f"billing:{name}", args=[made])).status_code == 404
    assert send(stranger, "api_approve_request", made).status_code == 404


def test_a_note_with_nul_is_refused_in_words(cashier: Client, manager: Client, bill: Bill) -> None:
    """No form looks at the note of a decision; the column takes no NUL, and nothing is decided."""
    ask(cashier, bill)
    asked = CorrectionRequest.objects.get()
    answer = manager.post(reverse("billing:refuse_request", args=[asked.pk]), {"note": "没有\x00记录"})
    assert answer.status_code == 422
    asked.refresh_from_db()
    assert asked.is_waiting
