"""What the Alipay gateway sends, and what it makes of odd but signed answers."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from payments.gateways.alipay.gateway import AlipayGateway
from payments.gateways.interface import (
    ErrorCode,
    Gateway,
    GatewayError,
    MerchantConfig,
    PaymentState,
    Refund,
    RefundState,
    Scene,
)
from payments.gateways.sandbox.signing import is_signed, join_fields
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.parrot import Parrot, alipay_says, parrot
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox

REFUND = Refund("R0000001", "N0000001", Decimal("9.45"), Decimal("309.45"), "多交")


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


@pytest.fixture(scope="module")
def config(sandbox: Sandbox) -> MerchantConfig:
    return sandbox.config("alipay")


def asking(config: MerchantConfig, answer: Parrot) -> Gateway:
    return AlipayGateway(replace(config, base_url=answer.address))


def fields_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize(
    ("scene", "method", "product"),
    [
        (Scene.DESKTOP, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        (Scene.PHONE, "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        (Scene.IN_APP, "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    ],
)
def test_create_order_signs_a_page_without_asking_anybody(
    platform: Platform, alipay: Gateway, scene: Scene, method: str, product: str
) -> None:
    order = make_order(scene, amount="88.50", expires_at=datetime.fromisoformat("2026-11-20T02:30:00+00:00"))
    fields = fields_of(alipay.create_order(order).url)
    content = json.loads(fields["biz_content"])
    assert (fields["method"], content["product_code"]) == (method, product)
    assert (content["total_amount"], content["time_expire"]) == ("88.50", "2026-11-20 10:30:00")
    assert (fields["notify_url"], fields["return_url"]) == (order.notify_url, order.return_url)
    signed = {name: value for name, value in fields.items() if name != "sign"}
    assert is_signed(platform.merchants("alipay")[0].public_key, join_fields(signed), fields["sign"])


def test_create_order_keeps_out_of_the_subject_what_could_cut_a_notice(alipay: Gateway) -> None:
    order = make_order(Scene.PHONE, subject="物业费&total_amount=0.01/x")
    content = json.loads(fields_of(alipay.create_order(order).url)["biz_content"])
    assert content["subject"] == "物业费 total_amount 0.01 x"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"trade_status": "WAIT_BUYER_PAY"}, PaymentState.PENDING),
        ({"trade_status": "TRADE_SUCCESS", "send_pay_date": "2026-11-20 10:00:00"}, PaymentState.SUCCESS),
        ({"trade_status": "TRADE_FINISHED", "send_pay_date": "2026-11-20 10:00:00"}, PaymentState.SUCCESS),
        ({"trade_status": "TRADE_CLOSED"}, PaymentState.CLOSED),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": "2026-11-20 10:00:00"}, PaymentState.REFUNDED),
        ({"trade_status": "TRADE_PENDING"}, PaymentState.UNKNOWN),
    ],
)
def test_query_order_reads_every_state(
    platform: Platform, config: MerchantConfig, facts: dict[str, str], state: PaymentState
) -> None:
    trade = {"code": "10000", "out_trade_no": "N0000001", "total_amount": "309.45"} | facts
    with parrot(alipay_says(platform, "alipay.trade.query", trade)) as answer:
        result = asking(config, answer).query_order("N0000001")
    assert (result.state, result.amount) == (state, Decimal("309.45"))
    assert (result.merchant_id, result.app_id) == (config.merchant_id, config.app_id)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"total_amount": 309.45},
        {"total_amount": "1e3"},
        {"total_amount": "1.00", "send_pay_date": "noon"},
    ],
)
def test_query_order_of_another_shape_is_unknown(
    platform: Platform, config: MerchantConfig, facts: dict[str, object]
) -> None:
    trade = {"code": "10000", "out_trade_no": "N1", "trade_status": "TRADE_SUCCESS"} | facts
    with (
        parrot(alipay_says(platform, "alipay.trade.query", trade)) as answer,
        pytest.raises(GatewayError) as caught,
    ):
        asking(config, answer).query_order("N1")
    assert caught.value.unknown


def test_refund_that_moved_nothing_is_looked_up(platform: Platform, config: MerchantConfig) -> None:
    content = {"code": "10000", "out_trade_no": "N0000001", "fund_change": "N", "refund_fee": "9.45"}
    with (
        parrot(alipay_says(platform, "alipay.trade.refund", content)) as answer,
        pytest.raises(GatewayError) as caught,
    ):
        asking(config, answer).refund(REFUND)
    methods = [fields_of(path)["method"] for path, _ in answer.asked]
    assert methods == ["alipay.trade.refund", "alipay.trade.fastpay.refund.query"]
    assert caught.value.unknown


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, RefundState.ABSENT),
        ({"refund_status": "REFUND_SUCCESS", "refund_amount": "9.45"}, RefundState.SUCCESS),
        ({"refund_amount": "9.45"}, RefundState.PENDING),
    ],
)
def test_query_refund_reads_every_state(
    platform: Platform, config: MerchantConfig, facts: dict[str, str], state: RefundState
) -> None:
    content = {"code": "10000", "msg": "Success"} | facts
    with parrot(alipay_says(platform, "alipay.trade.fastpay.refund.query", content)) as answer:
        assert asking(config, answer).query_refund("R0000001", "N0000001").state is state


def test_close_order_in_a_wrong_state_looks_before_it_complains(sandbox: Sandbox, alipay: Gateway) -> None:
    order = make_order()
    alipay.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    with pytest.raises(GatewayError) as caught:
        alipay.close_order(order.number)
    assert caught.value.code is ErrorCode.STATE
