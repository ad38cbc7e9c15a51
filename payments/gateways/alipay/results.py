"""Alipay's trade answers, read into the words of the interface. Amounts are text in yuan, times Beijing's clock."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from payments.gateways.interface import BEIJING, PaymentResult, PaymentState, RefundResult, RefundState

YUAN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
PAYMENT_STATES = {
    "WAIT_BUYER_PAY": PaymentState.PENDING,
    "TRADE_SUCCESS": PaymentState.SUCCESS,
    "TRADE_FINISHED": PaymentState.SUCCESS,
    "TRADE_CLOSED": PaymentState.CLOSED,
}


def read_payment(trade: Mapping[str, Any], *, merchant_id: str, app_id: str) -> PaymentResult:
    """Return a trade (query answer or notice) as a PaymentResult. Raises KeyError or ValueError for another shape.

    Answers to a query name neither merchant nor app: Alipay tells an app of its own trades only, so the asking
    merchant's ids stand in. A closed trade that was paid once has been refunded in full.
    """
    paid_at = read_time(trade.get("gmt_payment") or trade.get("send_pay_date"))
    refunded = read_yuan(trade["refund_fee"]) if trade.get("refund_fee") else None
    return PaymentResult(
        order_number=str(trade["out_trade_no"]),
        state=_payment_state(str(trade["trade_status"]), paid_at, refunded),
        transaction_id=str(trade.get("trade_no", "")),
        amount=read_yuan(trade["total_amount"]),
        currency=str(trade.get("trans_currency") or "CNY"),
        paid_at=paid_at,
        merchant_id=str(trade.get("seller_id") or merchant_id),
        app_id=str(trade.get("app_id") or app_id),
        payer_account=str(trade.get("buyer_logon_id", "")),
        refunded=refunded,
        raw=trade,
    )


def _payment_state(status: str, paid_at: datetime | None, refunded: Decimal | None) -> PaymentState:
    state = PAYMENT_STATES.get(status, PaymentState.UNKNOWN)
    if refunded or (state is PaymentState.CLOSED and paid_at):
        return PaymentState.REFUNDED
    return state


def read_refund(answer: Mapping[str, Any], number: str, order_number: str) -> RefundResult:
    """Return the answer to a refund query. Without a `refund_status` Alipay never booked such a refund."""
    done = answer.get("refund_status") == "REFUND_SUCCESS"
    if not done and not answer.get("refund_amount"):
        return RefundResult(number, order_number, RefundState.ABSENT, raw=answer)
    return RefundResult(
        number=number,
        order_number=str(answer.get("out_trade_no") or order_number),
        state=RefundState.SUCCESS if done else RefundState.PENDING,
        refund_id=str(answer.get("trade_no", "")),
        amount=read_yuan(answer["refund_amount"]) if answer.get("refund_amount") else None,
        refunded_at=read_time(answer.get("gmt_refund_pay")),
        raw=answer,
    )


def read_yuan(text: Any) -> Decimal:
    """Return text like 88.5 as yuan with two places. Raises ValueError for signs, exponents and parts of a fen."""
    if not isinstance(text, str) or not YUAN.fullmatch(text):
        raise ValueError(f"{text!r} is no amount in yuan.")
    return Decimal(text).quantize(Decimal("0.01"))


def read_time(text: str | None) -> datetime | None:
    """Return a time of Alipay's, None for none; some carry milliseconds. Raises ValueError."""
    return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING) if text else None
