"""WeChat's trade bill, layout ALL: 27 columns, a back-tick before every value, totals at the end."""

import gzip
import hashlib

from payments.gateways.sandbox.amounts import fee, yuan
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.keys import WECHAT, Merchant
from payments.gateways.sandbox.orders import Order, Refund
from payments.gateways.sandbox.times import clock
from payments.gateways.sandbox.wechat_words import openid

COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def write_bill(desk: Desk, merchant: Merchant, start: int, end: int) -> bytes:
    """Return the bill of a span, empty when there was no trade."""
    store, key = desk.store, (WECHAT, merchant.merchant_id)
    paid = store.list_paid(*key, start, end)
    refunds = store.list_refunds_of_span(*key, start, end)
    if not paid and not refunds:
        return b""
    rows = [_payment(order, merchant) for order in paid]
    rows += [_refund(desk.get(*key, refund.order_number), refund, merchant) for refund in refunds]
    received = sum(order.amount for order in paid)
    given = sum(refund.amount for refund in refunds)
    fees = sum(fee(order.amount) for order in paid) - sum(fee(refund.amount) for refund in refunds)
    totals = (
        str(len(rows)),
        yuan(received),
        yuan(given),
        "0.00",
        f"{yuan(fees)}000",
        yuan(received),
        yuan(given),
    )
    lines = [COLUMNS, *(_line(row) for row in rows), TOTALS, _line(totals)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def pack(file: bytes) -> bytes:
    """Return the file gzipped."""
    return gzip.compress(file)


def digest(file: bytes) -> str:
    """Return the SHA-1 the platform states for the plain file."""
    return hashlib.sha1(file, usedforsecurity=False).hexdigest()


def _line(cells: tuple[str, ...]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def _head(order: Order, merchant: Merchant, moment: int, state: str) -> tuple[str, ...]:
    return (
        clock(moment),
        merchant.app_id,
        merchant.merchant_id,
        "0",
        "",
        order.transaction_id,
        order.number,
        openid(order.payer),
        order.trade_type,
        state,
        "OTHERS",
        order.currency,
    )


def _payment(order: Order, merchant: Merchant) -> tuple[str, ...]:
    return (
        *_head(order, merchant, order.paid_at or order.created_at, "SUCCESS"),
        *(yuan(order.amount), "0.00", "0", "0", "0.00", "0.00", "", "", order.subject, ""),
        *(f"{yuan(fee(order.amount))}000", "0.60%", yuan(order.amount), "0.00", ""),
    )


def _refund(order: Order, refund: Refund, merchant: Merchant) -> tuple[str, ...]:
    given = yuan(refund.amount)
    return (
        *_head(order, merchant, refund.refunded_at, "REFUND"),
        *(
            "0.00",
            "0.00",
            refund.refund_id,
            refund.number,
            given,
            "0.00",
            "ORIGINAL",
            "SUCCESS",
            order.subject,
            "",
        ),
        *(f"{yuan(-fee(refund.amount))}000", "0.60%", "0.00", given, ""),
    )
