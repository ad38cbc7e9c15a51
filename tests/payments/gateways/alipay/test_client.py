"""Alipay's error codes, and what the caller may conclude from each."""

from dataclasses import replace
from datetime import date

import pytest

from payments.gateways.alipay.gateway import AlipayGateway
from payments.gateways.interface import ErrorCode, GatewayError, MerchantConfig
from tests.payments.gateways.parrot import Parrot, alipay_says, parrot
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox

METHOD = "alipay.trade.precreate"


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


@pytest.fixture(scope="module")
def config(sandbox: Sandbox) -> MerchantConfig:
    return sandbox.config("alipay")


def error_of(config: MerchantConfig, answer: Parrot) -> GatewayError:
    with parrot(answer), pytest.raises(GatewayError) as caught:
        AlipayGateway(replace(config, base_url=answer.address)).client.ask(
            METHOD, {"out_trade_no": "N0000001"}
        )
    return caught.value


@pytest.mark.parametrize(
    ("answer_code", "platform_code", "code", "permanent", "unknown"),
    [
        ("40004", "ACQ.TRADE_NOT_EXIST", ErrorCode.ABSENT, True, False),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", ErrorCode.PAID, True, False),
        ("40004", "ACQ.TRADE_HAS_CLOSE", ErrorCode.CLOSED, True, False),
        ("40004", "ACQ.TRADE_STATUS_ERROR", ErrorCode.STATE, True, False),
        ("40004", "isp.bill_not_exist", ErrorCode.NO_BILL, True, False),
        ("40004", "ACQ.INVALID_PARAMETER", ErrorCode.REFUSED, True, False),
        ("40002", "isv.invalid-signature", ErrorCode.REFUSED, True, False),
        ("40005", "isv.app-call-limited", ErrorCode.LIMITED, False, False),
        ("40004", "ACQ.SYSTEM_ERROR", ErrorCode.SILENT, False, True),
        ("20000", "isp.unknow-error", ErrorCode.SILENT, False, True),
        ("20000", "something.new", ErrorCode.SILENT, False, True),
    ],
)
def test_refusal_says_what_may_be_concluded(
    platform: Platform,
    config: MerchantConfig,
    answer_code: str,
    platform_code: str,
    code: ErrorCode,
    permanent: bool,
    unknown: bool,
) -> None:
    content = {"code": answer_code, "msg": "Business Failed", "sub_code": platform_code, "sub_msg": "原因"}
    error = error_of(config, alipay_says(platform, METHOD, content))
    assert (error.code, error.permanent, error.unknown) == (code, permanent, unknown)
    assert error.platform_code == platform_code
    assert "原因" in error.message


def test_ask_answer_of_another_method_is_not_believed(platform: Platform, config: MerchantConfig) -> None:
    answer = alipay_says(platform, "alipay.trade.query", {"code": "10000", "qr_code": "https://qr.example/1"})
    assert error_of(config, answer).unknown


def test_ask_answer_changed_on_its_way_is_not_believed(platform: Platform, config: MerchantConfig) -> None:
    answer = alipay_says(platform, METHOD, {"code": "10000", "qr_code": "https://qr.example/1"})
    answer.body = answer.body.replace(b"qr.example/1", b"qr.example/2")
    error = error_of(config, answer)
    assert (error.code, error.unknown) == (ErrorCode.UNSIGNED, True)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://127.0.0.1/bill.zip", "/bill.zip"])
def test_fetch_takes_files_from_the_web_only(platform: Platform, config: MerchantConfig, url: str) -> None:
    method = "alipay.data.dataservice.bill.downloadurl.query"
    answer = alipay_says(platform, method, {"code": "10000", "bill_download_url": url})
    with parrot(answer), pytest.raises(GatewayError) as caught:
        AlipayGateway(replace(config, base_url=answer.address)).download_bill(date(2026, 11, 20))
    assert (caught.value.code, caught.value.permanent) == (ErrorCode.REFUSED, True)


@pytest.mark.parametrize("status", [404, 500])
def test_fetch_of_a_link_that_died_is_tried_again(config: MerchantConfig, status: int) -> None:
    with parrot(Parrot(status, b"gone")) as answer, pytest.raises(GatewayError) as caught:
        AlipayGateway(config).client.fetch(f"{answer.address}/bill.zip")
    assert (caught.value.unknown, caught.value.permanent) == (True, False)
