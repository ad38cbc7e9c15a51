"""What tests and simulations turn: payments at a given time, mishaps, past orders, and callbacks to take along.

Bodies and answers are JSON; amounts are yuan as text, times ISO 8601. Nothing of this exists on a real platform.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from payments.gateways.sandbox.amounts import read_yuan
from payments.gateways.sandbox.desk import Desk, notice_id
from payments.gateways.sandbox.faults import Fault
from payments.gateways.sandbox.notices import Post, write_notice
from payments.gateways.sandbox.orders import OPEN, PAID, Order, Refund, Refused, make_order
from payments.gateways.sandbox.times import read_moment, rfc3339
from payments.gateways.sandbox.web import Request, Response, Route, json_response, route

PAYER = "13800138000"


def knob(turn: Callable[[Desk, dict[str, Any], int], object]) -> Callable[..., Response]:
    """Wrap a function as a route: its body in, its answer out, and what was wrong with it as 400 or 409."""

    def handler(desk: Desk, request: Request) -> Response:
        try:
            return json_response(turn(desk, request.json(), request.now))
        except Refused as refused:
            return json_response({"error": refused.reason}, 409)
        except (KeyError, TypeError, ValueError) as error:
            return json_response({"error": repr(error)}, 400)

    return handler


def pay(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Pay an order: `number`, and `paid_at`, `payer`, `callback` (default true), `delay` seconds.

    With `notice` true the answer holds the signed callback; `sent_at` is the time it is stamped with.
    """
    paid_at = read_moment(wish["paid_at"]) if "paid_at" in wish else now
    order = desk.pay(
        _find(desk, wish),
        wish.get("payer") or PAYER,
        paid_at,
        tell=wish.get("callback", True),
        delay=float(wish.get("delay", 0)),
    )
    answer: dict[str, Any] = {
        "number": order.number,
        "transaction_id": order.transaction_id,
        "paid_at": rfc3339(paid_at),
    }
    return answer | {"notice": _notice(desk, order, wish, now)} if wish.get("notice") else answer


def show_notice(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Return the signed callback of a paid order: `number`, and `sent_at`, `notice_id`, `refund`, `changes`.

    `changes` replaces fields before the platform signs, to make genuine signatures under wrong content (P-15).
    """
    return _notice(desk, _find(desk, wish), wish, now)


def send_notice(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Let the callback of a paid order go out again: `number`, and `copies`, `delay`."""
    order = _find(desk, wish)
    notice = notice_id(order.platform)
    for _ in range(int(wish.get("copies", 1))):
        desk.courier.send(notice, order.token, wish.get("refund", ""), delay=float(wish.get("delay", 0)))
    return {"notice_id": notice}


def plan_fault(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Let the next `times` calls of an `operation` suffer a `fault` (see `faults`); `clear` forgets all."""
    if wish.get("clear"):
        desk.faults.clear()
        return {}
    fault = Fault(wish["fault"], float(wish.get("seconds", 0)), int(wish.get("copies", 1)))
    desk.faults.plan(wish["operation"], fault, int(wish.get("times", 1)))
    return {"planned": int(wish.get("times", 1))}


def record_history(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Keep many past orders as paid: `platform`, `merchant_id`, `orders` of `number`, `amount`, `paid_at`,
    and `subject`, `payer`. Numbers that are known stay as they are; no callbacks go out.
    """
    platform, merchant_id = wish["platform"], wish["merchant_id"]
    if desk.keys.find_merchant(platform, merchant_id=merchant_id) is None:
        raise ValueError(f"No merchant {merchant_id} at {platform}.")
    orders = [_past_order(platform, merchant_id, row) for row in wish["orders"]]
    recorded = desk.store.add_orders(orders)
    return {"recorded": recorded, "existing": len(orders) - recorded}


def show_order(desk: Desk, wish: dict[str, Any], now: int) -> dict[str, Any]:
    """Return an order as the platform keeps it: `number`."""
    order = _find(desk, wish).at(now)
    return {
        "number": order.number,
        "state": order.state,
        "amount": order.amount,
        "token": order.token,
        "transaction_id": order.transaction_id,
        "refunded": sum(refund.amount for refund in desk.refunds_of(order)),
        "undelivered": desk.store.count_deliveries(order.token),
    }


def _past_order(platform: str, merchant_id: str, row: dict[str, Any]) -> Order:
    paid_at = read_moment(row["paid_at"])
    order = make_order(
        platform=platform,
        merchant_id=merchant_id,
        number=row["number"],
        amount=read_yuan(row["amount"]),
        subject=row.get("subject", "物业费"),
        trade_type="NATIVE" if platform == "wechat" else "precreate",
        created_at=paid_at,
        expires_at=paid_at,
    )
    return replace(order, state=PAID, payer=row.get("payer") or PAYER, paid_at=paid_at)


def _find(desk: Desk, wish: dict[str, Any]) -> Order:
    """Return the one order of this number. Raises Refused when there is none, ValueError when there are several."""
    found = desk.store.list_numbered(wish["number"])
    found = [order for order in found if wish.get("merchant_id") in (None, order.merchant_id)]
    if not found:
        raise Refused("absent")
    if len(found) > 1:
        raise ValueError("Several merchants have this number; name the merchant_id.")
    return found[0]


def _notice(desk: Desk, order: Order, wish: dict[str, Any], now: int) -> dict[str, Any]:
    if order.state == OPEN:
        raise Refused("unpaid")
    post = _sign(desk, order, wish, read_moment(wish["sent_at"]) if "sent_at" in wish else now)
    return {"url": order.notify_url, "headers": post.headers, "body": post.body.decode()}


def _sign(desk: Desk, order: Order, wish: dict[str, Any], sent_at: int) -> Post:
    refund: Refund | None = None
    if wish.get("refund"):
        refund = desk.store.find_refund(order.platform, order.merchant_id, wish["refund"])
    return write_notice(
        desk.keys,
        desk.merchant_of(order),
        order,
        notice_id=wish.get("notice_id") or notice_id(order.platform),
        sent_at=sent_at,
        refunds=desk.refunds_of(order) if refund else [],
        refund=refund,
        changes=wish.get("changes"),
    )


ROUTES: list[Route] = [
    route("POST", "/sandbox/pay", knob(pay)),
    route("POST", "/sandbox/notice", knob(show_notice)),
    route("POST", "/sandbox/send", knob(send_notice)),
    route("POST", "/sandbox/fault", knob(plan_fault)),
    route("POST", "/sandbox/history", knob(record_history)),
    route("POST", "/sandbox/order", knob(show_order)),
]
