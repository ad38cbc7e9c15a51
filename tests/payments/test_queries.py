"""Orders whose callback was lost: who asks, when, and what happens when nobody answers.

P-17's full size is 1,000 orders:

    NUANLIN_PROOF_ORDERS=1000 .venv/bin/python -m pytest tests/payments/test_queries.py -k every
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from core.failpoints import FailpointReached
from payments.domain.lifecycle import next_query_at
from payments.models import Doubt, Intent, IntentState, PaymentException, Receipt
from payments.services.doubts import close_exception
from payments.services.intents import create_intent
from payments.services.queries import query_due_intents, query_intent
from payments.services.starting import start_payment
from tests.payments.gateways.program import Sandbox
from tests.payments.test_starting import DESKTOP
from tests.payments.world import World
from users.models import User

ORDERS = int(os.environ.get("NUANLIN_PROOF_ORDERS", "60"))
STARTED = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)


@pytest.fixture(params=["wechat", "alipay"])
def pending(request: pytest.FixtureRequest, shop: World) -> Intent:
    """An order that was sent and then heard of no more."""
    (line,) = shop.bill(shop.accounts[0], "309.45")
    intent = create_intent(wanted={line.pk: None}, gateway=request.param, now=timezone.now())
    return start_payment(intent_id=intent.pk, place=DESKTOP, now=timezone.now()).intent


def sent_at(intent: Intent) -> datetime:
    """When the order went to the platform."""
    assert intent.started_at
    return intent.started_at


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        (0, timedelta(minutes=1)),
        (1, timedelta(minutes=5)),
        (2, timedelta(minutes=15)),
        (3, timedelta(hours=1)),
        (4, timedelta(hours=6)),
        (5, timedelta(days=1)),
        (6, timedelta(days=2)),
        (10, timedelta(days=6)),
    ],
)
def test_next_query_at_follows_the_schedule(asked: int, after: timedelta) -> None:
    assert next_query_at(STARTED, asked) == STARTED + after


def test_next_query_at_ends_after_five_daily_questions() -> None:
    assert next_query_at(STARTED, 11) is None


def test_query_due_intents_repairs_a_lost_callback(pending: Intent, sandbox: Sandbox) -> None:
    sandbox.turn("pay", number=pending.number, callback=False)
    assert query_due_intents(now=timezone.now()) == 0

    assert query_due_intents(now=timezone.now() + timedelta(minutes=2)) == 1

    pending.refresh_from_db()
    assert pending.state == IntentState.PAID
    assert Receipt.objects.count() == 1
    assert query_due_intents(now=timezone.now() + timedelta(days=1)) == 0


def test_query_due_intents_closes_an_order_nobody_paid(pending: Intent, sandbox: Sandbox) -> None:
    query_due_intents(now=pending.expires_at + timedelta(minutes=1))
    pending.refresh_from_db()
    assert pending.state == IntentState.CLOSED
    assert not Receipt.objects.exists()


def test_query_intent_without_an_answer_asks_again_later(pending: Intent, sandbox: Sandbox) -> None:
    sandbox.turn("fault", operation="query", fault="drop")
    now = timezone.now() + timedelta(minutes=2)
    assert query_due_intents(now=now) == 1
    pending.refresh_from_db()
    assert pending.state == IntentState.PENDING
    assert pending.next_query_at == sent_at(pending) + timedelta(minutes=5)


def test_query_intent_calls_a_person_after_a_day(pending: Intent, sandbox: Sandbox) -> None:
    sandbox.turn("fault", operation="query", fault="fail", times=2)
    query_intent(intent_id=pending.pk, now=sent_at(pending) + timedelta(hours=23))
    assert not PaymentException.objects.exists()

    query_intent(intent_id=pending.pk, now=sent_at(pending) + timedelta(hours=24))

    exception = PaymentException.objects.get()
    assert (exception.kind, exception.intent) == (Doubt.NO_ANSWER, pending)


def test_close_exception_lets_the_bill_be_paid_anew(pending: Intent, sandbox: Sandbox, shop: World) -> None:
    sandbox.turn("fault", operation="query", fault="fail")
    query_intent(intent_id=pending.pk, now=sent_at(pending) + timedelta(days=2))
    clerk = User.objects.create(username="finance")

    close_exception(
        exception_id=PaymentException.objects.get().pk,
        outcome="The platform's hotline: never paid.",
        by=clerk,
        now=timezone.now(),
    )

    line_id = pending.parts.get().line_id
    again = create_intent(wanted={line_id: None}, gateway="wechat", now=timezone.now())
    assert again.pk != pending.pk


def test_query_due_intents_repairs_every_order_when_all_callbacks_were_lost(
    shop: World, sandbox: Sandbox
) -> None:
    """P-17: all orders paid, no callback, one scan."""
    now = timezone.now()
    intents = []
    for _ in range(ORDERS):
        (line,) = shop.bill(shop.accounts[0], "10.00")
        intents.append(create_intent(wanted={line.pk: None}, gateway="wechat", now=now))
    past = [{"number": i.number, "amount": "10.00", "paid_at": now.isoformat()} for i in intents]
    sandbox.turn("history", platform="wechat", merchant_id=shop.wechat.merchant_id, orders=past)
    Intent.objects.update(state=IntentState.UNKNOWN, started_at=now, next_query_at=now)

    assert query_due_intents(now=now) == ORDERS

    assert Receipt.objects.count() == ORDERS
    assert set(Intent.objects.values_list("state", flat=True)) == {IntentState.PAID}


def test_query_due_intents_leaves_no_order_unknown_for_25_hours_without_a_person(
    shop: World, sandbox: Sandbox
) -> None:
    now = timezone.now()
    for _ in range(8):
        (line,) = shop.bill(shop.accounts[0], "10.00")
        create_intent(wanted={line.pk: None}, gateway="wechat", now=now)
    Intent.objects.update(state=IntentState.UNKNOWN, started_at=now, next_query_at=now + timedelta(minutes=1))
    sandbox.turn("fault", operation="query", fault="fail", times=8 * 6)

    asked = [query_due_intents(now=now + timedelta(hours=hours)) for hours in (0.1, 0.5, 2, 7, 24, 25)]

    assert sum(asked) == 8 * 6
    assert not Receipt.objects.exists()
    assert PaymentException.objects.filter(kind=Doubt.NO_ANSWER, closed_at=None).count() == 8


def test_query_intent_that_dies_with_the_answer_in_hand_asks_again(
    pending: Intent, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.turn("pay", number=pending.number, callback=False)
    monkeypatch.setenv("FAILPOINTS", "payments.query.answered=raise")
    with pytest.raises(FailpointReached):
        query_due_intents(now=sent_at(pending) + timedelta(minutes=1))
    monkeypatch.delenv("FAILPOINTS")

    assert query_due_intents(now=sent_at(pending) + timedelta(minutes=5)) == 1
    assert Receipt.objects.count() == 1
