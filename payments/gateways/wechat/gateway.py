"""The WeChat Pay gateway: Native QR, H5 and JSAPI orders, queries, refunds, callbacks and the daily bill."""

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from wechatpayv3 import WeChatPayType

from core.money import to_fen
from payments.gateways.interface import (
    BEIJING,
    Answer,
    BillRecord,
    ErrorCode,
    GatewayError,
    InstructionKind,
    MerchantConfig,
    Notice,
    Order,
    PayInstruction,
    PaymentResult,
    PaymentState,
    Refund,
    RefundResult,
    RefundState,
    Scene,
)
from payments.gateways.wechat import bills, callbacks
from payments.gateways.wechat.client import WeChatClient
from payments.gateways.wechat.results import read_payment, read_refund

Result = TypeVar("Result", PaymentResult, RefundResult)

PAY_TYPES = {
    Scene.QR: WeChatPayType.NATIVE,
    Scene.DESKTOP: WeChatPayType.NATIVE,
    Scene.PHONE: WeChatPayType.H5,
    Scene.IN_APP: WeChatPayType.JSAPI,
}


class WeChatGateway:
    """One merchant's line to WeChat Pay; see `interface.Gateway` for the promises of each method."""

    def __init__(self, config: MerchantConfig) -> None:
        self.config = config
        self.client = WeChatClient(config)

    def create_order(self, order: Order) -> PayInstruction:
        """Register the order; a desktop page gets a QR as well, WeChat has no page of its own there."""
        sdk = self.client.sdk
        answer = self.client.ask(
            lambda: sdk.pay(
                description=order.subject[:127],
                out_trade_no=order.number,
                amount={"total": to_fen(order.amount), "currency": "CNY"},
                payer={"openid": order.openid} if order.scene is Scene.IN_APP else None,
                time_expire=order.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
                scene_info=_scene_info(order),
                notify_url=order.notify_url,
                pay_type=PAY_TYPES[order.scene],
            )
        )
        return self._instruct(order, answer)

    def _instruct(self, order: Order, answer: Mapping[str, str]) -> PayInstruction:
        if code := answer.get("code_url"):
            return PayInstruction(InstructionKind.QR, code=code)
        if url := answer.get("h5_url"):
            back = f"&redirect_url={quote(order.return_url, safe='')}" if order.return_url else ""
            return PayInstruction(InstructionKind.REDIRECT, url=url + back)
        if prepay_id := answer.get("prepay_id"):
            return PayInstruction(InstructionKind.JSAPI, params=self._sign_bridge_call(prepay_id))
        raise GatewayError("WeChat Pay did not say how to pay.", code=ErrorCode.SILENT, unknown=True)

    def _sign_bridge_call(self, prepay_id: str) -> dict[str, str]:
        """Return what the page hands to WeixinJSBridge; the stamp is part of the signature, not a business time."""
        stamp, nonce, package = str(int(time.time())), uuid.uuid4().hex, f"prepay_id={prepay_id}"
        return {
            "appId": self.config.app_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.client.sdk.sign([self.config.app_id, stamp, nonce, package]),
        }

    def query_order(self, number: str) -> PaymentResult:
        """Return the trade behind our order number."""
        try:
            return _understood(
                read_payment, self.client.ask(lambda: self.client.sdk.query(out_trade_no=number))
            )
        except GatewayError as error:
            if error.code is ErrorCode.ABSENT:
                return PaymentResult(number, PaymentState.ABSENT)
            raise

    def close_order(self, number: str) -> None:
        """Close the order; WeChat answers an already closed one as closed."""
        try:
            self.client.ask(lambda: self.client.sdk.close(number))
        except GatewayError as error:
            if error.code is not ErrorCode.CLOSED:
                raise

    def refund(self, refund: Refund) -> RefundResult:
        """Ask for the refund; WeChat answers at once and pays back later."""
        answer = self.client.ask(
            lambda: self.client.sdk.refund(
                out_refund_no=refund.number,
                out_trade_no=refund.order_number,
                amount={"refund": to_fen(refund.amount), "total": to_fen(refund.total), "currency": "CNY"},
                reason=refund.reason[:80] or None,
                notify_url=refund.notify_url or None,
            )
        )
        return _understood(read_refund, answer)

    def query_refund(self, number: str, order_number: str) -> RefundResult:
        """Return the refund behind our refund number."""
        try:
            return _understood(read_refund, self.client.ask(lambda: self.client.sdk.query_refund(number)))
        except GatewayError as error:
            if error.code is ErrorCode.ABSENT:
                return RefundResult(number, order_number, RefundState.ABSENT)
            raise

    def read_notice(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notice:
        """Verify and decrypt a callback."""
        return callbacks.read_notice(self.client.sdk, self.config, headers, raw_body, now)

    def acknowledge(self) -> Answer:
        """Return WeChat's word for received."""
        return Answer(200, "application/json", '{"code":"SUCCESS","message":"成功"}'.encode())

    def refuse(self) -> Answer:
        """Return WeChat's word for not received."""
        return Answer(400, "application/json", '{"code":"FAIL","message":"失败"}'.encode())

    def download_bill(self, day: date) -> bytes:
        """Return the CSV of a day; its SHA-1 is given for the unzipped file and checked here."""
        sdk = self.client.sdk
        answer = self.client.ask(lambda: sdk.trade_bill(day.isoformat(), "ALL", "GZIP"))
        url = str(answer.get("download_url", ""))
        if not url.startswith(self.client.base_url + "/"):
            raise GatewayError(
                f"The bill lies at a strange address: {url}", code=ErrorCode.REFUSED, permanent=True
            )
        content = self.client.fetch(lambda: sdk.download_bill(url))
        raw = bills.unzip(content.encode() if isinstance(content, str) else content)
        digest = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        if digest != str(answer.get("hash_value", "")).lower():
            raise GatewayError("The bill was damaged on its way.", code=ErrorCode.SILENT, unknown=True)
        return raw

    def read_bill(self, raw: bytes) -> list[BillRecord]:
        """Read a bill of layout ALL, SUCCESS or REFUND, gzipped or not."""
        return bills.read_bill(raw)


def _scene_info(order: Order) -> dict[str, object] | None:
    if order.scene is not Scene.PHONE:
        return {"payer_client_ip": order.payer_ip} if order.payer_ip else None
    return {"payer_client_ip": order.payer_ip or "127.0.0.1", "h5_info": {"type": "Wap"}}


def _understood(read: Callable[[Mapping[str, Any]], Result], answer: Mapping[str, Any]) -> Result:
    """Read a verified answer. Raises GatewayError, unknown, when it has another shape than documented."""
    try:
        return read(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(f"WeChat Pay answered {error!r}.", code=ErrorCode.SILENT, unknown=True) from error
