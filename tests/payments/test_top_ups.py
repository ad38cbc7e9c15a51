"""Paying in without a bill: through the same platforms, under the cap, once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.models import ChargeAccount, Contract
from core.periods import Period
from estates.models import Community
from payments.models import Channel, Intent, PaymentPolicy, PrepaymentEntry, Receipt
from payments.selectors.prepayments import find_cap, find_room, list_purses
from payments.services.booking import Incoming, book_receipt
from payments.services.bulk import settle_in_bulk
from payments.services.intents import PaymentInProgressError
from payments.services.settlement import settle
from payments.services.top_ups import OddAmountError, OverCapError, TopUp, create_top_up
from tests.billing.factories import issue_bill
from tests.payments.test_bulk import record
from tests.payments.world import DUE, NOW, World, heard

DAY = date(2026, 11, 19)


def top_up(world: World, amount: str = "300.00", fee_item_id: int | None = None) -> Intent:
    wish = TopUp(world.accounts[0].pk, Decimal(amount), fee_item_id)
    return create_top_up(wish=wish, gateway="wechat", now=NOW)


def regular_bill(world: World, amount: str) -> None:
    issue_bill(world.accounts[0], {"property": amount}, period=Period.of_month(DUE), due_on=DUE)


def test_create_top_up_becomes_prepayment_and_pays_no_bill_by_itself(world: World) -> None:
    regular_bill(world, "100.00")
    receipt = settle(merchant=world.wechat, result=heard(top_up(world)), now=NOW).receipt
    assert receipt is not None
    assert (receipt.account, receipt.amount) == (world.accounts[0], Decimal("300.00"))
    assert PrepaymentEntry.objects.get().amount == Decimal("300.00")
    assert world.open_amounts() == [Decimal("100.00")]


def test_create_top_up_for_a_fee_item_stays_with_it(world: World) -> None:
    item = world.community.fee_items.get(code="parking")
    settle(merchant=world.wechat, result=heard(top_up(world, fee_item_id=item.pk)), now=NOW)
    assert [(purse.name, purse.amount) for purse in list_purses(world.accounts[0].pk)] == [
        ("parking", Decimal("300.00"))
    ]


def test_create_top_up_twice_is_one_order(world: World) -> None:
    assert top_up(world) == top_up(world)
    assert top_up(world, "200.00").amount == Decimal("200.00")
    assert [intent.state for intent in Intent.objects.order_by("pk")] == ["closed", "created"]


def test_create_top_up_waits_for_one_under_way(world: World) -> None:
    Intent.objects.filter(pk=top_up(world).pk).update(started_at=NOW, state="pending")
    with pytest.raises(PaymentInProgressError):
        top_up(world, "200.00")


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "0.001", "1000000.01"])
def test_create_top_up_refuses_odd_amounts(world: World, amount: str) -> None:
    with pytest.raises(OddAmountError):
        top_up(world, amount)


def test_create_top_up_refuses_a_fee_item_of_elsewhere(world: World) -> None:
    with pytest.raises(OddAmountError):
        top_up(world, fee_item_id=0)


@pytest.mark.parametrize(("amount", "is_over"), [("260.00", False), ("260.01", True)])
def test_create_top_up_keeps_to_the_cap(world: World, amount: str, is_over: bool) -> None:
    """Three months of 100 yuan; 40 are there already."""
    PaymentPolicy.objects.create(community=world.community, prepayment_cap_months=3)
    regular_bill(world, "100.00")
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("40.00"), NOW, chosen={})
    book_receipt(incoming=money, now=NOW)
    assert find_room(world.accounts[0], DAY) == Decimal("260.00")
    if is_over:
        with pytest.raises(OverCapError, match=r"260\.00"):
            top_up(world, amount)
    else:
        top_up(world, amount)


def test_find_room_without_a_cap_or_a_bill_is_open(world: World) -> None:
    regular_bill(world, "100.00")
    assert find_room(world.accounts[0], DAY) is None
    PaymentPolicy.objects.create(community=world.community, prepayment_cap_months=3)
    assert find_room(world.accounts[1], DAY) is None


def test_a_top_up_in_the_platforms_bill_is_booked_too(world: World) -> None:
    intent = top_up(world)
    Intent.objects.filter(pk=intent.pk).update(started_at=NOW, state="pending")
    row = record(intent.number, "300.00")
    for _ in range(2):
        settle_in_bulk(merchant=world.wechat, records=[row], now=NOW)
    assert Receipt.objects.get().intent == intent
    assert PrepaymentEntry.objects.balance() == Decimal("300.00")


@pytest.mark.parametrize(
    ("pack", "agreed", "contract_end", "months"),
    [
        ("", None, None, None),
        ("", 6, None, 6),
        ("zhengzhou", None, None, 12),  # 《郑州市物业管理条例》 art. 42
        ("zhengzhou", 6, None, 6),
        ("zhengzhou", 24, None, 12),
        ("zhengzhou", None, date(2027, 1, 1), 12),  # its rule does not ask for the contract
        ("hangzhou", None, None, 12),  # 《杭州市物业管理条例》 art. 55
        ("hangzhou", None, date(2027, 3, 1), 4),  # November to February
        ("hangzhou", 3, date(2027, 3, 1), 3),
        ("hangzhou", None, date(2026, 12, 1), 1),
        ("hangzhou", None, date(2029, 1, 1), 12),
        ("hangzhou", None, date(2026, 11, 1), 12),  # no contract on the day
    ],
)
def test_find_cap_is_the_narrower_of_setting_and_local_rule(
    world: World, pack: str, agreed: int | None, contract_end: date | None, months: int | None
) -> None:
    Community.objects.filter(pk=world.community.pk).update(city_pack=pack)
    PaymentPolicy.objects.create(community=world.community, prepayment_cap_months=agreed)
    Contract.objects.create(
        community=world.community, number="1", kind="early", price_basis="lump_sum",
        start=date(2024, 1, 1), end=contract_end,
    )  # fmt: skip
    account = ChargeAccount.objects.select_related("community").get(pk=world.accounts[0].pk)
    assert find_cap(account, DAY) == months
