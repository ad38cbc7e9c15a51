"""What the WeChat gateway sends, and what it makes of odd but signed answers."""

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from payments.gateways.interface import (
    BEIJING,
    ErrorCode,
    Gateway,
    GatewayError,
    MerchantConfig,
    PaymentState,
    Refund,
    RefundState,
    Scene,
)
from payments.gateways.sandbox.keys import Merchant
from payments.gateways.sandbox.signing import is_signed
from payments.gateways.wechat.gateway import WeChatGateway
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.parrot import Parrot, parrot, wechat_says
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


@pytest.fixture(scope="module")
def merchant(platform: Platform) -> Merchant:
    return platform.merchants("wechat")[0]


@pytest.fixture(scope="module")
def config(sandbox: Sandbox) -> MerchantConfig:
    return sandbox.config("wechat")


def asking(config: MerchantConfig, answer: Parrot) -> Gateway:
    return WeChatGateway(replace(config, base_url=answer.address))


def test_create_order_sends_fen_and_beijing_time(platform: Platform, config: MerchantConfig) -> None:
    expires_at = datetime.fromisoformat("2026-11-20T02:30:00+00:00")
    order = make_order(amount="1684.03", expires_at=expires_at, subject="长" * 200)
    with parrot(wechat_says(platform, {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"})) as answer:
        instruction = asking(config, answer).create_order(order)
    path, body = answer.asked[0]
    sent = json.loads(body)
    assert instruction.code == "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"
    assert path == "/v3/pay/transactions/native"
    assert sent["amount"] == {"total": 168403, "currency": "CNY"}
    assert sent["time_expire"] == "2026-11-20T10:30:00+08:00"
    assert (sent["mchid"], sent["appid"]) == (config.merchant_id, config.app_id)
    assert (sent["notify_url"], len(sent["description"])) == (order.notify_url, 127)


def test_create_order_on_a_phone_appends_the_way_back(wechat: Gateway) -> None:
    order = make_order(Scene.PHONE, return_url="https://p.example/pay/7?a=1&b=2")
    query = parse_qs(urlsplit(wechat.create_order(order).url).query)
    assert query["redirect_url"] == ["https://p.example/pay/7?a=1&b=2"]


def test_create_order_in_the_wallet_signs_the_bridge_call(wechat: Gateway, merchant: Merchant) -> None:
    params = wechat.create_order(make_order(Scene.IN_APP)).params
    signed = [params[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
    assert params["package"].startswith("prepay_id=")
    assert is_signed(merchant.public_key, "\n".join(signed) + "\n", params["paySign"])


def test_create_order_that_is_told_no_way_is_unknown(platform: Platform, config: MerchantConfig) -> None:
    with parrot(wechat_says(platform, {})) as answer, pytest.raises(GatewayError) as caught:
        asking(config, answer).create_order(make_order())
    assert caught.value.unknown


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESS", PaymentState.SUCCESS),
        ("REFUND", PaymentState.REFUNDED),
        ("NOTPAY", PaymentState.PENDING),
        ("USERPAYING", PaymentState.PENDING),
        ("PAYERROR", PaymentState.PENDING),
        ("CLOSED", PaymentState.CLOSED),
        ("REVOKED", PaymentState.CLOSED),
        ("ACCEPT", PaymentState.UNKNOWN),
    ],
)
def test_query_order_reads_every_state(
    platform: Platform, config: MerchantConfig, word: str, state: PaymentState
) -> None:
    trade = {"out_trade_no": "N0000001", "trade_state": word, "mchid": "1900000001", "appid": "wx1"}
    with parrot(wechat_says(platform, trade)) as answer:
        assert asking(config, answer).query_order("N0000001").state is state


@pytest.mark.parametrize(
    "trade",
    [
        {},
        {"out_trade_no": "N1", "trade_state": "SUCCESS"},
        {
            "out_trade_no": "N1",
            "trade_state": "SUCCESS",
            "mchid": "1",
            "appid": "2",
            "amount": {"total": "30945"},
        },
        {
            "out_trade_no": "N1",
            "trade_state": "SUCCESS",
            "mchid": "1",
            "appid": "2",
            "amount": {"total": 309.45},
        },
        {"out_trade_no": "N1", "trade_state": "SUCCESS", "mchid": "1", "appid": "2", "amount": 30945},
        {
            "out_trade_no": "N1",
            "trade_state": "SUCCESS",
            "mchid": "1",
            "appid": "2",
            "success_time": "gestern",
        },
    ],
)
def test_query_order_of_another_shape_is_unknown(
    platform: Platform, config: MerchantConfig, trade: dict[str, object]
) -> None:
    with parrot(wechat_says(platform, trade)) as answer, pytest.raises(GatewayError) as caught:
        asking(config, answer).query_order("N1")
    assert (caught.value.unknown, caught.value.permanent) == (True, False)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESS", RefundState.SUCCESS),
        ("PROCESSING", RefundState.PENDING),
        ("CLOSED", RefundState.CLOSED),
        ("ABNORMAL", RefundState.ABNORMAL),
    ],
)
def test_refund_reads_every_state(
    platform: Platform, config: MerchantConfig, word: str, state: RefundState
) -> None:
    refund = {
        "out_refund_no": "R0000001",
        "out_trade_no": "N0000001",
        "refund_id": "50000001",
        "status": word,
        "amount": {"refund": 945, "total": 30945},
    }
    with parrot(wechat_says(platform, refund)) as answer:
        result = asking(config, answer).refund(
            Refund("R0000001", "N0000001", Decimal("9.45"), Decimal("309.45"), "多交", "https://p.example/r")
        )
    sent = json.loads(answer.asked[0][1])
    assert (result.state, result.amount, result.refund_id) == (state, Decimal("9.45"), "50000001")
    assert sent["amount"] == {"refund": 945, "total": 30945, "currency": "CNY"}
    assert (sent["reason"], sent["notify_url"]) == ("多交", "https://p.example/r")


def bill_offer(platform: Platform, url: str, file: bytes) -> Parrot:
    digest = hashlib.sha1(file).hexdigest()
    return wechat_says(platform, {"hash_type": "SHA1", "hash_value": digest, "download_url": url})


def test_download_bill_at_a_strange_address_is_not_fetched(
    platform: Platform, config: MerchantConfig
) -> None:
    offer = bill_offer(platform, "http://169.254.169.254/v3/billdownload/file?token=x", b"")
    with parrot(offer) as answer, pytest.raises(GatewayError) as caught:
        asking(config, answer).download_bill(date(2026, 11, 20))
    assert caught.value.permanent
    assert len(answer.asked) == 1


def test_download_bill_with_another_digest_is_not_believed(
    platform: Platform, config: MerchantConfig
) -> None:
    with parrot(Parrot()) as answer:
        offer = bill_offer(platform, f"{answer.address}/v3/billdownload/file?token=x", b"the true file")
        answer.body, answer.headers = offer.body, offer.headers
        with pytest.raises(GatewayError) as caught:
            asking(config, answer).download_bill(date(2026, 11, 20))
    assert (caught.value.code, caught.value.unknown) == (ErrorCode.SILENT, True)
    assert [path.partition("?")[0] for path, _ in answer.asked] == [
        "/v3/bill/tradebill",
        "/v3/billdownload/file",
    ]


def test_query_order_at_sandbox_tells_the_time_in_beijing(sandbox: Sandbox, wechat: Gateway) -> None:
    order = make_order()
    wechat.create_order(order)
    sandbox.turn("pay", number=order.number, paid_at="2026-11-19T16:05:00+00:00", callback=False)
    assert wechat.query_order(order.number).paid_at == datetime(2026, 11, 20, 0, 5, tzinfo=BEIJING)
