"""The SDK with its edges bound: our address, a time-out, and one error type with flags."""

import http.client
import socket
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from alipay.utils import AliPayConfig

from payments.gateways.billfile import MAX_UNPACKED
from payments.gateways.interface import ErrorCode, GatewayError, MerchantConfig

SUCCESS = "10000"
CODES = {
    "ACQ.TRADE_NOT_EXIST": ErrorCode.ABSENT,
    "ACQ.TRADE_HAS_SUCCESS": ErrorCode.PAID,
    "ACQ.TRADE_HAS_CLOSE": ErrorCode.CLOSED,
    "ACQ.TRADE_STATUS_ERROR": ErrorCode.STATE,
    "ACQ.REASON_TRADE_STATUS_INVALID": ErrorCode.STATE,
    "isp.bill_not_exist": ErrorCode.NO_BILL,
    "BILL_NOT_EXIST": ErrorCode.NO_BILL,
    "isp.bill_not_ready": ErrorCode.NOT_READY,
    "isv.app-call-limited": ErrorCode.LIMITED,
}
PASSING = {ErrorCode.NOT_READY, ErrorCode.LIMITED}
DOUBTFUL = {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error"}


class AlipayClient:
    """One merchant's SDK object; `ask` runs a method and turns every failure into a GatewayError."""

    def __init__(self, config: MerchantConfig) -> None:
        self.sdk = AliPay(
            appid=config.app_id,
            app_private_key_string=config.private_key,
            alipay_public_key_string=config.platform_key,
            sign_type="RSA2",
            config=AliPayConfig(timeout=config.read_ms / 1000),
        )
        self.timeout = config.read_ms / 1000
        self.address = f"{config.base_url.rstrip('/')}/gateway.do"
        self.sdk._gateway = self.address

    def page_url(self, method: str, content: Mapping[str, Any], *, notify_url: str, return_url: str) -> str:
        """Return the signed address the payer's browser opens; nothing is sent by us."""
        signed = self.sdk.client_api(method, dict(content), notify_url=notify_url, return_url=return_url)
        return f"{self.address}?{signed}"

    def ask(self, method: str, content: Mapping[str, Any], *, notify_url: str = "") -> dict[str, Any]:
        """Return the verified answer of a method whose code is 10000. Raises GatewayError."""
        extra = {"notify_url": notify_url} if notify_url else {}
        try:
            answer = self.sdk.server_api(method, dict(content), **extra)
        except AliPayException as error:
            raise _unsigned(f"Alipay refused without a signature: {error}") from error
        except AliPayValidationError as error:
            raise _unsigned("Alipay's answer bears a wrong signature.") from error
        except (OSError, http.client.HTTPException, ValueError, KeyError, AttributeError) as error:
            raise _failure(error) from error
        if answer.get("code") != SUCCESS:
            raise _refusal(answer)
        return dict(answer)

    def fetch(self, url: str) -> bytes:
        """Return a file the platform offered by a link. Raises GatewayError."""
        if not url.startswith(("https://", "http://")):
            raise GatewayError(
                f"The bill lies at a strange address: {url}", code=ErrorCode.REFUSED, permanent=True
            )
        try:
            with urlopen(url, timeout=self.timeout) as answer:
                content: bytes = answer.read(MAX_UNPACKED + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _failure(error) from error
        return content


def _failure(error: Exception) -> GatewayError:
    """Translate a broken conversation: unreachable when no connection came about, silence otherwise."""
    if isinstance(error, HTTPError):
        error.close()  # an HTTPError is an open answer as well
    reason = error.reason if isinstance(error, URLError) else None
    if isinstance(reason, ConnectionRefusedError | socket.gaierror):
        return GatewayError(f"Alipay cannot be reached: {reason}", code=ErrorCode.UNREACHABLE)
    return GatewayError(f"Alipay did not answer: {error!r}", code=ErrorCode.SILENT, unknown=True)


def _unsigned(message: str) -> GatewayError:
    return GatewayError(message, code=ErrorCode.UNSIGNED, unknown=True)


def _refusal(answer: Mapping[str, Any]) -> GatewayError:
    """Translate a signed answer that is no success; 20000 and system errors may have done the deed."""
    platform_code = str(answer.get("sub_code") or answer.get("code"))
    message = f"{platform_code} {answer.get('sub_msg') or answer.get('msg', '')}"
    if answer.get("code") == "20000" or platform_code in DOUBTFUL:
        return GatewayError(message, code=ErrorCode.SILENT, unknown=True, platform_code=platform_code)
    code = CODES.get(platform_code, ErrorCode.REFUSED)
    return GatewayError(message, code=code, permanent=code not in PASSING, platform_code=platform_code)
