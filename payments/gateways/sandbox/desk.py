"""What the platform does for anybody who asks: register, pay, close, give back, and tell the merchant."""

import secrets
from dataclasses import dataclass, replace

from payments.gateways.sandbox.courier import Courier, Letter
from payments.gateways.sandbox.faults import Faults
from payments.gateways.sandbox.keys import WECHAT, KeyRing, Merchant
from payments.gateways.sandbox.notices import Post, write_notice
from payments.gateways.sandbox.orders import (
    OPEN,
    PAID,
    Order,
    Refund,
    Refused,
    check_payable,
    check_refundable,
    check_same,
)
from payments.gateways.sandbox.store import Delivery, Store


@dataclass
class Desk:
    """The whole platform behind its protocols; `address` is where browsers reach it."""

    keys: KeyRing
    store: Store
    faults: Faults
    address: str
    pace: float = 1.0

    def __post_init__(self) -> None:
        self.courier = Courier(self.store, self.faults, self.write_letter, pace=self.pace)

    def create(self, order: Order) -> Order:
        """Register an order; the same one again returns the first. Raises Refused."""
        if self.store.add_order(order):
            return order
        known = self.get(order.platform, order.merchant_id, order.number).at(order.created_at)
        check_same(known, order)
        return known

    def get(self, platform: str, merchant_id: str, number: str) -> Order:
        """Return an order. Raises Refused when there is none."""
        order = self.store.find_order(platform, merchant_id, number)
        if order is None:
            raise Refused("absent")
        return order

    def pay(self, order: Order, payer: str, paid_at: int, *, tell: bool = True, delay: float = 0) -> Order:
        """Take the payer's money once and let the callback go out. Raises Refused when the order is over."""
        check_payable(order, paid_at)
        if not self.store.claim_payment(order, payer, paid_at):
            raise Refused(self.get(order.platform, order.merchant_id, order.number).state)
        paid = replace(order, state=PAID, payer=payer, paid_at=paid_at)
        if tell and paid.notify_url:
            self.courier.send(notice_id(paid.platform), paid.token, delay=delay)
        return paid

    def close(self, order: Order, now: int) -> None:
        """Forbid payment from now on. Raises Refused when the order is over already."""
        state = order.at(now).state
        if state != OPEN or not self.store.claim_closing(order):
            raise Refused(state if state != OPEN else PAID)

    def refund(self, order: Order, refund: Refund, *, tell: bool = True) -> tuple[Refund, bool]:
        """Give money back once; the same number again returns the first and False. Raises Refused."""
        known = self.store.find_refund(refund.platform, refund.merchant_id, refund.number)
        if known:
            if (known.order_number, known.amount) != (refund.order_number, refund.amount):
                raise Refused("mismatch")
            return known, False
        given = sum(earlier.amount for earlier in self.refunds_of(order))
        check_refundable(order, refund.amount, given)
        if not self.store.add_refund(refund, order.amount):
            raise Refused("too_much")
        if tell and (refund.notify_url or (order.platform != WECHAT and order.notify_url)):
            self.courier.send(notice_id(order.platform), order.token, refund.number)
        return refund, True

    def refunds_of(self, order: Order) -> list[Refund]:
        """Return what was given back on an order."""
        return self.store.list_refunds(order.platform, order.merchant_id, order.number)

    def merchant_of(self, order: Order) -> Merchant:
        """Return the merchant an order belongs to. Raises Refused when the account is no longer kept here."""
        merchant = self.keys.find_merchant(order.platform, merchant_id=order.merchant_id)
        if merchant is None:
            raise Refused("absent")
        return merchant

    def write_letter(self, delivery: Delivery, now: int) -> Letter | None:
        """Return where a callback goes and what it says, signed now."""
        order = self.store.find_token(delivery.token)
        if order is None:
            return None
        refund = self.store.find_refund(order.platform, order.merchant_id, delivery.refund_number)
        address = refund.notify_url or order.notify_url if refund else order.notify_url
        return order.platform, address, self.sign_notice(order, refund, delivery.notice_id, now)

    def sign_notice(self, order: Order, refund: Refund | None, notice: str, now: int) -> Post:
        """Return the callback of a payment or a refund as it would be sent now."""
        refunds = self.refunds_of(order) if refund else []
        return write_notice(
            self.keys,
            self.merchant_of(order),
            order,
            notice_id=notice,
            sent_at=now,
            refunds=refunds,
            refund=refund,
        )


def notice_id(platform: str) -> str:
    """Return a new id, shaped like the platform's own."""
    return f"EV-{secrets.token_hex(16)}" if platform == WECHAT else secrets.token_hex(17)
