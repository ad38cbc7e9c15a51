"""WeChat Pay's API version 3: signed requests in, signed answers out."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from payments.gateways.sandbox import bill_links, wechat_bill, wechat_words
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.keys import WECHAT, Merchant
from payments.gateways.sandbox.orders import Order, Refund, Refused, make_order, transaction_id
from payments.gateways.sandbox.signing import is_signed, wechat_headers
from payments.gateways.sandbox.times import read_moment, read_span
from payments.gateways.sandbox.web import Request, Response, Route, route

AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')
HALF_HOUR, LINK_SECONDS = 1800, 300
TRADE_TYPES = {"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI"}

Deed = Callable[..., Any]


def signed(operation: str, deed: Deed) -> Callable[..., Response]:
    """Wrap a deed as a route: check the merchant's signature, suffer the mishap on order, sign the answer."""

    def handler(desk: Desk, request: Request, **parts: str) -> Response:
        fault = desk.faults.take(operation)
        if fault and fault.kind == "fail":
            return _problem(desk, request, "system")
        try:
            merchant = _authenticate(desk, request)
            response = _answer(desk, request, deed(desk, request, merchant, **parts))
        except Refused as refused:
            response = _problem(desk, request, refused.reason)
        except (KeyError, TypeError, ValueError):
            response = _problem(desk, request, "param")
        if fault is None:
            return response
        return replace(response, silent=fault.kind == "drop", delay=fault.seconds)

    return handler


def _authenticate(desk: Desk, request: Request) -> Merchant:
    """Return the merchant who signed this request. Raises Refused."""
    given = dict(AUTHORIZATION.findall(request.headers.get("authorization", "")))
    merchant = desk.keys.find_merchant(WECHAT, merchant_id=given.get("mchid", ""))
    if merchant is None or given.get("serial_no") != merchant.serial:
        raise Refused("sign")
    text = f"{request.method}\n{request.target}\n{given.get('timestamp')}\n{given.get('nonce_str')}\n"
    if not is_signed(merchant.public_key, f"{text}{request.body.decode()}\n", given.get("signature", "")):
        raise Refused("sign")
    return merchant


def _answer(desk: Desk, request: Request, content: Any, status: int = 200) -> Response:
    if isinstance(content, Response):
        return content
    body = "" if content is None else json.dumps(content, ensure_ascii=False)
    headers = wechat_headers(desk.keys.wechat, desk.keys.wechat_key_id, body, request.now)
    return Response(status if body else 204, body.encode(), "application/json; charset=utf-8", headers)


def _problem(desk: Desk, request: Request, reason: str) -> Response:
    status, code, message = wechat_words.ERRORS[reason]
    return _answer(desk, request, {"code": code, "message": message}, status)


def create_order(desk: Desk, request: Request, merchant: Merchant, kind: str) -> dict[str, str]:
    """Register an order and say how to pay it: a code, a page, or a prepay id for the bridge."""
    wanted = request.json()
    if wanted["mchid"] != merchant.merchant_id or wanted["appid"] != merchant.app_id:
        raise Refused("param")
    order = desk.create(_read_order(wanted, kind, request.now))
    if kind == "native":
        return {"code_url": f"{desk.address}/pay/{order.token}"}
    if kind == "h5":
        page = f"{desk.address}/cgi-bin/mmpayweb-bin/checkmweb"
        return {"h5_url": f"{page}?prepay_id={order.token}&package={secrets.randbelow(10**10)}"}
    return {"prepay_id": order.token}


def _read_order(wanted: dict[str, Any], kind: str, now: int) -> Order:
    amount, expires = wanted["amount"], wanted.get("time_expire")
    if type(amount["total"]) is not int or amount["total"] <= 0 or amount.get("currency", "CNY") != "CNY":
        raise Refused("param")
    if (kind == "h5" and not wanted["scene_info"]["payer_client_ip"]) or (
        kind == "jsapi" and not wanted["payer"]["openid"]
    ):
        raise Refused("param")
    return make_order(
        platform=WECHAT,
        merchant_id=wanted["mchid"],
        number=wanted["out_trade_no"],
        amount=amount["total"],
        subject=wanted["description"],
        trade_type=TRADE_TYPES[kind],
        created_at=now,
        expires_at=read_moment(expires) if expires else now + 4 * HALF_HOUR,
        notify_url=wanted["notify_url"],
    )


