"""Alipay's one door, gateway.do: signed forms in, signed answers out; the pay pages lead to the cashier."""

import json
from dataclasses import replace
from typing import Any

from payments.gateways.sandbox import alipay_bill, alipay_words, bill_links
from payments.gateways.sandbox.amounts import read_yuan, yuan
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.keys import ALIPAY, Merchant
from payments.gateways.sandbox.orders import Order, Refund, Refused, make_order
from payments.gateways.sandbox.signing import is_signed, join_fields, sign
from payments.gateways.sandbox.times import clock, read_moment, read_span
from payments.gateways.sandbox.web import Request, Response, Route, redirect, route

HALF_HOUR, LINK_SECONDS = 1800, 30
OPERATIONS = {
    "alipay.trade.page.pay": "create",
    "alipay.trade.wap.pay": "create",
    "alipay.trade.precreate": "create",
    "alipay.trade.query": "query",
    "alipay.trade.fastpay.refund.query": "query",
    "alipay.trade.close": "close",
    "alipay.trade.refund": "refund",
    "alipay.data.dataservice.bill.downloadurl.query": "bill",
}


def answer_gateway(desk: Desk, request: Request) -> Response:
    """Answer any method; a mishap on order for its kind of operation strikes here."""
    fields = request.query | (request.form if request.method == "POST" else {})
    method = fields.get("method", "")
    fault = desk.faults.take(OPERATIONS.get(method, ""))
    if fault and fault.kind == "fail":
        return _problem(desk, method, "system")
    try:
        response = _answer(desk, request, fields, _authenticate(desk, fields))
    except Refused as refused:
        response = _problem(desk, method, refused.reason)
    except (KeyError, TypeError, ValueError):
        response = _problem(desk, method, "param")
    return replace(response, silent=fault.kind == "drop", delay=fault.seconds) if fault else response


def _authenticate(desk: Desk, fields: dict[str, str]) -> Merchant:
    """Return the merchant whose app signed the form with RSA2. Raises Refused."""
    merchant = desk.keys.find_merchant(ALIPAY, app_id=fields.get("app_id", ""))
    if merchant is None:
        raise Refused("app")
    text = join_fields({name: value for name, value in fields.items() if name != "sign"})
    if fields.get("sign_type") != "RSA2" or not is_signed(merchant.public_key, text, fields.get("sign", "")):
        raise Refused("sign")
    return merchant


def _answer(desk: Desk, request: Request, fields: dict[str, str], merchant: Merchant) -> Response:
    method, wanted = fields["method"], json.loads(fields["biz_content"])
    if method in ("alipay.trade.page.pay", "alipay.trade.wap.pay"):
        order = desk.create(_read_order(fields, wanted, merchant, request.now))
        return redirect(f"{desk.address}/pay/{order.token}")
    if method == "alipay.trade.precreate":
        order = desk.create(_read_order(fields, wanted, merchant, request.now))
        return _signed(
            desk, method, {"out_trade_no": order.number, "qr_code": f"{desk.address}/pay/{order.token}"}
        )
    if method not in DEEDS:
        raise Refused("method")
    return _signed(desk, method, DEEDS[method](desk, request, merchant, wanted))


def _signed(
    desk: Desk, method: str, content: dict[str, Any], code: str = "10000", word: str = "Success"
) -> Response:
    body = json.dumps({"code": code, "msg": word} | content, ensure_ascii=False)
    name = f"{method.replace('.', '_')}_response"
    text = f'{{"{name}":{body},"sign":"{sign(desk.keys.alipay, body)}"}}'
    return Response(200, text.encode(), "text/html;charset=utf-8")


def _problem(desk: Desk, method: str, reason: str) -> Response:
    code, sub_code, message = alipay_words.ERRORS[reason]
    return _signed(
        desk, method or "error", {"sub_code": sub_code, "sub_msg": message}, code, "Business Failed"
    )


