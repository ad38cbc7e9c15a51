"""Alipay's fields: a trade, a notice, and what its error codes are called. Amounts are yuan as text."""

import hashlib

from payments.gateways.sandbox.amounts import yuan
from payments.gateways.sandbox.keys import Merchant
from payments.gateways.sandbox.orders import CLOSED, OPEN, PAID, Order, Refund
from payments.gateways.sandbox.times import clock

STATES = {OPEN: "WAIT_BUYER_PAY", PAID: "TRADE_SUCCESS", CLOSED: "TRADE_CLOSED"}
ERRORS = {
    "absent": ("40004", "ACQ.TRADE_NOT_EXIST", "交易不存在"),
    "paid": ("40004", "ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
    "closed": ("40004", "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
    "mismatch": ("40004", "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
    "state": ("40004", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
    "unpaid": ("40004", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
    "too_much": ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
    "no_bill": ("40004", "isp.bill_not_exist", "账单不存在"),
    "param": ("40004", "ACQ.INVALID_PARAMETER", "参数无效"),
    "method": ("40001", "isv.invalid-method", "不存在的方法名"),
    "sign": ("40002", "isv.invalid-signature", "验签出错"),
    "app": ("40002", "isv.invalid-app-id", "无效的AppID参数"),
    "system": ("20000", "isp.unknow-error", "系统繁忙"),
}


def trade(order: Order, refunds: list[Refund]) -> dict[str, str]:
    """Return the answer to a query; fully refunded trades are closed trades that were paid."""
    known = {
        "out_trade_no": order.number,
        "trade_no": order.transaction_id,
        "trade_status": status(order, refunds),
        "total_amount": yuan(order.amount),
        "buyer_logon_id": mask(order.payer),
    }
    if order.paid_at is None:
        return known
    return known | {
        "send_pay_date": clock(order.paid_at),
        "receipt_amount": yuan(order.amount),
        "buyer_pay_amount": yuan(order.amount),
        "buyer_user_id": buyer_id(order.payer),
    }


def notice(
    order: Order, merchant: Merchant, *, refunds: list[Refund], refund: Refund | None
) -> dict[str, str]:
    """Return the fields of a notice, `notify_id` and `notify_time` apart; a refund's notice adds the sum given back."""
    fields = {
        "notify_type": "trade_status_sync",
        "charset": "utf-8",
        "version": "1.0",
        "app_id": merchant.app_id,
        "auth_app_id": merchant.app_id,
        "seller_id": merchant.merchant_id,
        "out_trade_no": order.number,
        "trade_no": order.transaction_id,
        "trade_status": status(order, refunds),
        "subject": order.subject,
        "total_amount": yuan(order.amount),
        "receipt_amount": yuan(order.amount),
        "buyer_pay_amount": yuan(order.amount),
        "invoice_amount": yuan(order.amount),
        "buyer_id": buyer_id(order.payer),
        "buyer_logon_id": mask(order.payer),
        "gmt_create": clock(order.created_at),
        "gmt_payment": clock(order.paid_at or order.created_at),
    }
    if refund is None:
        return fields
    return fields | {
        "out_biz_no": refund.number,
        "gmt_refund": f"{clock(refund.refunded_at)}.000",
        "refund_fee": yuan(sum(known.amount for known in refunds)),
    }


def status(order: Order, refunds: list[Refund]) -> str:
    """Return the trade's status; nothing but the order itself says that a closed one was paid."""
    whole = order.state == PAID and sum(refund.amount for refund in refunds) == order.amount
    return STATES[CLOSED] if whole else STATES[order.state]


def mask(payer: str) -> str:
    """Return the payer's log-in as Alipay shows it, 138****1234."""
    return f"{payer[:3]}****{payer[-4:]}" if len(payer) > 7 else f"{payer[:1]}****"


def buyer_id(payer: str) -> str:
    """Return the payer's 16-digit number."""
    return f"2088{str(int(hashlib.sha256(payer.encode()).hexdigest(), 16))[:12]}"
