"""The API of payments: who may, what once, and what is not found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from payments.models import Channel, Doubt, Intent, PaymentException, PrepaymentEntry, Receipt
from payments.services.booking import Incoming, book_receipt
from payments.services.doubts import open_doubt
from tests.payments.gateways.program import Sandbox
from tests.payments.world import NOW, World, make_world
from users.models import User
from users.roles import Role


def owner(world: World, account: int = 0) -> APIClient:
    payer = world.accounts[account].payer
    payer.phone = f"1380013800{account}"
    payer.save()
    return client_of(User.objects.create(username=payer.phone, phone=payer.phone))


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(client: APIClient, url: str, wish: dict[str, Any], key: str | None = "k1") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(url, wish, headers=headers)


def test_api_intents_pays_ones_own_bill_once_a_key(shop: World, sandbox: Sandbox) -> None:
    (line,) = shop.bill(shop.accounts[0], "309.45")
    client, wish = owner(shop), {"lines": [{"line": line.pk}], "gateway": "wechat"}

    first, second = (post(client, "/api/intents/", wish) for _ in range(2))

    assert (first.status_code, first.json()) == (201, second.json())
    assert (first.json()["amount"], first.json()["state"]) == ("309.45", "pending")
    number = first.json()["number"]
    sandbox.turn("pay", number=number, callback=False)
    assert client.post(f"/api/intents/{number}/query/").json()["state"] == "paid"
    assert client.get(f"/api/intents/{number}/").json()["state"] == "paid"
    assert client.get("/api/my/receipts/").json()["results"][0]["amount"] == "309.45"
    assert Intent.objects.count() == 1


def test_api_intents_refuses_another_wish_under_the_same_key(shop: World) -> None:
    (line,) = shop.bill(shop.accounts[0], "309.45")
    client, wish = owner(shop), {"lines": [{"line": line.pk}], "gateway": "wechat"}
    post(client, "/api/intents/", wish)
    other = post(client, "/api/intents/", {**wish, "gateway": "alipay"})
    assert (other.status_code, other.json()["code"]) == (422, "payments.idempotency_key_reused")
    keyless = post(client, "/api/intents/", wish, key=None)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "payments.idempotency_key_missing")


def test_api_intents_answers_in_progress_while_nobody_knows(shop: World, sandbox: Sandbox) -> None:
    (line,) = shop.bill(shop.accounts[0], "309.45")
    sandbox.turn("fault", operation="create", fault="drop")
    answer = post(owner(shop), "/api/intents/", {"lines": [{"line": line.pk}], "gateway": "wechat"})
    assert (answer.status_code, answer.json()["code"]) == (409, "payments.in_progress")


def test_api_intents_does_not_find_a_neighbours_line_or_order(shop: World) -> None:
    (mine,), (theirs,) = shop.bill(shop.accounts[0], "1.00"), shop.bill(shop.accounts[2], "1.00")
    client = owner(shop)
    wish = {"lines": [{"line": mine.pk}, {"line": theirs.pk}], "gateway": "wechat"}
    assert post(client, "/api/intents/", wish).status_code == 404
    neighbour = owner(shop, account=2)
    number = post(neighbour, "/api/intents/", {"lines": [{"line": theirs.pk}], "gateway": "wechat"}).json()[
        "number"
    ]
    assert client.get(f"/api/intents/{number}/").status_code == 404
    assert client.post(f"/api/intents/{number}/close/").status_code == 404
    assert neighbour.post(f"/api/intents/{number}/close/").json()["state"] == "closed"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "me/"])
def test_api_intents_sends_payers_nowhere_else(shop: World, path: str) -> None:
    (line,) = shop.bill(shop.accounts[0], "1.00")
    wish = {"lines": [{"line": line.pk}], "gateway": "wechat", "return_path": path}
    assert post(owner(shop), "/api/intents/", wish).status_code == 400


def test_api_desk_receipts_takes_cash_once(world: World) -> None:
    world.bill(world.accounts[0], "268.41", "291.36")
    wish = {"account": world.accounts[0].pk, "amount": "605.30", "channel": "cash", "tendered": "610.00"}
    client = client_of(world.hire(Role.CASHIER))
    first, second = (post(client, "/api/desk/receipts/", wish) for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert Receipt.objects.get().taken_by == "cashier-yunshan"
    assert PrepaymentEntry.objects.balance() == Decimal("45.53")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0.00"},
        {"amount": "-5.00"},
        {"amount": "5.001"},
        {"amount": "1000000.01"},
        {"channel": "wechat"},
        {"tendered": "1.00"},
        {"channel": "card", "tendered": "10.00"},
    ],
)
def test_api_desk_receipts_refuses_what_is_no_payment(world: World, changes: dict[str, str]) -> None:
    wish = {"account": world.accounts[0].pk, "amount": "5.00", "channel": "cash", **changes}
    assert post(client_of(world.hire(Role.CASHIER)), "/api/desk/receipts/", wish).status_code in (400, 422)
    assert not Receipt.objects.exists()


def test_api_of_another_community_is_not_found(world: World) -> None:
    stranger = client_of(make_world("other").hire(Role.CASHIER))
    wish = {"account": world.accounts[0].pk, "amount": "5.00", "channel": "cash"}
    assert post(stranger, "/api/desk/receipts/", wish).status_code == 404
    take(world, "5.00")
    assert stranger.get("/api/receipts/").json()["results"] == []


@pytest.mark.parametrize(
    ("role", "url", "method"),
    [
        (Role.ENGINEER, "/api/receipts/", "get"),
        (Role.ENGINEER, "/api/payment-exceptions/", "get"),
        (Role.FINANCE, "/api/desk/receipts/", "post"),
        (Role.CASHIER, "/api/payment-exceptions/1/outcome/", "post"),
        (Role.CASHIER, "/api/intents/", "post"),
    ],
)
def test_api_keeps_roles_apart(world: World, role: Role, url: str, method: str) -> None:
    assert getattr(client_of(world.hire(role)), method)(url).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_api_receipts_reads_a_list_in_four_queries(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        take(world, "1.00")
    client = client_of(world.hire(Role.FINANCE))
    with django_assert_num_queries(4):
        assert len(client.get("/api/receipts/").json()["results"]) == rows


def take(world: World, amount: str) -> Receipt:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW)
    return book_receipt(incoming=money, now=NOW)


def test_api_exceptions_books_found_money_as_prepayment_once(world: World) -> None:
    exception = open_doubt(
        merchant=world.wechat,
        kind=Doubt.UNKNOWN_ORDER,
        reference="4200001",
        heard=Decimal("50.00"),
        details={"transaction": "4200001", "paid_at": NOW.isoformat()},
        now=NOW,
    )
    client = client_of(world.hire(Role.FINANCE))
    assert len(client.get("/api/payment-exceptions/").json()["results"]) == 1
    url = f"/api/payment-exceptions/{exception.pk}/outcome/"
    wish = {"outcome": "It is unit 101's.", "account": world.accounts[0].pk}

    assert post(client, url, wish).json()["outcome"] == "It is unit 101's."
    assert post(client, url, wish).status_code == 200
    assert post(client, url, wish, key="k2").status_code == 409

    assert Receipt.objects.get().transaction_id == "4200001"
    assert PrepaymentEntry.objects.balance() == Decimal("50.00")
    assert PaymentException.objects.get().closed_by == "finance-yunshan"
    assert client.get("/api/payment-exceptions/").json()["results"] == []
