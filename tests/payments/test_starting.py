"""Sending orders to a platform that may be silent, slow or refuse."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.failpoints import FailpointReached
from payments.gateways.interface import Scene
from payments.models import Intent, IntentState, Receipt
from payments.selectors.merchants import MerchantNotReadyError
from payments.services.intents import PaymentInProgressError, create_intent
from payments.services.queries import query_intent
from payments.services.starting import (
    OrderOverError,
    PayerPlace,
    PlatformRefusedError,
    give_up,
    start_payment,
)
from tests.payments.gateways.program import Sandbox
from tests.payments.world import World

DESKTOP = PayerPlace(Scene.QR, ip="203.0.113.7")


@pytest.fixture
def intent(shop: World) -> Intent:
    (line,) = shop.bill(shop.accounts[0], "309.45")
    return create_intent(wanted={line.pk: None}, gateway="wechat", now=timezone.now())


def test_start_payment_hands_out_what_the_platform_says(intent: Intent) -> None:
    started = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    assert not started.in_progress
    assert started.instruction["kind"] == "qr"
    assert started.instruction["code"]
    assert started.intent.state == IntentState.PENDING
    sent_at = started.intent.started_at
    assert sent_at
    assert started.intent.next_query_at == sent_at + timedelta(minutes=1)


def test_start_payment_again_calls_nobody_and_answers_in_progress(intent: Intent, sandbox: Sandbox) -> None:
    first = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    sandbox.turn("fault", operation="create", fault="fail")
    second = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    assert second.in_progress
    assert second.instruction == first.instruction


def test_start_payment_without_an_answer_is_unknown_and_charges_once(shop: World, sandbox: Sandbox) -> None:
    """P-10: the platform takes the order and the money, and says nothing."""
    (line,) = shop.bill(shop.accounts[0], "309.45")
    intent = create_intent(wanted={line.pk: None}, gateway="wechat", now=timezone.now())
    sandbox.turn("fault", operation="create", fault="drop")

    first = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    assert (first.intent.state, first.in_progress) == (IntentState.UNKNOWN, True)
    sandbox.turn("pay", number=intent.number, callback=False)

    again = create_intent(wanted={line.pk: None}, gateway="wechat", now=timezone.now())
    second = start_payment(intent_id=again.pk, place=DESKTOP, now=timezone.now())
    assert (second.intent.pk, second.in_progress) == (intent.pk, True)

    assert query_intent(intent_id=intent.pk, now=timezone.now()).state == IntentState.PAID
    assert Receipt.objects.get().amount == Decimal("309.45")
    assert shop.open_amounts() == []


def test_start_payment_that_certainly_failed_can_be_pressed_again(intent: Intent, shop: World) -> None:
    shop.wechat.merchant_id = "0000000000"
    shop.wechat.save()
    with pytest.raises(MerchantNotReadyError):
        start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    intent.refresh_from_db()
    assert (intent.state, intent.started_at) == (IntentState.CREATED, None)


def test_start_payment_of_a_platform_nobody_can_reach_moves_no_money(
    intent: Intent, shop: World, sandbox: Sandbox, settings: Any
) -> None:
    path = settings.MERCHANT_SECRETS / f"{shop.wechat.secret_name}.json"
    path.write_text(path.read_text().replace(sandbox.address, "http://127.0.0.1:9"))
    with pytest.raises(PlatformRefusedError):
        start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    intent.refresh_from_db()
    assert intent.state == IntentState.CREATED


def test_start_payment_after_its_time_is_refused(intent: Intent) -> None:
    with pytest.raises(OrderOverError):
        start_payment(intent_id=intent.pk, place=DESKTOP, now=intent.expires_at)


def test_give_up_lets_the_payer_choose_another_way(intent: Intent, shop: World) -> None:
    start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    line_id = intent.parts.get().line_id
    with pytest.raises(PaymentInProgressError):
        create_intent(wanted={line_id: None}, gateway="alipay", now=timezone.now())

    assert give_up(intent_id=intent.pk, now=timezone.now()).state == IntentState.CLOSED
    assert create_intent(wanted={line_id: None}, gateway="alipay", now=timezone.now()).state == "created"


def test_give_up_finds_that_the_money_was_faster(intent: Intent, sandbox: Sandbox) -> None:
    start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    sandbox.turn("pay", number=intent.number, callback=False)
    assert give_up(intent_id=intent.pk, now=timezone.now()).state == IntentState.PAID
    assert Receipt.objects.count() == 1


def test_give_up_of_an_order_that_was_never_sent_closes_it(intent: Intent) -> None:
    assert give_up(intent_id=intent.pk, now=timezone.now()).state == IntentState.CLOSED


def test_start_payment_that_died_before_sending_can_be_sent_again(
    intent: Intent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILPOINTS", "payments.start.claimed=raise")
    with pytest.raises(FailpointReached):
        start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    monkeypatch.delenv("FAILPOINTS")
    intent.refresh_from_db()
    assert intent.state == IntentState.UNKNOWN

    assert query_intent(intent_id=intent.pk, now=timezone.now()).state == IntentState.CREATED
    started = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    assert started.instruction["code"]


def test_start_payment_that_died_after_sending_brings_the_lost_instruction(
    intent: Intent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILPOINTS", "payments.start.sent=raise")
    with pytest.raises(FailpointReached):
        start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    monkeypatch.delenv("FAILPOINTS")

    assert query_intent(intent_id=intent.pk, now=timezone.now()).state == IntentState.PENDING
    started = start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now())
    assert (started.in_progress, started.intent.state) == (False, IntentState.PENDING)
    assert started.instruction["code"]