def _read_order(fields: dict[str, str], wanted: dict[str, Any], merchant: Merchant, now: int) -> Order:
    expires, amount = wanted.get("time_expire"), read_yuan(wanted["total_amount"])
    if amount <= 0:
        raise Refused("param")
    return make_order(
        platform=ALIPAY,
        merchant_id=merchant.merchant_id,
        number=wanted["out_trade_no"],
        amount=amount,
        subject=wanted["subject"],
        trade_type=fields["method"].rpartition("trade.")[2],
        created_at=now,
        expires_at=read_moment(expires) if expires else now + HALF_HOUR,
        notify_url=fields.get("notify_url", ""),
        return_url=fields.get("return_url", ""),
    )


def query_trade(desk: Desk, request: Request, merchant: Merchant, wanted: dict[str, Any]) -> dict[str, str]:
    """Return the trade as it stands."""
    order = desk.get(ALIPAY, merchant.merchant_id, wanted["out_trade_no"]).at(request.now)
    return alipay_words.trade(order, desk.refunds_of(order))


def close_trade(desk: Desk, request: Request, merchant: Merchant, wanted: dict[str, Any]) -> dict[str, str]:
    """Close an open trade; for any other Alipay has one word, wrong state."""
    order = desk.get(ALIPAY, merchant.merchant_id, wanted["out_trade_no"])
    try:
        desk.close(order, request.now)
    except Refused as refused:
        raise Refused("state") from refused
    return {"out_trade_no": order.number, "trade_no": order.transaction_id}


def refund_trade(desk: Desk, request: Request, merchant: Merchant, wanted: dict[str, Any]) -> dict[str, str]:
    """Give money back; `fund_change` is N when this call moved nothing."""
    order = desk.get(ALIPAY, merchant.merchant_id, wanted["out_trade_no"])
    refund = Refund(
        platform=ALIPAY,
        merchant_id=merchant.merchant_id,
        number=wanted["out_request_no"],
        order_number=order.number,
        refund_id=order.transaction_id,
        amount=read_yuan(wanted["refund_amount"]),
        reason=wanted.get("refund_reason", ""),
        notify_url="",
        refunded_at=request.now,
    )
    _, moved = desk.refund(order, refund)
    return {
        "out_trade_no": order.number,
        "trade_no": order.transaction_id,
        "buyer_logon_id": alipay_words.mask(order.payer),
        "fund_change": "Y" if moved else "N",
        "refund_fee": yuan(sum(known.amount for known in desk.refunds_of(order))),
    }


def query_refund(desk: Desk, request: Request, merchant: Merchant, wanted: dict[str, Any]) -> dict[str, str]:
    """Return a refund; an answer without one is a success that says nothing."""
    order = desk.get(ALIPAY, merchant.merchant_id, wanted["out_trade_no"])
    refund = desk.store.find_refund(ALIPAY, merchant.merchant_id, wanted["out_request_no"])
    if refund is None:
        return {}
    return {
        "out_trade_no": order.number,
        "trade_no": order.transaction_id,
        "out_request_no": refund.number,
        "total_amount": yuan(order.amount),
        "refund_amount": yuan(refund.amount),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": clock(refund.refunded_at),
    }


def offer_bill(desk: Desk, request: Request, merchant: Merchant, wanted: dict[str, Any]) -> dict[str, str]:
    """Make the bill of a day or a month and offer it by a link that lives thirty seconds."""
    start, end = read_span(wanted["bill_date"])
    file = alipay_bill.write_bill(desk, merchant, start, end) if wanted["bill_type"] == "trade" else b""
    if not file:
        raise Refused("no_bill")
    token = bill_links.keep(file, until=request.now + LINK_SECONDS)
    return {"bill_download_url": f"http://{request.headers['host']}/alipay/bill.csv.zip?token={token}"}


def send_bill(desk: Desk, request: Request) -> Response:
    """Send the file behind a link to whoever knows it."""
    file = bill_links.find(request.query.get("token", ""), request.now)
    return Response(200, file, "application/zip") if file else Response(404, b"gone")


DEEDS = {
    "alipay.trade.query": query_trade,
    "alipay.trade.close": close_trade,
    "alipay.trade.refund": refund_trade,
    "alipay.trade.fastpay.refund.query": query_refund,
    "alipay.data.dataservice.bill.downloadurl.query": offer_bill,
}
ROUTES: list[Route] = [
    route("GET", "/gateway.do", answer_gateway),
    route("POST", "/gateway.do", answer_gateway),
    route("GET", "/alipay/bill.csv.zip", send_bill),
]
