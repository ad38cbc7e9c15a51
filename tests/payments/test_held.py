"""What an account has with us, at the desk and in its owner's hand."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.periods import Period
from payments.models import Channel, Deposit, Intent, PaymentPolicy, Payout
from payments.paper import name_taker
from payments.selectors.deposits import get_held
from payments.services.booking import Incoming, book_receipt
from tests.billing.factories import issue_bill
from tests.core.pdf import count_pages
from tests.payments.world import DUE, NOW, World
from tests.staff import member
from users.models import User
from users.roles import Role

PHONE = "13800000001"
DEPOSIT = {"kind": "renovation", "amount": "2000", "channel": "cash"}


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cashier(world: World) -> Client:
    return member(Role.CASHIER, world.community)


@pytest.fixture
def manager(world: World) -> Client:
    return member(Role.MANAGER, world.community)


@pytest.fixture
def owner(world: World) -> Client:
    payer = world.accounts[0].payer
    payer.phone = PHONE
    payer.save()
    client = Client(headers={"accept-language": "en"})
    user = User.objects.create(username=PHONE, phone=PHONE, language="en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, world: World) -> str:
    return reverse(f"payments:{name}", args=[world.accounts[0].pk])


def test_a_deposit_is_taken_printed_and_given_back(cashier: Client, manager: Client, world: World) -> None:
    cashier.post(at("take_deposit", world), DEPOSIT)
    deposit = Deposit.objects.get()
    paper = cashier.get(reverse("payments:deposit_pdf", args=[deposit.pk]))
    assert count_pages(paper.content) == 1
    wish = {"kind": "refund", "deposit": deposit.pk, "amount": "2000", "channel": "cash", "reason": "验收了"}
    cashier.post(at("ask_payout", world), wish)
    page = cashier.get(at("held", world))
    assert [row.held for row in page.context["deposits"]] == [Decimal("2000.00")]
    manager.post(reverse("payments:approve_payout", args=[Payout.objects.get().pk]))
    assert get_held(deposit.pk) == Decimal("0.00")


def test_fields_of_the_two_forms_have_ids_of_their_own(cashier: Client, world: World) -> None:
    page = cashier.get(at("held", world)).content.decode()
    ids = re.findall(r' id="((?:id|deposit)_\w+)"', page)
    assert {"deposit_amount", "id_amount"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_name_taker_is_nobody_where_a_deed_took_it(cashier: Client) -> None:
    assert (name_taker("opening:1"), name_taker("nobody-known")) == ("", "nobody-known")


def test_who_asked_does_not_decide(manager: Client, cashier: Client, world: World) -> None:
    cashier.post(at("take_deposit", world), DEPOSIT)
    deposit = Deposit.objects.get()
    wish = {"kind": "deduction", "deposit": deposit.pk, "amount": "50", "reason": "墙面损坏"}
    manager.post(at("ask_payout", world), wish)
    payout = Payout.objects.get()
    manager.post(reverse("payments:approve_payout", args=[payout.pk]))
    assert get_held(deposit.pk) == Decimal("2000.00")
    manager.post(reverse("payments:withdraw_payout", args=[payout.pk]))
    assert Payout.objects.get().state == "withdrawn"


@pytest.mark.parametrize("wrong", [{"amount": "0"}, {"kind": "cake"}, {"channel": "wechat"}])
def test_an_odd_deposit_comes_back(cashier: Client, world: World, wrong: dict[str, str]) -> None:
    assert cashier.post(at("take_deposit", world), DEPOSIT | wrong).status_code == 422
    assert not Deposit.objects.exists()


def test_more_than_is_held_comes_back(cashier: Client, world: World) -> None:
    wish = {"kind": "prepayment", "amount": "1", "channel": "cash", "reason": "搬走"}
    assert cashier.post(at("ask_payout", world), wish).status_code == 422


# The owner ----------------------------------------------------------------------------------------------


def pay_in(owner: Client, world: World, amount: str, account: int = 0) -> Any:
    wish = {"account": str(world.accounts[account].pk), "amount": amount, "method": "wechat"}
    return owner.post(reverse("portal:top-up"), wish)


def test_the_owner_reads_the_statement(owner: Client, world: World) -> None:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("150.00"), NOW, chosen={})
    book_receipt(incoming=money, now=NOW)
    page = owner.get(reverse("portal:prepayment")).context["page"]
    assert [(account.unit, account.balance) for account in page.accounts] == [
        ("Building 1, stair 1, 101", Decimal("150.00")),
        ("Building 1, stair 1, 102", Decimal("0.00")),
    ]


def test_the_owner_pays_in_through_a_wallet(shop: World, owner: Client) -> None:
    answer = pay_in(owner, shop, "300")
    intent = Intent.objects.get()
    assert (intent.account, intent.amount) == (shop.accounts[0], Decimal("300.00"))
    assert answer.url == reverse("portal:payment", args=[intent.number])
    page = owner.get(answer.url).context["page"]
    assert [(row.unit, row.period, row.amount) for row in page.rows] == [
        ("Building 1, stair 1, 101", None, Decimal("300.00"))
    ]


def test_the_owner_is_told_of_the_cap(owner: Client, world: World) -> None:
    PaymentPolicy.objects.create(community=world.community, prepayment_cap_months=3)
    issue_bill(world.accounts[0], {"property": "100.00"}, period=Period.of_month(DUE), due_on=DUE)
    answer = pay_in(owner, world, "300.01")
    assert answer.status_code == 409
    assert "At most 3 months of fees may be paid in ahead here: ¥300.00 more" in answer.content.decode()


@pytest.mark.parametrize("amount", ["", "abc", "-5", "NaN", "1e9"])
def test_odd_amounts_come_back(owner: Client, world: World, amount: str) -> None:
    assert pay_in(owner, world, amount).status_code == 422
    assert not Intent.objects.exists()


def test_a_neighbours_account_is_not_there(owner: Client, world: World) -> None:
    assert pay_in(owner, world, "5", account=2).status_code == 404
