"""Both platforms as they sign: genuine callbacks for any order, made in the test's own process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from payments.gateways.sandbox.keys import KeyRing, Merchant, open_keys
from payments.gateways.sandbox.notices import write_notice
from payments.gateways.sandbox.orders import PAID, Refund, make_order


@dataclass(frozen=True)
class Vector:
    """One callback: `name` says what was done to it."""

    gateway: str
    name: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Platform:
    """Both platforms' private keys, which only a sandbox gives away, and two merchants at each."""

    keys: KeyRing

    @classmethod
    def open(cls, state: Path) -> "Platform":
        """Return the platforms of a sandbox's state folder."""
        return cls(open_keys(state, name="云杉物业服务有限公司", merchants=2))

    def merchants(self, gateway: str) -> list[Merchant]:
        """Return the two merchants of a platform, the configured one first."""
        return [merchant for merchant in self.keys.merchants if merchant.platform == gateway]

    def stranger(self) -> "Platform":
        """Return platforms that know the same merchants but sign with keys of their own."""
        own = generate_private_key(65537, 2048)
        return Platform(replace(self.keys, wechat=own, alipay=own))

    def payment(
        self,
        gateway: str,
        *,
        number: str,
        amount: int,
        sent_at: datetime,
        notice_id: str = "EV-0001",
        subject: str = "物业费 8-2-301，11月",
        refunded: int = 0,
        changes: Mapping[str, Any] | None = None,
        merchant: Merchant | None = None,
        name: str = "genuine",
    ) -> Vector:
        """Return a signed callback of a payment, or of a refund of `refunded` fen of it."""
        merchant = merchant or self.merchants(gateway)[0]
        stamp = int(sent_at.timestamp())
        order = make_order(
            platform=gateway,
            merchant_id=merchant.merchant_id,
            number=number,
            amount=amount,
            subject=subject,
            trade_type="NATIVE",
            created_at=stamp - 90,
            expires_at=stamp + 900,
        )
        order = replace(order, state=PAID, payer="13911112222", paid_at=stamp - 5)
        refund = None
        if refunded:
            refund = Refund(
                gateway,
                merchant.merchant_id,
                f"R{number}",
                number,
                "50000001",
                refunded,
                "多交",
                "",
                stamp - 1,
            )
        post = write_notice(
            self.keys,
            merchant,
            order,
            notice_id=notice_id,
            sent_at=stamp,
            refunds=[refund] if refund else [],
            refund=refund,
            changes=changes,
        )
        return Vector(gateway, name, post.headers, post.body)
