"""WeChat's error codes, and what the caller may conclude from each."""

from dataclasses import replace

import pytest

from payments.gateways.interface import ErrorCode, GatewayError, MerchantConfig
from payments.gateways.wechat.gateway import WeChatGateway
from tests.payments.gateways.parrot import Parrot, parrot, wechat_says
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox


@pytest.fixture(scope="module")
def platform(sandbox: Sandbox) -> Platform:
    return Platform.open(sandbox.state)


@pytest.fixture(scope="module")
def config(sandbox: Sandbox) -> MerchantConfig:
    return sandbox.config("wechat")


def error_of(config: MerchantConfig, answer: Parrot) -> GatewayError:
    with parrot(answer), pytest.raises(GatewayError) as caught:
        WeChatGateway(replace(config, base_url=answer.address)).close_order("N0000001")
    return caught.value


@pytest.mark.parametrize(
    ("status", "platform_code", "code", "permanent", "unknown"),
    [
        (404, "ORDER_NOT_EXIST", ErrorCode.ABSENT, True, False),
        (404, "ORDERNOTEXIST", ErrorCode.ABSENT, True, False),
        (400, "ORDERPAID", ErrorCode.PAID, True, False),
        (400, "TRADE_STATE_ERROR", ErrorCode.STATE, True, False),
        (400, "STATEMENT_CREATING", ErrorCode.NOT_READY, False, False),
        (400, "NO_STATEMENT_EXIST", ErrorCode.NO_BILL, True, False),
        (429, "FREQUENCY_LIMITED", ErrorCode.LIMITED, False, False),
        (429, "SOMETHING_NEW", ErrorCode.LIMITED, False, False),
        (400, "PARAM_ERROR", ErrorCode.REFUSED, True, False),
        (403, "NO_AUTH", ErrorCode.REFUSED, True, False),
        (401, "SIGN_ERROR", ErrorCode.REFUSED, True, False),
        (500, "SYSTEM_ERROR", ErrorCode.SILENT, False, True),
        (502, "SYSTEM_ERROR", ErrorCode.SILENT, False, True),
        (503, "SERVICE_UNAVAILABLE", ErrorCode.SILENT, False, True),
    ],
)
def test_refusal_says_what_may_be_concluded(
    platform: Platform,
    config: MerchantConfig,
    status: int,
    platform_code: str,
    code: ErrorCode,
    permanent: bool,
    unknown: bool,
) -> None:
    answer = wechat_says(platform, {"code": platform_code, "message": "原因"}, status)
    error = error_of(config, answer)
    assert (error.code, error.permanent, error.unknown) == (code, permanent, unknown)
    assert error.platform_code == platform_code
    assert "原因" in error.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message":"no code"}', b"null"])
def test_refusal_without_a_code_names_the_status(config: MerchantConfig, body: bytes) -> None:
    error = error_of(config, Parrot(404, body))
    assert (error.code, error.platform_code) == (ErrorCode.REFUSED, "HTTP 404")


def test_close_order_already_closed_is_fine(platform: Platform, config: MerchantConfig) -> None:
    with parrot(wechat_says(platform, {"code": "ORDER_CLOSED", "message": "已关闭"}, 400)) as answer:
        WeChatGateway(replace(config, base_url=answer.address)).close_order("N0000001")


def test_fetch_answer_signed_for_another_body_is_not_believed(
    platform: Platform, config: MerchantConfig
) -> None:
    answer = wechat_says(platform, {"trade_state": "NOTPAY"})
    answer.body = answer.body.replace(b"NOTPAY", b"SUCCESS")
    error = error_of(config, answer)
    assert (error.code, error.unknown) == (ErrorCode.UNSIGNED, True)


def test_fetch_answer_with_an_unknown_serial_is_not_believed(
    platform: Platform, config: MerchantConfig
) -> None:
    answer = wechat_says(platform, {})
    answer.headers["Wechatpay-Serial"] = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
    assert error_of(config, answer).unknown
