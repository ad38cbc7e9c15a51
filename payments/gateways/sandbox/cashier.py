"""The wallet a person holds: a page that asks once, takes yes or no, and leads back to the merchant."""

import time
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from payments.gateways.sandbox.amounts import yuan
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.keys import ALIPAY, WECHAT
from payments.gateways.sandbox.orders import OPEN, PAID, Order, Refused
from payments.gateways.sandbox.signing import join_fields, sign
from payments.gateways.sandbox.times import clock
from payments.gateways.sandbox.web import Request, Response, Route, redirect, route

PAGE = Template((Path(__file__).parent / "cashier.html").read_text())
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
PAYER = "13800138000"
NAMES = {WECHAT: "微信支付", ALIPAY: "支付宝"}
RETURN_METHODS = {"page.pay": "alipay.trade.page.pay.return", "wap.pay": "alipay.trade.wap.pay.return"}


def show_order(desk: Desk, request: Request, token: str) -> Response:
    """Show an order to its payer."""
    return _show(desk, request, token, request.query.get("redirect_url", ""))


def show_h5_order(desk: Desk, request: Request) -> Response:
    """Show the order of a WeChat H5 link, which carries the way back in its query."""
    return show_order(desk, request, request.query.get("prepay_id", ""))


def answer_order(desk: Desk, request: Request, token: str) -> Response:
    """Take the payer's yes or no, then lead back to the merchant, or say how it ended."""
    order = desk.store.find_token(token)
    if order is None:
        return _unknown()
    back = request.form.get("back", "")
    if request.form.get("answer") != "pay":
        target = _web_address(back) or order.return_url
        return redirect(target) if target else _page("先不付", _left(order))
    try:
        paid = desk.pay(order, request.form.get("payer") or PAYER, request.now)
    except Refused:
        return _show(desk, request, token, back)
    return _lead_back(desk, paid, back)


def show_wallet(desk: Desk, request: Request) -> Response:
    """List what is waiting to be paid, for a person without a phone to scan with."""
    rows = "".join(
        f'<li><a href="/pay/{order.token}"><span>{escape(order.subject)}</span><b>¥{yuan(order.amount)}</b></a></li>'
        for order in desk.store.list_open(request.now)
    )
    body = f"<section><ul>{rows}</ul></section>" if rows else "<section>眼下没有等着付的订单。</section>"
    return _page("等着付的订单", f"<h1>等着付的订单</h1>{body}")


def _show(desk: Desk, request: Request, token: str, back: str) -> Response:
    order = desk.store.find_token(token)
    if order is None:
        return _unknown()
    state = order.at(request.now).state
    if state == OPEN:
        return _page("确认付款", _question(desk, order, back))
    if state == PAID:
        return _page("已付过", _done(order, "这笔已经付过了", _web_address(back) or order.return_url))
    return _page("已关闭", _message("这笔订单已关闭", "没有扣款。要交的话，请回到账单重新发起。"))


def _lead_back(desk: Desk, order: Order, back: str) -> Response:
    """Return the payer to the merchant. Alipay signs the way back; it proves nothing that the notice does not."""
    target = _web_address(back) or order.return_url
    if not target:
        return _page("已付", _done(order, "付好了", ""))
    if order.trade_type not in RETURN_METHODS:
        return redirect(target)
    fields = {
        "charset": "utf-8",
        "out_trade_no": order.number,
        "method": RETURN_METHODS[order.trade_type],
        "total_amount": yuan(order.amount),
        "trade_no": order.transaction_id,
        "app_id": desk.merchant_of(order).app_id,
        "seller_id": order.merchant_id,
        "timestamp": clock(int(time.time())),
        "version": "1.0",
    }
    query = urlencode(fields | {"sign": sign(desk.keys.alipay, join_fields(fields)), "sign_type": "RSA2"})
    return redirect(f"{target}{'&' if '?' in target else '?'}{query}")


def _question(desk: Desk, order: Order, back: str) -> str:
    facts = _facts(
        ("用途", order.subject),
        ("订单号", order.number),
        ("付款方式", NAMES[order.platform]),
    )
    return (
        f"<h1>向 {escape(desk.merchant_of(order).name)} 付款</h1><section>{_sum(order)}{facts}"
        f'<form method="post" action="/pay/{order.token}">'
        f'<input type="hidden" name="back" value="{escape(back)}">'
        f'<button class="main" name="answer" value="pay">付 ¥{yuan(order.amount)}</button>'
        '<button name="answer" value="leave">先不付</button></form></section>'
    )


def _done(order: Order, words: str, back: str) -> str:
    facts = _facts(
        ("用途", order.subject),
        ("付款时间", clock(order.paid_at or order.created_at)),
        ("交易号", order.transaction_id),
    )
    link = f'<form><a class="go" href="{escape(back)}">回到账单</a></form>' if back else ""
    return f"<h1>{words}</h1><section>{_sum(order)}{facts}{link}</section>"


def _web_address(text: str) -> str:
    """Return an address a browser may be sent to, empty for anything else a form might carry."""
    return text if text.startswith(("http://", "https://")) and text.isprintable() else ""


def _unknown() -> Response:
    title = "没有这笔订单"
    return _page(title, _message(title, "链接可能抄漏了一段，请回到账单重新打开。"), 404)


def _left(order: Order) -> str:
    return _message(
        "先不付", f"没有扣款。{escape(order.subject)} 还可以再付，到 {clock(order.expires_at)} 为止。"
    )


def _message(title: str, words: str) -> str:
    return f"<h1>{title}</h1><section>{words}</section>"


def _sum(order: Order) -> str:
    return f'<p class="sum"><small>¥</small>{yuan(order.amount)}</p>'


def _facts(*facts: tuple[str, str]) -> str:
    return (
        "<dl>"
        + "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
        + "</dl>"
    )


def _page(title: str, content: str, status: int = 200) -> Response:
    html = PAGE.substitute(title=title, content=content).encode()
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(status, html, "text/html; charset=utf-8", headers)


ROUTES: list[Route] = [
    route("GET", "/", show_wallet),
    route("GET", "/pay/{token}", show_order),
    route("POST", "/pay/{token}", answer_order),
    route("GET", "/cgi-bin/mmpayweb-bin/checkmweb", show_h5_order),
]
