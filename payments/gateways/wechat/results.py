"""WeChat's trade and refund objects, read into the words of the interface."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import to_yuan
from payments.gateways.interface import PaymentResult, PaymentState, RefundResult, RefundState

PAYMENT_STATES = {
    "SUCCESS": PaymentState.SUCCESS,
    "REFUND": PaymentState.REFUNDED,
    "NOTPAY": PaymentState.PENDING,
    "USERPAYING": PaymentState.PENDING,
    "PAYERROR": PaymentState.PENDING,
    "CLOSED": PaymentState.CLOSED,
    "REVOKED": PaymentState.CLOSED,
}
REFUND_STATES = {
    "SUCCESS": RefundState.SUCCESS,
    "PROCESSING": RefundState.PENDING,
    "CLOSED": RefundState.CLOSED,
    "ABNORMAL": RefundState.ABNORMAL,
}


def read_payment(trade: Mapping[str, Any]) -> PaymentResult:
    """Return a trade object (query answer or decrypted callback) as a PaymentResult.

    Raises KeyError, TypeError or ValueError when a field is missing or of another type: amounts are whole fen.
    """
    amount = trade.get("amount")
    return PaymentResult(
        order_number=str(trade["out_trade_no"]),
        state=PAYMENT_STATES.get(str(trade["trade_state"]), PaymentState.UNKNOWN),
        transaction_id=str(trade.get("transaction_id", "")),
        amount=read_fen(amount["total"]) if amount else None,
        currency=str(amount.get("currency", "CNY")) if amount else "",
        paid_at=read_time(trade.get("success_time")),
        merchant_id=str(trade["mchid"]),
        app_id=str(trade["appid"]),
        payer_account=mask_account(str(trade.get("payer", {}).get("openid", ""))),
        raw=trade,
    )


def read_refund(refund: Mapping[str, Any]) -> RefundResult:
    """Return a refund object as a RefundResult. Raises KeyError, TypeError or ValueError like `read_payment`.

    The answer to a request names its state `status`, the callback `refund_status`.
    """
    return RefundResult(
        number=str(refund["out_refund_no"]),
        order_number=str(refund["out_trade_no"]),
        state=REFUND_STATES[str(refund.get("status") or refund["refund_status"])],
        refund_id=str(refund["refund_id"]),
        amount=read_fen(refund["amount"]["refund"]),
        refunded_at=read_time(refund.get("success_time")),
        raw=refund,
    )


def read_refunded_payment(refund: Mapping[str, Any], app_id: str) -> PaymentResult:
    """Return the payment a refund callback speaks of; that callback does not repeat the app id."""
    return PaymentResult(
        order_number=str(refund["out_trade_no"]),
        state=PaymentState.REFUNDED,
        transaction_id=str(refund["transaction_id"]),
        amount=read_fen(refund["amount"]["total"]),
        currency=str(refund["amount"].get("currency", "CNY")),
        merchant_id=str(refund["mchid"]),
        app_id=app_id,
        raw=refund,
    )


def read_fen(value: Any) -> Decimal:
    """Return whole fen of a JSON object as yuan. Raises TypeError for anything but an integer from nought up."""
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is not an amount in fen.")
    return to_yuan(value)


def read_time(text: str | None) -> datetime | None:
    """Return an RFC 3339 time with its zone, None for none. Raises ValueError when the zone is missing."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone.")
    return moment


def mask_account(openid: str) -> str:
    """Return an openid with its middle hidden, enough to tell two payers apart on a desk."""
    return f"{openid[:4]}****{openid[-4:]}" if len(openid) > 8 else "*" * len(openid)
