"""The sandbox refuses what the real platforms refuse: bad signatures, strangers, nonsense."""

import json
import time
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from payments.gateways.interface import Gateway, Scene
from payments.gateways.sandbox.keys import Merchant, open_key
from payments.gateways.sandbox.signing import join_fields, sign
from payments.gateways.wechat.bills import split_line
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


def authorize(
    sandbox: Sandbox, merchant: Merchant, method: str, target: str, body: str, **changes: str
) -> str:
    """Return the Authorization header of a merchant's request, with parts changed after signing."""
    key = open_key(sandbox.state / "keys" / f"merchant-wechat-{merchant.merchant_id}.pem")
    stamp = str(int(time.time()))
    parts = {
        "mchid": merchant.merchant_id,
        "nonce_str": "593BEC0C930BF1AFEB40B4A08C8FB242",
        "signature": sign(key, f"{method}\n{target}\n{stamp}\n593BEC0C930BF1AFEB40B4A08C8FB242\n{body}\n"),
        "timestamp": stamp,
        "serial_no": merchant.serial,
    } | changes
    return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in parts.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": "1900000099"},
        {"mchid": "1900000002"},
        {"nonce_str": "0"},
        {"timestamp": "1"},
        {"signature": "AAAA"},
        {"serial_no": "0"},
    ],
)
def test_wechat_request_signed_otherwise_is_refused(
    sandbox: Sandbox, platform: Platform, changes: dict[str, str]
) -> None:
    merchant = platform.merchants("wechat")[0]
    target = f"/v3/pay/transactions/out-trade-no/N0000001?mchid={merchant.merchant_id}"
    header = authorize(sandbox, merchant, "GET", target, "", **changes)
    answer = requests.get(f"{sandbox.address}{target}", headers={"Authorization": header}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"total": 0}},
        {"amount": {"total": 309.45}},
        {"amount": {"total": 30945, "currency": "USD"}},
        {"amount": None},
        {"appid": "wx0"},
        {"mchid": "1900000002"},
        {"scene_info": {"payer_client_ip": ""}},
    ],
)
def test_wechat_order_with_a_wrong_field_is_refused(
    sandbox: Sandbox, platform: Platform, changes: dict[str, Any]
) -> None:
    merchant = platform.merchants("wechat")[0]
    wanted = {
        "mchid": merchant.merchant_id,
        "appid": merchant.app_id,
        "description": "物业费",
        "out_trade_no": "WRONGFIELD",
        "notify_url": "http://127.0.0.1:9/n",
        "amount": {"total": 30945, "currency": "CNY"},
        "scene_info": {"payer_client_ip": "203.0.113.7"},
    } | changes
    body, target = json.dumps(wanted), "/v3/pay/transactions/h5"
    headers = {"Authorization": authorize(sandbox, merchant, "POST", target, body)}
    answer = requests.post(f"{sandbox.address}{target}", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("changes", "resign", "sub_code"),
    [
        ({"biz_content": '{"out_trade_no":"N0000002"}'}, False, "isv.invalid-signature"),
        ({"sign_type": "RSA"}, True, "isv.invalid-signature"),
        ({"app_id": "2021000000000000"}, True, "isv.invalid-app-id"),
        ({"method": "alipay.trade.unknown"}, True, "isv.invalid-method"),
        ({"biz_content": "no JSON"}, True, "ACQ.INVALID_PARAMETER"),
        ({"biz_content": "{}"}, True, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_alipay_request_with_a_wrong_field_is_refused(
    sandbox: Sandbox, platform: Platform, changes: dict[str, str], resign: bool, sub_code: str
) -> None:
    merchant = platform.merchants("alipay")[0]
    key = open_key(sandbox.state / "keys" / f"merchant-alipay-{merchant.merchant_id}.pem")
    fields = {
        "app_id": merchant.app_id,
        "method": "alipay.trade.query",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": "2026-11-20 10:00:00",
        "version": "1.0",
        "biz_content": '{"out_trade_no":"N0000001"}',
    }
    signature = sign(key, join_fields(fields | changes if resign else fields))
    form = fields | changes | {"sign": signature}
    answer = requests.post(f"{sandbox.address}/gateway.do", data=form, timeout=60).json()
    (content,) = (value for name, value in answer.items() if name != "sign")
    assert content["sub_code"] == sub_code


def test_alipay_page_opened_twice_is_one_order(sandbox: Sandbox, alipay: Gateway) -> None:
    url = alipay.create_order(make_order(Scene.PHONE)).url
    addresses = {requests.get(url, timeout=60).url for _ in range(2)}
    assert len(addresses) == 1


def test_bill_of_wechat_has_the_layout_all(sandbox: Sandbox, wechat: Gateway) -> None:
    order = {
        "number": "LAYOUT01",
        "amount": "309.45",
        "paid_at": "2026-01-05T10:00:00+08:00",
        "subject": "物业费,水费",
    }
    sandbox.turn("history", platform="wechat", merchant_id=wechat.config.merchant_id, orders=[order])
    header, row, _, totals, _ = wechat.download_bill(date(2026, 1, 5)).decode("utf-8-sig").split("\r\n")
    cells = dict(zip(HEADER.split(","), split_line(row), strict=True))
    assert header == HEADER
    assert [cells[name] for name in ("订单金额", "手续费", "费率")] == ["309.45", "1.86000", "0.60%"]
    assert cells["商品名称"] == "物业费,水费"
    assert totals == "`1,`309.45,`0.00,`0.00,`1.86000,`309.45,`0.00"


def test_bill_of_alipay_names_its_files_in_gbk(sandbox: Sandbox, alipay: Gateway) -> None:
    orders = [{"number": "LAYOUT02", "amount": "309.45", "paid_at": "2026-01-05T10:00:00+08:00"}]
    sandbox.turn("history", platform="alipay", merchant_id=alipay.config.merchant_id, orders=orders)
    raw = alipay.download_bill(date(2026, 1, 5))
    assert "业务明细(汇总)".encode("gbk") in raw
    assert [record.amount for record in alipay.read_bill(raw)] == [Decimal("309.45")]


def test_bill_of_alipay_can_be_asked_for_a_month(sandbox: Sandbox, alipay: Gateway) -> None:
    orders = [
        {"number": f"MONTH{day:03d}", "amount": "1.00", "paid_at": f"2025-12-{day:02d}T10:00:00+08:00"}
        for day in (1, 15, 31)
    ]
    sandbox.turn("history", platform="alipay", merchant_id=alipay.config.merchant_id, orders=orders)
    client = alipay.client  # type: ignore[attr-defined]
    method = "alipay.data.dataservice.bill.downloadurl.query"
    answer = client.ask(method, {"bill_type": "trade", "bill_date": "2025-12"})
    assert len(alipay.read_bill(client.fetch(answer["bill_download_url"]))) == 3


def test_unknown_paths_are_404(sandbox: Sandbox) -> None:
    for path in ("/v3/certificates", "/sandbox/nothing", "/alipay/bill.csv.zip?" + urlencode({"token": "x"})):
        assert requests.get(f"{sandbox.address}{path}", timeout=60).status_code == 404
