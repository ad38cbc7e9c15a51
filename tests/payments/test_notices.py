"""Callbacks: stored raw, verified, applied once; forged ones change nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.failpoints import FailpointReached
from payments.models import (
    Doubt,
    GatewayNotice,
    Intent,
    IntentState,
    NoticeState,
    PaymentException,
    Receipt,
)
from payments.services.intents import create_intent
from payments.services.notices import apply_left_notices, receive_notice
from payments.services.settlement import settle
from tests.payments.conftest import merchant_of
from tests.payments.gateways.platforms import Platform, Vector
from tests.payments.gateways.vectors import forged_vectors, valid_vectors
from tests.payments.world import NOW, World, heard


@pytest.fixture(params=["wechat", "alipay"])
def intent(request: pytest.FixtureRequest, shop: World) -> Intent:
    (line,) = shop.bill(shop.accounts[0], "309.45")
    return create_intent(wanted={line.pk: None}, gateway=request.param, now=NOW)


def callback(platform: Platform, intent: Intent, **facts: Any) -> Vector:
    wanted: dict[str, Any] = {"number": intent.number, "amount": 30945, "sent_at": NOW}
    return platform.payment(intent.merchant.gateway, **wanted | facts)


def receive(intent: Intent, vector: Vector) -> int:
    answer = receive_notice(merchant=intent.merchant, headers=vector.headers, body=vector.body, now=NOW)
    return answer.status


def test_receive_notice_books_the_payment(intent: Intent, platform: Platform, shop: World) -> None:
    assert receive(intent, callback(platform, intent)) == 200
    intent.refresh_from_db()
    assert intent.state == IntentState.PAID
    assert (intent.receipt.amount, intent.receipt.channel) == (Decimal("309.45"), intent.merchant.gateway)
    notice = GatewayNotice.objects.get()
    assert (notice.state, notice.notice_id, notice.intent) == (NoticeState.APPLIED, "EV-0001", intent)


def test_receive_notice_marks_a_copy_and_answers_it_as_well(intent: Intent, platform: Platform) -> None:
    vector = callback(platform, intent)
    assert [receive(intent, vector) for _ in range(3)] == [200, 200, 200]
    assert Receipt.objects.count() == 1
    assert list(GatewayNotice.objects.order_by("pk").values_list("state", flat=True)) == [
        NoticeState.APPLIED,
        NoticeState.COPY,
        NoticeState.COPY,
    ]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"wechat": {"amount": {"total": 30946, "currency": "CNY"}}, "alipay": {"total_amount": "309.46"}},
         Doubt.WRONG_AMOUNT),
        ({"wechat": {"amount": {"total": 30945, "currency": "USD"}}, "alipay": {"trans_currency": "USD"}},
         Doubt.WRONG_CURRENCY),
        ({"wechat": {"out_trade_no": "NLother0001"}, "alipay": {"out_trade_no": "NLother0001"}},
         Doubt.UNKNOWN_ORDER),
    ],
    ids=["one fen more", "another currency", "another order"],
)  # fmt: skip
def test_receive_notice_with_a_genuine_signature_and_wrong_content_goes_on_the_desk(
    intent: Intent, platform: Platform, changes: dict[str, Any], kind: Doubt
) -> None:
    vector = callback(platform, intent, changes=changes[intent.merchant.gateway])
    assert receive(intent, vector) == 200
    intent.refresh_from_db()
    assert intent.state != IntentState.PAID
    assert not Receipt.objects.exists()
    assert PaymentException.objects.get().kind == kind
    assert GatewayNotice.objects.get().state == NoticeState.DOUBTED


def test_receive_notice_for_another_communitys_order_pays_nothing(intent: Intent, platform: Platform) -> None:
    gateway = intent.merchant.gateway
    second = platform.merchants(gateway)[1]
    assert receive(intent, callback(platform, intent, merchant=second)) == 400
    assert not Receipt.objects.exists()


def test_receive_notice_refuses_every_forgery(shop: World, platform: Platform) -> None:
    """P-14: 500 and more forged or altered callbacks of an open order; none is accepted, all are kept, all alarm."""
    (line,) = shop.bill(shop.accounts[0], "309.45")
    intent = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
    vectors = forged_vectors(platform, number=intent.number, amount=30945, now=NOW)
    answers = [
        receive_notice(
            merchant=merchant_of(shop, vector.gateway), headers=vector.headers, body=vector.body, now=NOW
        ).status
        for vector in vectors
    ]
    assert len(vectors) >= 500
    assert set(answers) == {400}
    assert GatewayNotice.objects.filter(state=NoticeState.REFUSED).count() == len(vectors)
    assert not Receipt.objects.exists()
    intent.refresh_from_db()
    assert intent.state == IntentState.CREATED
    alarms = PaymentException.objects.filter(kind=Doubt.FORGED).values_list("reference", "count")
    assert sum(count for _, count in alarms) == len(vectors)
    assert {reference for reference, _ in alarms} == {"2026-11-19"}


def test_receive_notice_accepts_every_genuine_one(shop: World, platform: Platform) -> None:
    """P-14: valid callbacks of both platforms, each for an order of ours, each becomes a receipt."""
    vectors = valid_vectors(platform, now=NOW, count=120)
    for vector in vectors:
        merchant = merchant_of(shop, vector.gateway)
        answer = receive_notice(merchant=merchant, headers=vector.headers, body=vector.body, now=NOW)
        assert answer.status == 200, vector.name
    assert not GatewayNotice.objects.filter(state=NoticeState.REFUSED).exists()


@pytest.mark.parametrize("at", ["stored", "verified", "settled", "applied"])
def test_receive_notice_that_dies_on_the_way_loses_nothing(
    intent: Intent, platform: Platform, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setenv("FAILPOINTS", f"payments.notice.{at}=raise")
    with pytest.raises(FailpointReached):
        receive(intent, callback(platform, intent))
    monkeypatch.delenv("FAILPOINTS")
    assert GatewayNotice.objects.count() == 1

    apply_left_notices(now=NOW + timedelta(minutes=2))

    assert Receipt.objects.count() == 1
    assert GatewayNotice.objects.get().state == NoticeState.APPLIED


def test_apply_left_notices_leaves_fresh_ones_to_their_process(
    intent: Intent, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILPOINTS", "payments.notice.stored=raise")
    with pytest.raises(FailpointReached):
        receive(intent, callback(platform, intent))
    assert apply_left_notices(now=NOW + timedelta(seconds=59)) == 0


def test_receive_notice_after_the_query_found_the_payment_changes_nothing(
    intent: Intent, platform: Platform
) -> None:
    vector = callback(platform, intent)
    gateway_says = heard(intent, transaction_id="T1")
    settle(merchant=intent.merchant, result=gateway_says, now=timezone.now())
    assert receive(intent, vector) == 200
    assert Receipt.objects.count() == 1
