"""The Alipay gateway: page, WAP and QR orders, queries, refunds, notices and the daily bill."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from payments.gateways.alipay import bills, callbacks
from payments.gateways.alipay.client import AlipayClient
from payments.gateways.alipay.results import read_payment, read_refund
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

FORBIDDEN_IN_SUBJECT = re.compile(r"[/=&]")
"""Alipay takes none of these in a subject, and its notices join fields with two of them."""

Result = TypeVar("Result", PaymentResult, RefundResult)

PAGES = {
    Scene.DESKTOP: ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    Scene.PHONE: ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    Scene.IN_APP: ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
}
"""Pages the payer's browser opens; inside the wallet the WAP page is the right one too."""


class AlipayGateway:
    """One merchant's line to Alipay; see `interface.Gateway` for the promises of each method."""

    def __init__(self, config: MerchantConfig) -> None:
        self.config = config
        self.client = AlipayClient(config)

    def create_order(self, order: Order) -> PayInstruction:
        """Register a QR order, or sign a page's address: Alipay learns of a page order when the payer opens it."""
        content = {
            "out_trade_no": order.number,
            "total_amount": f"{order.amount:.2f}",
            "subject": FORBIDDEN_IN_SUBJECT.sub(" ", order.subject)[:128],
            "time_expire": order.expires_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }
        if order.scene is Scene.QR:
            return self._create_code(content, order)
        method, product = PAGES[order.scene]
        url = self.client.page_url(
            method,
            {**content, "product_code": product},
            notify_url=order.notify_url,
            return_url=order.return_url,
        )
        return PayInstruction(InstructionKind.REDIRECT, url=url)

    def _create_code(self, content: Mapping[str, str], order: Order) -> PayInstruction:
        answer = self.client.ask("alipay.trade.precreate", content, notify_url=order.notify_url)
        if not answer.get("qr_code"):
            raise GatewayError("Alipay did not say how to pay.", code=ErrorCode.SILENT, unknown=True)
        return PayInstruction(InstructionKind.QR, code=str(answer["qr_code"]))

    def query_order(self, number: str) -> PaymentResult:
        """Return the trade behind our order number."""
        try:
            answer = self.client.ask("alipay.trade.query", {"out_trade_no": number})
        except GatewayError as error:
            if error.code is ErrorCode.ABSENT:
                return PaymentResult(number, PaymentState.ABSENT)
            raise
        return _understood(
            lambda: read_payment(answer, merchant_id=self.config.merchant_id, app_id=self.config.app_id)
        )

    def close_order(self, number: str) -> None:
        """Close the trade. Alipay calls closing a closed one a wrong state, so that is looked up before complaining."""
        try:
            self.client.ask("alipay.trade.close", {"out_trade_no": number})
        except GatewayError as error:
            if error.code is ErrorCode.CLOSED:
                return
            if error.code is not ErrorCode.STATE or self.query_order(number).state is not PaymentState.CLOSED:
                raise

    def refund(self, refund: Refund) -> RefundResult:
        """Give money back; `fund_change` N means that this call moved nothing, so the refund itself is looked up."""
        answer = self.client.ask(
            "alipay.trade.refund",
            {
                "out_trade_no": refund.order_number,
                "refund_amount": f"{refund.amount:.2f}",
                "out_request_no": refund.number,
                "refund_reason": refund.reason[:256],
            },
        )
        if answer.get("fund_change") != "Y":
            return self.query_refund(refund.number, refund.order_number)
        return RefundResult(
            number=refund.number,
            order_number=refund.order_number,
            state=RefundState.SUCCESS,
            refund_id=str(answer.get("trade_no", "")),
            amount=refund.amount,
            raw=answer,
        )

    def query_refund(self, number: str, order_number: str) -> RefundResult:
        """Return the refund behind our refund number."""
        content = {
            "out_trade_no": order_number,
            "out_request_no": number,
            "query_options": ["gmt_refund_pay"],
        }
        try:
            answer = self.client.ask("alipay.trade.fastpay.refund.query", content)
        except GatewayError as error:
            if error.code is ErrorCode.ABSENT:
                return RefundResult(number, order_number, RefundState.ABSENT)
            raise
        return _understood(lambda: read_refund(answer, number, order_number))

    def read_notice(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notice:
        """Verify a notice; Alipay signs the form, the headers say nothing."""
        return callbacks.read_notice(self.client.sdk, self.config, raw_body, now)

    def acknowledge(self) -> Answer:
        """Return Alipay's seven letters for received."""
        return Answer(200, "text/plain", b"success")

    def refuse(self) -> Answer:
        """Return Alipay's word for not received."""
        return Answer(400, "text/plain", b"fail")

    def download_bill(self, day: date) -> bytes:
        """Return the zipped bill of a day; its link lives 30 seconds and is fetched at once."""
        answer = self.client.ask(
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": day.isoformat()},
        )
        return self.client.fetch(str(answer.get("bill_download_url", "")))

    def read_bill(self, raw: bytes) -> list[BillRecord]:
        """Read a trade bill, zipped or not. Its rows do not name the merchant: they are this one's."""
        return bills.read_bill(raw)


def _understood(read: Callable[[], Result]) -> Result:
    """Read a verified answer. Raises GatewayError, unknown, when it has another shape than documented."""
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(f"Alipay answered {error!r}.", code=ErrorCode.SILENT, unknown=True) from error