def query_order(desk: Desk, request: Request, merchant: Merchant, number: str) -> dict[str, Any]:
    """Return the trade as it stands."""
    order = desk.get(WECHAT, merchant.merchant_id, number).at(request.now)
    return wechat_words.trade(order, merchant, refunded=bool(desk.refunds_of(order)))


def close_order(desk: Desk, request: Request, merchant: Merchant, number: str) -> None:
    """Close an open order; closing a closed one is answered the same."""
    try:
        desk.close(desk.get(WECHAT, merchant.merchant_id, number), request.now)
    except Refused as refused:
        if refused.reason != "closed":
            raise


def create_refund(desk: Desk, request: Request, merchant: Merchant) -> dict[str, Any]:
    """Give money back; `total` must be the order's."""
    wanted = request.json()
    order = desk.get(WECHAT, merchant.merchant_id, wanted["out_trade_no"])
    if wanted["amount"]["total"] != order.amount or type(wanted["amount"]["refund"]) is not int:
        raise Refused("param")
    refund = Refund(
        platform=WECHAT,
        merchant_id=merchant.merchant_id,
        number=wanted["out_refund_no"],
        order_number=order.number,
        refund_id=f"5{transaction_id(WECHAT, merchant.merchant_id, wanted['out_refund_no'], request.now)[1:]}",
        amount=wanted["amount"]["refund"],
        reason=wanted.get("reason", ""),
        notify_url=wanted.get("notify_url", ""),
        refunded_at=request.now,
    )
    made, _ = desk.refund(order, refund)
    return wechat_words.refund_answer(order, made)


def query_refund(desk: Desk, request: Request, merchant: Merchant, number: str) -> dict[str, Any]:
    """Return a refund."""
    refund = desk.store.find_refund(WECHAT, merchant.merchant_id, number)
    if refund is None:
        raise Refused("no_refund")
    return wechat_words.refund_answer(desk.get(WECHAT, merchant.merchant_id, refund.order_number), refund)


def offer_bill(desk: Desk, request: Request, merchant: Merchant) -> dict[str, str]:
    """Make the bill of a day and offer it by a link that lives five minutes; the digest is that of the plain file."""
    start, end = read_span(request.query["bill_date"])
    file = wechat_bill.write_bill(desk, merchant, start, end)
    if not file:
        raise Refused("no_bill")
    packed = request.query.get("tar_type") == "GZIP"
    token = bill_links.keep(wechat_bill.pack(file) if packed else file, until=request.now + LINK_SECONDS)
    return {
        "hash_type": "SHA1",
        "hash_value": wechat_bill.digest(file),
        "download_url": f"{_seen_address(desk, request)}/v3/billdownload/file?token={token}",
    }


def _seen_address(desk: Desk, request: Request) -> str:
    """Return the address under which this client knows us."""
    host = request.headers.get("host")
    return f"http://{host}" if host else desk.address


def send_bill(desk: Desk, request: Request, merchant: Merchant) -> Response:
    """Send the file behind a link; it bears no signature, the digest was signed before."""
    file = bill_links.find(request.query["token"], request.now)
    if file is None:
        raise Refused("no_bill")
    return Response(200, file, "application/octet-stream")


ROUTES: list[Route] = [
    route("POST", "/v3/pay/transactions/{kind}", signed("create", create_order)),
    route("GET", "/v3/pay/transactions/out-trade-no/{number}", signed("query", query_order)),
    route("POST", "/v3/pay/transactions/out-trade-no/{number}/close", signed("close", close_order)),
    route("POST", "/v3/refund/domestic/refunds", signed("refund", create_refund)),
    route("GET", "/v3/refund/domestic/refunds/{number}", signed("query", query_refund)),
    route("GET", "/v3/bill/tradebill", signed("bill", offer_bill)),
    route("GET", "/v3/billdownload/file", signed("bill", send_bill)),
]
