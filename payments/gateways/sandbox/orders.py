"""Orders and refunds as the platform keeps them, and its rules: what may be paid, closed and given back."""

import hashlib
import secrets
from dataclasses import dataclass, replace

from payments.gateways.sandbox.keys import WECHAT
from payments.gateways.sandbox.times import clock

OPEN, PAID, CLOSED = "open", "paid", "closed"


class Refused(Exception):
    """The platform will not: `reason` is one of absent, paid, closed, mismatch, unpaid, too_much."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Order:
    """One order: `amount` in fen, times in Unix seconds; `token` names it in links; `state` is open, paid or closed."""

    platform: str
    merchant_id: str
    number: str
    token: str
    transaction_id: str
    amount: int
    subject: str
    trade_type: str
    notify_url: str
    return_url: str
    created_at: int
    expires_at: int
    currency: str = "CNY"
    state: str = OPEN
    payer: str = ""
    paid_at: int | None = None

    def at(self, now: int) -> "Order":
        """Return the order as it stands now: an open one closes by itself when its time is over."""
        return replace(self, state=CLOSED) if self.state == OPEN and now > self.expires_at else self


@dataclass(frozen=True)
class Refund:
    """Money given back on an order; `amount` is fen."""

    platform: str
    merchant_id: str
    number: str
    order_number: str
    refund_id: str
    amount: int
    reason: str
    notify_url: str
    refunded_at: int


def make_order(
    *,
    platform: str,
    merchant_id: str,
    number: str,
    amount: int,
    subject: str,
    trade_type: str,
    created_at: int,
    expires_at: int,
    notify_url: str = "",
    return_url: str = "",
) -> Order:
    """Return a new open order. Its transaction id follows from its number, so that a simulation repeats itself."""
    return Order(
        platform=platform,
        merchant_id=merchant_id,
        number=number,
        token=secrets.token_urlsafe(16),
        transaction_id=transaction_id(platform, merchant_id, number, created_at),
        amount=amount,
        subject=subject,
        trade_type=trade_type,
        notify_url=notify_url,
        return_url=return_url,
        created_at=created_at,
        expires_at=expires_at,
    )


def transaction_id(platform: str, merchant_id: str, number: str, created_at: int) -> str:
    """Return 28 digits shaped like the platform's own."""
    digits = str(int(hashlib.sha256(f"{platform}/{merchant_id}/{number}".encode()).hexdigest(), 16))
    day = clock(created_at)[:10].replace("-", "")
    return f"42000{digits[:5]}{day}{digits[5:15]}" if platform == WECHAT else f"{day}2200{digits[:16]}"


def check_same(known: Order, wanted: Order) -> None:
    """Refuse a number that is used again for something else, or for an order that is over. Raises Refused."""
    if known.state != OPEN:
        raise Refused(known.state)
    if (known.amount, known.currency) != (wanted.amount, wanted.currency):
        raise Refused("mismatch")


def check_payable(order: Order, moment: int) -> None:
    """Refuse payment of an order that is over at that moment. Raises Refused."""
    state = order.at(moment).state
    if state != OPEN:
        raise Refused(state)


def check_refundable(order: Order, amount: int, refunded: int) -> None:
    """Refuse to give back what was not paid. Raises Refused."""
    if order.state != PAID:
        raise Refused("unpaid")
    if amount <= 0 or refunded + amount > order.amount:
        raise Refused("too_much")
