"""Callbacks to try on any reader: genuine ones that must be accepted, forged and altered ones that must not (P-14).

    platform = Platform.open(sandbox.state)
    genuine = platform.payment("wechat", number="N0000001", amount=30945, sent_at=now)
    for vector in forged_vectors(platform, number="N0000001", amount=30945, now=now):
        assert client.generic("POST", url, vector.body, headers=vector.headers).status_code == 400

Each vector is one POST as it arrives: headers and raw body. The reader's clock is `now`. Amounts are fen.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from payments.gateways.sandbox.keys import ALIPAY, WECHAT
from tests.payments.gateways import alipay_forgeries, wechat_forgeries
from tests.payments.gateways.platforms import Platform, Vector

__all__ = ["Platform", "Vector", "forged_vectors", "valid_vectors"]


def valid_vectors(platform: Platform, *, now: datetime, count: int = 120, seed: int = 7) -> list[Vector]:
    """Return genuine callbacks, half of each platform: amounts, ages up to the window, refunds, header spellings."""
    chance = random.Random(seed)
    amounts = [1, 10, 99, 100, 30945, 168403, 9999999999]
    spellings: list[Callable[[str], str]] = [str, str.lower, str.upper]
    vectors = []
    for at in range(count):
        amount = chance.choice(amounts)
        age = timedelta(seconds=chance.randint(-295, 295))
        vector = platform.payment(
            (WECHAT, ALIPAY)[at % 2],
            number=f"V{at:07d}",
            amount=amount,
            sent_at=now.replace(microsecond=0) - age,
            notice_id=f"EV-{seed}-{at:05d}",
            subject=chance.choice(
                ["物业费", "车位费，11月及12月", "Fees (Nov.) + water", "𠮷野家 ㎡ 《商铺》"]
            ),
            refunded=amount if at % 6 == 0 else 0,
            name=f"valid {at}",
        )
        spell = spellings[at % 3]
        vectors.append(
            replace(vector, headers={spell(name): value for name, value in vector.headers.items()})
        )
    return vectors


def forged_vectors(platform: Platform, *, number: str, amount: int, now: datetime) -> list[Vector]:
    """Return forged and altered callbacks of one order at both platforms, each of which must change nothing."""
    return [
        *wechat_forgeries.forge(platform, now, number=number, amount=amount),
        *alipay_forgeries.forge(platform, now, number=number, amount=amount),
    ]
