"""Callbacks of both platforms: every genuine one is read, no forged one is (P-14, P-15)."""

from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from payments.gateways.interface import BEIJING, ForgedNotice, GatewayError, PaymentState, RefundState
from payments.gateways.sandbox.keys import WECHAT
from payments.gateways.sandbox.notices import alipay_post, wechat_post
from tests.payments.gateways.program import Sandbox
from tests.payments.gateways.vectors import Platform, Vector, forged_vectors, valid_vectors

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


def refusal_of(sandbox: Sandbox, vector: Vector) -> str | None:
    """Return why the product refuses a callback, None when it does not."""
    try:
        sandbox.gateway(vector.gateway).read_notice(vector.headers, vector.body, NOW)
    except ForgedNotice as forged:
        return forged.reason
    return None


def test_read_notice_refuses_every_forgery(sandbox: Sandbox, platform: Platform) -> None:
    vectors = forged_vectors(platform, number="N0000001", amount=30945, now=NOW)
    assert len(vectors) >= 500
    reasons = {vector.name: refusal_of(sandbox, vector) for vector in vectors}
    assert [name for name, reason in reasons.items() if reason is None] == []
    assert set(reasons.values()) == {"header", "stamp", "signature", "content", "merchant"}


def test_forgeries_would_fool_the_bare_sdks(sandbox: Sandbox, platform: Platform) -> None:
    """The vectors have teeth: without our own checks the SDKs believe dozens of them."""
    fooled = [
        vector.name
        for vector in forged_vectors(platform, number="N0000001", amount=30945, now=NOW)
        if sdk_believes(sandbox, vector)
    ]
    assert len(fooled) >= 30
    assert "wechat signed -86400 s from now" in fooled
    assert "wechat Signature: stray character" in fooled
    assert "alipay total_amount hidden in subject" in fooled


def sdk_believes(sandbox: Sandbox, vector: Vector) -> bool:
    """Say whether the SDK alone accepts a callback."""
    sdk = sandbox.gateway(vector.gateway).client.sdk  # type: ignore[attr-defined]
    try:
        if vector.gateway == "wechat":
            return bool(sdk.callback(vector.headers, vector.body))
        fields = dict(parse_qsl(vector.body.decode(), keep_blank_values=True))
        return bool(sdk.verify(fields, fields.pop("sign")))
    except Exception:  # noqa: BLE001 - the SDKs raise whatever a hostile body provokes
        return False


def test_read_notice_accepts_every_genuine_callback(sandbox: Sandbox, platform: Platform) -> None:
    vectors = valid_vectors(platform, now=NOW, count=120)
    assert [(vector.name, refusal) for vector in vectors if (refusal := refusal_of(sandbox, vector))] == []


@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
def test_read_notice_shows_what_the_order_must_be_compared_with(
    sandbox: Sandbox, platform: Platform, gateway: str
) -> None:
    vector = platform.payment(gateway, number="N0000001", amount=30945, sent_at=NOW, notice_id="EV-77")
    notice = sandbox.gateway(gateway).read_notice(vector.headers, vector.body, NOW)
    payment, config = notice.payment, sandbox.config(gateway)
    assert (notice.notice_id, notice.refund) == ("EV-77", None)
    assert (payment.order_number, payment.state) == ("N0000001", PaymentState.SUCCESS)
    assert (payment.amount, payment.currency) == (Decimal("309.45"), "CNY")
    assert (payment.merchant_id, payment.app_id) == (config.merchant_id, config.app_id)
    assert payment.paid_at == NOW - timedelta(seconds=5)
    assert "13911112222" not in payment.payer_account


@pytest.mark.parametrize(
    ("gateway", "changes"),
    [
        ("wechat", {"amount": {"total": 30946, "currency": "CNY"}}),
        ("wechat", {"amount": {"total": 30945, "currency": "USD"}}),
        ("wechat", {"out_trade_no": "N0000002"}),
        ("alipay", {"total_amount": "309.46"}),
        ("alipay", {"trans_currency": "USD"}),
        ("alipay", {"out_trade_no": "N0000002"}),
    ],
)
def test_read_notice_leaves_a_signed_difference_to_be_found(
    sandbox: Sandbox, platform: Platform, gateway: str, changes: dict[str, object]
) -> None:
    vector = platform.payment(gateway, number="N0000001", amount=30945, sent_at=NOW, changes=changes)
    payment = sandbox.gateway(gateway).read_notice(vector.headers, vector.body, NOW).payment
    assert (payment.order_number, payment.amount, payment.currency) != ("N0000001", Decimal("309.45"), "CNY")


