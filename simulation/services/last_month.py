"""The last month over HTTP: each payment is an order, a tap in the wallet and a signed callback."""

from __future__ import annotations

from collections.abc import Sequence

from payments.gateways.interface import Scene
from payments.models import MerchantAccount
from payments.services.history import PastWish
from payments.services.intents import create_intent
from payments.services.notices import receive_notice
from payments.services.starting import PayerPlace, start_payment
from simulation.platform import Sandbox


def pay_over_http(sandbox: Sandbox, merchant: MerchantAccount, wishes: Sequence[PastWish]) -> None:
    """Let people pay as they do on a phone, one after the other, at the moments of their wishes."""
    for wish in wishes:
        _pay(sandbox, merchant, wish)


def _pay(sandbox: Sandbox, merchant: MerchantAccount, wish: PastWish) -> None:
    now = wish.created_at
    intent = create_intent(wanted=dict(wish.parts), gateway=merchant.gateway, now=now)
    start_payment(intent_id=intent.pk, place=PayerPlace(Scene.QR), now=now)
    notice = sandbox.pay(intent.number, now)
    receive_notice(merchant=merchant, headers=notice["headers"], body=notice["body"].encode(), now=now)
