"""The API of what accounts have with us: taken once a key, given back by two people, of nobody else's account."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from payments.models import Channel, Deposit, Payout
from payments.services.booking import Incoming, book_receipt
from tests.payments.api.test_money import client_of, post
from tests.payments.world import NOW, World, make_world
from users.roles import Role


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cashier(world: World) -> APIClient:
    return client_of(world.hire(Role.CASHIER))


@pytest.fixture
def finance(world: World) -> APIClient:
    return client_of(world.hire(Role.FINANCE))


@pytest.fixture
def stranger(db: None) -> APIClient:
    return client_of(make_world("other").hire(Role.CASHIER))


def take(client: APIClient, world: World, key: str = "k1", **changes: Any) -> Any:
    wish = {
        "account": world.accounts[0].pk,
        "kind": "renovation",
        "amount": "2000.00",
        "channel": "cash",
        **changes,
    }
    return post(client, "/api/desk/deposits/", wish, key=key)


def ask(client: APIClient, world: World, deposit: int | None, key: str = "p1", **changes: Any) -> Any:
    wish = {
        "account": world.accounts[0].pk,
        "kind": "refund",
        "amount": "150.00",
        "channel": "cash",
        "reason": "验收",
    }
    named = {"deposit": deposit} if deposit else {}
    return post(client, "/api/payouts/", {**wish, **named, **changes}, key=key)


def test_a_deposit_is_taken_once_and_given_back_by_two(
    cashier: APIClient, finance: APIClient, world: World
) -> None:
    first, second = take(cashier, world), take(cashier, world)
    assert (first.status_code, first.json()) == (201, second.json())
    payout = ask(cashier, world, first.json()["id"])
    assert (payout.status_code, payout.json()["state"]) == (201, "requested")
    url = f"/api/payouts/{payout.json()['id']}/"
    assert client_of(world.hire(Role.ENGINEER)).post(f"{url}approve/").status_code == 403
    done = finance.post(f"{url}approve/", {}).json()
    assert (done["state"], done["booked_on"], done["decided_by"]) == (
        "approved",
        "2026-11-19",
        "finance-yunshan",
    )
    assert finance.post(f"{url}approve/", {}).status_code == 409
    (left,) = cashier.get("/api/deposits/").json()["results"]
    assert (left["amount"], left["held"]) == ("2000.00", "1850.00")


def test_who_asked_does_not_decide_but_takes_back(
    finance: APIClient, cashier: APIClient, world: World
) -> None:
    payout = ask(finance, world, take(cashier, world).json()["id"]).json()["id"]
    own = finance.post(f"/api/payouts/{payout}/approve/", {})
    assert (own.status_code, own.json()["code"]) == (422, "billing.same_person")
    assert finance.post(f"/api/payouts/{payout}/withdraw/", {}).json()["state"] == "withdrawn"


def test_a_payout_is_refused_with_a_note(cashier: APIClient, finance: APIClient, world: World) -> None:
    payout = ask(cashier, world, take(cashier, world).json()["id"]).json()["id"]
    assert finance.post(f"/api/payouts/{payout}/refuse/", {}).status_code == 422
    assert finance.post(f"/api/payouts/{payout}/refuse/", {"note": "还没验收"}).json()["note"] == "还没验收"


def test_a_deduction_keeps_money_and_names_no_channel(cashier: APIClient, world: World) -> None:
    deposit = take(cashier, world).json()["id"]
    kept = ask(cashier, world, deposit, kind="deduction", amount="50.00")
    assert (kept.status_code, kept.json()["code"]) == (422, "payments.odd_payout")
    assert not Payout.objects.exists()


@pytest.mark.parametrize("wrong", [{"amount": "0.00"}, {"kind": "cake"}, {"channel": "wechat"}])
def test_an_odd_deposit_is_refused(cashier: APIClient, world: World, wrong: dict[str, str]) -> None:
    assert take(cashier, world, **wrong).status_code == 400
    assert not Deposit.objects.exists()


def test_a_deposit_of_another_account_is_not_found(cashier: APIClient, world: World) -> None:
    deposit = take(cashier, world, account=world.accounts[2].pk).json()["id"]
    answer = ask(cashier, world, deposit)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (400, "deposit")


def test_prepayment_of_an_account(cashier: APIClient, world: World) -> None:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("150.00"), NOW)
    book_receipt(incoming=money, now=NOW)
    account = world.accounts[0].pk
    assert cashier.get(f"/api/accounts/{account}/prepayment/").json() == {
        "account": account,
        "balance": "150.00",
        "purses": [{"fee_item": None, "name": "", "amount": "150.00"}],
        "room": None,
    }


def test_a_stranger_finds_nothing_and_changes_nothing(
    cashier: APIClient, stranger: APIClient, world: World
) -> None:
    deposit = take(cashier, world).json()["id"]
    payout = ask(cashier, world, deposit).json()["id"]
    for name in ("deposits", "payouts"):
        assert stranger.get(f"/api/{name}/").json()["results"] == []
    account = world.accounts[0].pk
    for answer in (
        take(stranger, world, key="k2"),
        ask(stranger, world, deposit, key="p2"),
        stranger.get(f"/api/payouts/{payout}/"),
        stranger.post(f"/api/payouts/{payout}/withdraw/", {}),
        stranger.get(f"/api/accounts/{account}/prepayment/"),
    ):
        assert answer.status_code == 404
    boss = client_of(make_world("third").hire(Role.FINANCE))
    for deed in ("approve", "refuse"):
        assert boss.post(f"/api/payouts/{payout}/{deed}/", {"note": "不"}).status_code == 404
    assert Payout.objects.get().state == "requested"
