"""Wishes to pay: which lines, how much, and one at a time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from payments.models import Intent, IntentState, MerchantAccount, PaymentPolicy
from payments.services.intents import NothingToPayError, WayNotOfferedError, create_intent
from tests.payments.world import NOW, World, make_world


def test_create_intent_holds_bills_of_several_units_and_periods(world: World) -> None:
    (october,) = world.bill(world.accounts[0], "100.00", due=NOW.date() - timedelta(days=30))
    (november, parking) = world.bill(world.accounts[1], "80.00", "20.50")
    intent = create_intent(
        wanted={october.pk: None, november.pk: Decimal("30.00"), parking.pk: None}, gateway="alipay", now=NOW
    )
    assert intent.amount == Decimal("150.50")
    assert intent.merchant == world.alipay
    assert intent.expires_at == NOW + timedelta(minutes=30)
    assert dict(intent.parts.values_list("line_id", "amount")) == {
        october.pk: Decimal("100.00"),
        november.pk: Decimal("30.00"),
        parking.pk: Decimal("20.50"),
    }


def test_create_intent_twice_for_the_same_wish_is_one(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    first = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
    assert create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW) == first
    assert Intent.objects.count() == 1


def test_create_intent_replaces_a_wish_that_was_never_sent(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    first = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
    second = create_intent(wanted={line.pk: Decimal("40.00")}, gateway="wechat", now=NOW)
    first.refresh_from_db()
    assert (first.state, second.state) == (IntentState.CLOSED, IntentState.CREATED)


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "100.01", "0.005"])
def test_create_intent_refuses_more_than_is_open_and_less_than_a_fen(world: World, amount: str) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    with pytest.raises(NothingToPayError):
        create_intent(wanted={line.pk: Decimal(amount)}, gateway="wechat", now=NOW)


def test_create_intent_of_nothing_or_of_a_line_nobody_knows_is_refused(world: World) -> None:
    for wanted in ({}, {987654321: None}):
        with pytest.raises(NothingToPayError):
            create_intent(wanted=wanted, gateway="wechat", now=NOW)


def test_create_intent_refuses_two_communities_at_once(world: World) -> None:
    other = make_world("other")
    (here,), (there,) = world.bill(world.accounts[0], "1.00"), other.bill(other.accounts[0], "1.00")
    with pytest.raises(NothingToPayError):
        create_intent(wanted={here.pk: None, there.pk: None}, gateway="wechat", now=NOW)


def test_create_intent_through_a_platform_the_community_does_not_use_is_refused(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    MerchantAccount.objects.filter(pk=world.alipay.pk).update(is_active=False)
    with pytest.raises(WayNotOfferedError):
        create_intent(wanted={line.pk: None}, gateway="alipay", now=NOW)


def test_create_intent_stays_open_as_long_as_the_policy_says(world: World) -> None:
    PaymentPolicy.objects.create(community=world.community, intent_minutes=120)
    (line,) = world.bill(world.accounts[0], "100.00")
    intent = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
    assert intent.expires_at == NOW + timedelta(hours=2)


def test_create_intent_that_fails_leaves_nothing_behind(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    with transaction.atomic():
        create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
        transaction.set_rollback(True)
    assert not Intent.objects.exists()
