"""The cash desk and the exceptions desk, as a clerk uses them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from billing.models import Allocation
from core import tokens
from core.models import AuditRecord
from payments.models import Channel, Doubt, PaymentException, PrepaymentEntry, Receipt, ReceiptPrint
from payments.selectors.desk import find_accounts
from payments.selectors.receipts import VERIFY, find_verified, list_bill_shares, receipt_sheet, verify_url
from payments.services.booking import Incoming, book_receipt
from payments.services.cash_desk import NotTakenError, take_cash
from payments.services.doubts import AlreadyClosedError, close_exception, open_doubt
from payments.services.printing import record_print
from tests.payments.world import NOW, World, make_world
from users.models import User
from users.roles import Role


@pytest.fixture
def cashier(world: World) -> User:
    return world.hire(Role.CASHIER)


@pytest.fixture
def desk(cashier: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(cashier)
    return client


def take_page(world: World) -> str:
    return f"/admin/desk/accounts/{world.accounts[0].pk}/"


def test_find_accounts_by_unit_name_phone_and_bill_number(world: World, cashier: User) -> None:
    world.bill(world.accounts[2], "1.00")
    payer = world.accounts[2].payer
    payer.phone = "13900139000"
    payer.save()
    number = world.accounts[2].bills.get().number
    for words in ("1-2-201", " 1-2-201 ", "李小明", "13900139000", number, f"{number[:4]} {number[4:]}"):
        assert find_accounts(cashier, words) == [world.accounts[2]], words
    assert find_accounts(cashier, "1-1") == world.accounts[:2]
    assert find_accounts(cashier, "") == []


def test_find_accounts_does_not_find_another_community(world: World) -> None:
    stranger = make_world("other").hire(Role.CASHIER)
    assert [account.community.code for account in find_accounts(stranger, "1-1-101")] == ["other"]


def test_desk_page_finds_who_is_standing_there(world: World, desk: Client) -> None:
    assert b"1-1-101" not in desk.get("/admin/desk/").content
    page = desk.get("/admin/desk/", {"q": "1-1-101"}).content.decode()
    assert take_page(world) in page
    assert "13800138000" not in page


def test_take_page_takes_what_was_ticked_once(world: World, desk: Client) -> None:
    first, second = world.bill(world.accounts[0], "100.00", "50.00")
    page = desk.get(take_page(world))
    wish = {
        "key": page.context["key"],
        "lines": [second.pk],
        "amount": "50.00",
        "channel": "cash",
        "tendered": "100",
    }

    answers = [desk.post(take_page(world), wish) for _ in range(2)]

    receipt = Receipt.objects.get()
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, f"/admin/desk/receipts/{receipt.pk}/")
    ] * 2
    assert (receipt.taken_by, receipt.was_chosen) == ("cashier-yunshan", True)
    assert world.open_amounts() == [Decimal("100.00")]
    shown = desk.get(answers[0]["Location"]).content.decode()
    assert receipt.number in shown
    assert "¥50.00" in shown
    assert receipt_lines(receipt) == [second.pk]
    assert first.pk not in receipt_lines(receipt)


def receipt_lines(receipt: Receipt) -> list[int]:
    return list(Allocation.objects.filter(source=receipt.source).values_list("line_id", flat=True))


def test_take_page_says_what_is_wrong(world: World, desk: Client) -> None:
    wish = {"key": "k", "amount": "50.00", "channel": "cash", "tendered": "20.00"}
    answer = desk.post(take_page(world), wish)
    assert answer.status_code == 422
    assert not Receipt.objects.exists()


def test_take_page_of_another_community_is_not_found(world: World, desk: Client) -> None:
    other = make_world("other")
    assert desk.get(take_page(other)).status_code == 404


@pytest.mark.parametrize(
    "wish",
    [
        {"amount": Decimal("0.00")},
        {"amount": Decimal("1.005")},
        {"channel": Channel.WECHAT},
        {"tendered": Decimal("9.99")},
        {"channel": Channel.CARD, "tendered": Decimal("10.00")},
        {"paid_at": NOW + timedelta(seconds=1)},
    ],
)
def test_take_cash_refuses_what_is_no_payment(world: World, cashier: User, wish: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"amount": Decimal("10.00"), "channel": Channel.CASH, **wish}
    with pytest.raises(NotTakenError):
        take_cash(account=world.accounts[0], by=cashier, now=NOW, **asked)


def test_take_cash_is_on_record_or_did_not_happen(
    world: World, cashier: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish: dict[str, Any] = {"amount": Decimal("10.00"), "channel": Channel.CASH, "by": cashier, "now": NOW}
    take_cash(account=world.accounts[0], **wish)
    record = AuditRecord.objects.get(action="payments.take_cash")
    assert (record.actor, record.after) == (
        "cashier-yunshan",
        {"number": "SJ2026-000001", "amount": "10.00", "channel": "cash"},
    )

    monkeypatch.setattr(AuditRecord, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_cash(account=world.accounts[0], **wish)
    assert Receipt.objects.count() == 1


def paid(world: World, amount: str = "605.30") -> Receipt:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW, tendered=Decimal("610.00"))
    return book_receipt(incoming=money, now=NOW)


def test_receipt_sheet_tells_bill_by_bill_what_was_open_and_what_is_left(world: World) -> None:
    world.bill(world.accounts[0], "268.41", due=NOW.date() - timedelta(days=30))
    world.bill(world.accounts[0], "400.00")
    earlier = paid(world, "8.41")
    receipt = paid(world, "300.00")
    assert [(s.open_before, s.allocated, s.open_after) for s in list_bill_shares(receipt)] == [
        (Decimal("260.00"), Decimal("260.00"), Decimal("0.00")),
        (Decimal("400.00"), Decimal("40.00"), Decimal("360.00")),
    ]
    assert list_bill_shares(earlier)[0].open_after == Decimal("260.00")


def test_receipt_sheet_tells_change_prepayment_and_order(world: World) -> None:
    world.bill(world.accounts[0], "268.41", "291.36")
    with translation.override("en"):
        sheet = receipt_sheet(paid(world), NOW.date())
    assert (sheet.amount, sheet.allocated) == (Decimal("605.30"), Decimal("559.77"))
    assert (sheet.prepaid_before, sheet.prepaid_after) == (Decimal("0.00"), Decimal("45.53"))
    assert sheet.method == "cash 610.00, change 4.70"
    assert "oldest bill first" in sheet.order


def test_record_print_counts_reprints(world: World, cashier: User) -> None:
    receipt = paid(world)
    assert [record_print(receipt=receipt, by=cashier, now=NOW) for _ in range(3)] == [0, 1, 2]
    assert list(ReceiptPrint.objects.order_by("copy").values_list("copy", flat=True)) == [0, 1, 2]


def test_verify_page_knows_our_paper_and_no_other(world: World, client: Client) -> None:
    receipt = paid(world)
    url = verify_url(receipt)
    token = url.rstrip("/").rpartition("/")[2]
    assert find_verified(token, timezone.now()) == receipt
    page = client.get(f"/r/{token}/").content.decode()
    assert receipt.number in page
    assert "605.30" in page
    assert world.accounts[0].payer.name not in page
    altered = client.get(f"/r/{token[:-1]}x/").content.decode()
    assert receipt.number not in altered
    other_purpose = tokens.sign("pay", receipt.pk)
    assert find_verified(other_purpose, timezone.now()) is None
    assert VERIFY == "receipt"


def test_exception_page_books_money_for_the_unit_that_was_found(world: World) -> None:
    exception = open_doubt(
        merchant=world.alipay,
        kind=Doubt.UNKNOWN_ORDER,
        reference="2026111922001",
        heard=Decimal("88.00"),
        details={"transaction": "2026111922001", "paid_at": NOW.isoformat()},
        now=NOW,
    )
    client = Client()
    client.force_login(world.hire(Role.FINANCE))
    url = f"/admin/desk/exceptions/{exception.pk}/"
    assert "2026111922001" in client.get(url).content.decode()
    assert client.post(url, {"unit": "9-9-999", "outcome": "?"}).status_code == 422

    assert client.post(url, {"unit": "1-1-101", "outcome": "The payer called."}).status_code == 302

    assert PrepaymentEntry.objects.get().account == world.accounts[0]
    exception.refresh_from_db()
    assert (exception.closed_by, exception.outcome) == ("finance-yunshan", "The payer called.")


def test_close_exception_twice_is_refused(world: World, cashier: User) -> None:
    exception = open_doubt(merchant=world.wechat, kind=Doubt.FORGED, reference="2026-11-19", now=NOW)
    close_exception(exception_id=exception.pk, outcome="Seen.", by=cashier, now=NOW)
    with pytest.raises(AlreadyClosedError):
        close_exception(exception_id=exception.pk, outcome="Again.", by=cashier, now=NOW)
    assert PaymentException.objects.get().outcome == "Seen."


@pytest.mark.parametrize(
    "page",
    [
        "receipt", "intent", "gatewaynotice", "paymentexception", "prepaymententry", "billfileread",
        "merchantaccount", "paymentpolicy",
    ],
)  # fmt: skip
def test_staff_lists_open(world: World, page: str) -> None:
    paid(world)
    open_doubt(merchant=world.wechat, kind=Doubt.FORGED, reference="2026-11-19", now=NOW)
    client = Client()
    client.force_login(world.hire(Role.COMPANY_ADMIN))
    assert client.get(f"/admin/payments/{page}/").status_code == 200
