"""WeChat's JSON objects: a trade, a refund, and what its error codes are called."""

import hashlib
from typing import Any

from payments.gateways.sandbox.keys import Merchant
from payments.gateways.sandbox.orders import CLOSED, OPEN, PAID, Order, Refund
from payments.gateways.sandbox.times import rfc3339

STATES = {OPEN: ("NOTPAY", "未支付"), PAID: ("SUCCESS", "支付成功"), CLOSED: ("CLOSED", "已关闭")}
ERRORS = {
    "absent": (404, "ORDER_NOT_EXIST", "订单不存在"),
    "paid": (400, "ORDERPAID", "该订单已支付"),
    "closed": (400, "ORDER_CLOSED", "该订单已关闭"),
    "mismatch": (403, "OUT_TRADE_NO_USED", "商户订单号重复"),
    "unpaid": (400, "TRADE_STATE_ERROR", "订单未支付,不能退款"),
    "too_much": (403, "INVALID_REQUEST", "累计退款金额超过订单金额"),
    "no_refund": (404, "RESOURCE_NOT_EXISTS", "退款单不存在"),
    "no_bill": (400, "NO_STATEMENT_EXIST", "账单文件不存在"),
    "param": (400, "PARAM_ERROR", "参数错误"),
    "sign": (401, "SIGN_ERROR", "签名错误"),
    "system": (500, "SYSTEM_ERROR", "系统异常,请稍后重试"),
}


def trade(order: Order, merchant: Merchant, *, refunded: bool) -> dict[str, Any]:
    """Return the trade object of a query or a callback; the payer and the payment stand in it once it is paid."""
    state, words = ("REFUND", "转入退款") if refunded else STATES[order.state]
    known: dict[str, Any] = {
        "appid": merchant.app_id,
        "mchid": merchant.merchant_id,
        "out_trade_no": order.number,
        "trade_type": order.trade_type,
        "trade_state": state,
        "trade_state_desc": words,
        "attach": "",
        "amount": {
            "total": order.amount,
            "payer_total": order.amount,
            "currency": order.currency,
            "payer_currency": order.currency,
        },
    }
    if order.paid_at is None:
        return known
    return known | {
        "transaction_id": order.transaction_id,
        "bank_type": "OTHERS",
        "success_time": rfc3339(order.paid_at),
        "payer": {"openid": openid(order.payer)},
    }


def refund_answer(order: Order, refund: Refund) -> dict[str, Any]:
    """Return the refund object of a request or a query."""
    return _refund(order, refund) | {
        "channel": "ORIGINAL",
        "create_time": rfc3339(refund.refunded_at),
        "status": "SUCCESS",
        "funds_account": "UNSETTLED",
    }


def refund_notice(order: Order, refund: Refund, merchant: Merchant) -> dict[str, Any]:
    """Return the refund object of a callback, which names the merchant but no app."""
    return _refund(order, refund) | {"mchid": merchant.merchant_id, "refund_status": "SUCCESS"}


def _refund(order: Order, refund: Refund) -> dict[str, Any]:
    return {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.number,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.number,
        "user_received_account": "支付用户零钱",
        "success_time": rfc3339(refund.refunded_at),
        "amount": {
            "total": order.amount,
            "refund": refund.amount,
            "payer_total": order.amount,
            "payer_refund": refund.amount,
            "currency": order.currency,
        },
    }


def openid(payer: str) -> str:
    """Return the 28-character id under which this merchant's app knows a payer."""
    return f"o{hashlib.sha256(payer.encode()).hexdigest()[:27]}"
