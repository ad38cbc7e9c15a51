"""Several hands on one bill at the same moment, each with its red twin: the same race without the lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from billing.models import Allocation
from core.invariants import check_all
from payments.models import Channel, Intent, IntentPart, PrepaymentEntry, Receipt
from payments.services import numbering
from payments.services.booking import Incoming, book_receipt
from payments.services.cash_desk import take_cash
from payments.services.intents import create_intent, make_order_number
from payments.services.settlement import settle
from tests.payments.world import NOW, World, heard, make_world
from tests.races import all_at_once, no_locks
from users.models import User

ROUNDS = 50


@pytest.fixture
def town(transactional_db: None) -> World:
    return make_world("town")


# P-13: desk, WeChat Pay, Alipay and the bank on one bill -------------------------------------------


def four_channels(town: World, amount: str = "10.00") -> list[Callable[[], Receipt | None]]:
    """One bill, and four ways of paying all of it that start at the same moment."""
    (line,) = town.bill(town.accounts[0], amount)
    wechat = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
    alipay = make_rival(wechat, town)
    clerk, _ = User.objects.get_or_create(username="cashier", is_staff=True)
    transfer = Incoming(
        town.accounts[0].pk, Channel.TRANSFER, Decimal(amount), NOW, chosen={line.pk: Decimal(amount)}
    )
    return [
        lambda: settle(merchant=town.wechat, result=heard(wechat), now=NOW).receipt,
        lambda: settle(merchant=town.alipay, result=heard(alipay), now=NOW).receipt,
        lambda: take_cash(
            account=town.accounts[0],
            amount=Decimal(amount),
            channel=Channel.CASH,
            chosen={line.pk: Decimal(amount)},
            by=clerk,
            now=NOW,
        ),
        lambda: book_receipt(incoming=transfer, now=NOW),
    ]


def make_rival(intent: Intent, town: World) -> Intent:
    """An order for the same lines at the other platform, as an old page could still hold one."""
    rival: Intent = Intent.objects.create(
        community=town.community,
        merchant=town.alipay,
        number=make_order_number(NOW),
        amount=intent.amount,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
    )
    for line_id, amount in intent.parts.values_list("line_id", "amount"):
        IntentPart.objects.create(intent=rival, line_id=line_id, amount=amount)
    return rival


def test_four_channels_at_once_pay_a_bill_once_and_lose_nothing(town: World) -> None:
    for number in range(ROUNDS):
        receipts = all_at_once(*four_channels(town))
        assert all(isinstance(receipt, Receipt) for receipt in receipts), (number, receipts)
    assert town.open_amounts() == []
    assert Receipt.objects.count() == 4 * ROUNDS
    assert Allocation.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal("500.00")
    assert PrepaymentEntry.objects.balance() == Decimal("1500.00")
    assert check_all() == []


def test_four_channels_without_the_lock_refuse_money_that_was_captured(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: everybody sees the bill open; the guard of the lines then refuses all but one."""
    deeds = four_channels(town)
    with no_locks(monkeypatch, "payments.book.decided", count=4):
        results = all_at_once(*deeds)
    assert sum(isinstance(result, Receipt) for result in results) == 1
    assert Receipt.objects.count() == 1


# P-10: two presses of the same button --------------------------------------------------------------


def press_twice(town: World) -> list[Any]:
    (line,) = town.bill(town.accounts[0], "100.00")

    def press() -> Intent:
        return create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)

    return all_at_once(press, press)


def test_two_presses_at_once_make_one_intent(town: World) -> None:
    first, second = press_twice(town)
    assert first == second
    assert Intent.objects.count() == 1


def test_two_presses_without_the_lock_make_two(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_locks(monkeypatch, "payments.intent.looked"):
        press_twice(town)
    assert Intent.objects.count() == 2


# P-21: numbers without gap or repeat ----------------------------------------------------------------


def take_many(town: World, each: int) -> list[Any]:
    incoming = Incoming(town.accounts[0].pk, Channel.CASH, Decimal("0.01"), NOW)
    other = Incoming(town.accounts[2].pk, Channel.CASH, Decimal("0.01"), NOW)

    def take(money: Incoming) -> list[str]:
        return [book_receipt(incoming=money, now=NOW).number for _ in range(each)]

    return all_at_once(*[lambda m=money: take(m) for money in (incoming, other) * 4])


def test_eight_threads_take_numbers_without_gap_or_repeat(town: World) -> None:
    results = take_many(town, 20)
    numbers = sorted(number for result in results for number in result)
    assert numbers == [f"SJ2026-{number:06d}" for number in range(1, 161)]


READ_THEN_WRITE = """
    SELECT coalesce(max(last), 0) + %(count)s FROM payments_receiptseries
    WHERE company_id = %(company)s AND name = %(name)s
"""


@pytest.mark.broken_books("the twin keeps no series")
def test_numbers_read_before_they_are_written_repeat(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: look up the last number, then use the next one, without holding the series."""
    with monkeypatch.context() as patch:
        patch.setattr(numbering, "TAKE", READ_THEN_WRITE)
        results = take_many(town, 1)
    assert sum(isinstance(result, list) for result in results) == 1
    assert Receipt.objects.count() == 1
