"""The SDK with its edges bound: our address, our time-outs, and one error type with flags."""

import json
from collections.abc import Callable
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError
from wechatpayv3 import WeChatPay, WeChatPayType

from payments.gateways.interface import ErrorCode, GatewayError, MerchantConfig

Reply = tuple[int, str | bytes]

CODES = {
    "ORDER_NOT_EXIST": ErrorCode.ABSENT,
    "ORDERNOTEXIST": ErrorCode.ABSENT,
    "RESOURCE_NOT_EXISTS": ErrorCode.ABSENT,
    "ORDERPAID": ErrorCode.PAID,
    "ORDER_PAID": ErrorCode.PAID,
    "ORDER_CLOSED": ErrorCode.CLOSED,
    "ORDERCLOSED": ErrorCode.CLOSED,
    "TRADE_STATE_ERROR": ErrorCode.STATE,
    "NO_STATEMENT_EXIST": ErrorCode.NO_BILL,
    "STATEMENT_CREATING": ErrorCode.NOT_READY,
    "FREQUENCY_LIMITED": ErrorCode.LIMITED,
    "FREQUENCY_LIMIT_EXCEED": ErrorCode.LIMITED,
    "RATELIMIT_EXCEEDED": ErrorCode.LIMITED,
}
PASSING = {ErrorCode.NOT_READY, ErrorCode.LIMITED}


class WeChatClient:
    """One merchant's SDK object; `ask` runs a call of it and turns every failure into a GatewayError."""

    def __init__(self, config: MerchantConfig) -> None:
        self.sdk = WeChatPay(
            WeChatPayType.NATIVE,
            config.merchant_id,
            config.private_key,
            config.private_key_serial,
            config.app_id,
            config.secret,
            timeout=(config.connect_ms / 1000, config.read_ms / 1000),
            public_key=config.platform_key,
            public_key_id=config.platform_key_id,
        )
        self.base_url = config.base_url.rstrip("/")
        self.sdk._core._gate_way = self.base_url

    def ask(self, call: Callable[[], Reply]) -> dict[str, Any]:
        """Return the verified JSON object of an answer, empty for 204. Raises GatewayError."""
        content = self.fetch(call)
        try:
            answer = json.loads(content) if content else {}
        except ValueError as error:
            raise _silence(f"an answer that is no JSON: {error}") from error
        if not isinstance(answer, dict):
            raise _silence("an answer that is no object")
        return answer

    def fetch(self, call: Callable[[], Reply]) -> str | bytes:
        """Return the body of a successful answer. Raises GatewayError."""
        try:
            status, content = call()
        except requests.RequestException as error:
            raise _unreachable(error) if _never_left(error) else _silence(str(error)) from error
        except Exception as error:  # the SDK raises bare Exception for an answer it cannot verify
            raise GatewayError(str(error), code=ErrorCode.UNSIGNED, unknown=True) from error
        if 200 <= status < 300:
            return content
        raise _refusal(status, content)


def _never_left(error: requests.RequestException) -> bool:
    """Say whether no connection came about, so that the platform cannot have heard the request."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(
        getattr(cause, "reason", None), NewConnectionError
    )


def _unreachable(error: Exception) -> GatewayError:
    return GatewayError(f"WeChat Pay cannot be reached: {error}", code=ErrorCode.UNREACHABLE)


def _silence(detail: str) -> GatewayError:
    return GatewayError(f"WeChat Pay did not answer: {detail}", code=ErrorCode.SILENT, unknown=True)


def _refusal(status: int, content: str | bytes) -> GatewayError:
    """Translate an answer outside 2xx: 5xx may have done the deed, 4xx has not."""
    try:
        problem = json.loads(content)
        platform_code, message = str(problem["code"]), str(problem.get("message", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        platform_code, message = f"HTTP {status}", ""
    if status >= 500:
        return GatewayError(
            f"{platform_code} {message}", code=ErrorCode.SILENT, unknown=True, platform_code=platform_code
        )
    code = ErrorCode.LIMITED if status == 429 else CODES.get(platform_code, ErrorCode.REFUSED)
    return GatewayError(
        f"{platform_code} {message}", code=code, permanent=code not in PASSING, platform_code=platform_code
    )
