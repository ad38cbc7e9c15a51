"""The last month over HTTP: each payment is an order, a tap in the wallet and a signed callback."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.db import connection

from payments.gateways.interface import Scene
from payments.models import MerchantAccount
from payments.services.history import PastWish
from payments.services.intents import create_intent
from payments.services.notices import receive_notice
from payments.services.starting import PayerPlace, start_payment
from simulation.platform import Sandbox
from simulation.services.haste import write_ahead

AT_ONCE = 2
"""People who pay at the same moment: while one waits for the database or the platform, the other goes on."""


def pay_over_http(sandbox: Sandbox, merchant: MerchantAccount, wishes: Sequence[PastWish]) -> None:
    """Let people pay as they do on a phone, two at a time, at the moments of their wishes.

    No two wishes may be of one account: whoever comes second would find a payment under way.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lanes = [
            pool.submit(copy_context().run, _pay_all, sandbox, merchant, wishes[number::AT_ONCE])
            for number in range(AT_ONCE)
        ]
    for lane in lanes:
        lane.result()


def _pay_all(sandbox: Sandbox, merchant: MerchantAccount, wishes: Sequence[PastWish]) -> None:
    """One after the other, on a connection of their own."""
    try:
        write_ahead()
        for wish in wishes:
            _pay(sandbox, merchant, wish)
    finally:
        connection.close()


def _pay(sandbox: Sandbox, merchant: MerchantAccount, wish: PastWish) -> None:
    now = wish.created_at
    intent = create_intent(wanted=dict(wish.parts), gateway=merchant.gateway, now=now)
    start_payment(intent_id=intent.pk, place=PayerPlace(Scene.QR), now=now)
    notice = sandbox.pay(intent.number, now)
    receive_notice(merchant=merchant, headers=notice["headers"], body=notice["body"].encode(), now=now)