@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
def test_read_notice_of_a_refund_names_it(sandbox: Sandbox, platform: Platform, gateway: str) -> None:
    vector = platform.payment(gateway, number="N0000001", amount=30945, sent_at=NOW, refunded=945)
    notice = sandbox.gateway(gateway).read_notice(vector.headers, vector.body, NOW)
    assert notice.refund
    assert (notice.refund.number, notice.refund.state) == ("RN0000001", RefundState.SUCCESS)
    assert (notice.payment.state, notice.payment.amount) == (PaymentState.REFUNDED, Decimal("309.45"))


@pytest.mark.parametrize(("seconds", "refused"), [(299, False), (300, False), (301, True)])
@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
@pytest.mark.parametrize("sign", [1, -1])
def test_read_notice_keeps_the_window(
    sandbox: Sandbox, platform: Platform, gateway: str, seconds: int, refused: bool, sign: int
) -> None:
    sent_at = NOW + sign * timedelta(seconds=seconds)
    vector = platform.payment(gateway, number="N0000001", amount=30945, sent_at=sent_at)
    assert refusal_of(sandbox, vector) == ("stamp" if refused else None)


def test_read_notice_of_an_unknown_kind_is_no_forgery(sandbox: Sandbox, platform: Platform) -> None:
    merchant = platform.merchants(WECHAT)[0]
    content = {"mchid": merchant.merchant_id}
    wechat = wechat_post(platform.keys, merchant, "PAYSCORE.USER_PAID", content, "EV-5", int(NOW.timestamp()))
    alipay = platform.payment(
        "alipay", number="N1", amount=1, sent_at=NOW, changes={"notify_type": "dut_user_sign"}
    )
    for gateway, headers, body in (
        ("wechat", wechat.headers, wechat.body),
        ("alipay", alipay.headers, alipay.body),
    ):
        with pytest.raises(GatewayError) as caught:
            sandbox.gateway(gateway).read_notice(headers, body, NOW)
        assert caught.value.permanent


def test_read_notice_takes_alipay_words_in_any_order(sandbox: Sandbox, platform: Platform) -> None:
    vector = platform.payment("alipay", number="N0000001", amount=30945, sent_at=NOW)
    shuffled = b"&".join(reversed(vector.body.split(b"&")))
    assert sandbox.gateway("alipay").read_notice({}, shuffled, NOW).payment.order_number == "N0000001"


def test_read_notice_takes_blank_fields_that_alipay_signed(sandbox: Sandbox, platform: Platform) -> None:
    vector = platform.payment("alipay", number="N0000001", amount=30945, sent_at=NOW, changes={"body": ""})
    assert refusal_of(sandbox, vector) is None


@pytest.mark.parametrize(
    ("gateway", "accepted", "refused"),
    [("wechat", b'"SUCCESS"', b'"FAIL"'), ("alipay", b"success", b"fail")],
)
def test_acknowledge_and_refuse_speak_the_platforms_words(
    sandbox: Sandbox, gateway: str, accepted: bytes, refused: bytes
) -> None:
    speaker = sandbox.gateway(gateway)
    assert speaker.acknowledge().status == 200
    assert accepted in speaker.acknowledge().body
    assert speaker.refuse().status == 400
    assert refused in speaker.refuse().body


def test_read_notice_refuses_a_form_signed_with_another_merchants_app(
    sandbox: Sandbox, platform: Platform
) -> None:
    second = platform.merchants("alipay")[1]
    vector = platform.payment("alipay", number="N0000001", amount=30945, sent_at=NOW, merchant=second)
    assert refusal_of(sandbox, vector) == "merchant"
    assert refusal_of(sandbox, Vector("alipay", "", {}, alipay_post(platform.keys, {}).body)) is not None
