"""Is this the payment we ordered? What the platform says is compared with our own order (P-15)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from payments.gateways.interface import PaymentResult

OUR_CURRENCY = "CNY"


class Mismatch(StrEnum):
    """What does not agree with our order."""

    AMOUNT = "wrong_amount"
    CURRENCY = "wrong_currency"
    MERCHANT = "wrong_merchant"


@dataclass(frozen=True)
class Expected:
    """What our order says: yuan, and who is to be paid."""

    amount: Decimal
    merchant_id: str
    app_id: str


def find_mismatch(expected: Expected, result: PaymentResult) -> Mismatch | None:
    """Return the first thing that does not agree, or None.

    A platform that does not tell currency, merchant or app in an answer is not doubted for it: the answer is signed
    for our merchant. An amount must be told, and be equal to the fen.
    """
    if result.merchant_id not in ("", expected.merchant_id) or result.app_id not in ("", expected.app_id):
        return Mismatch.MERCHANT
    if result.currency not in ("", OUR_CURRENCY):
        return Mismatch.CURRENCY
    return None if result.amount == expected.amount else Mismatch.AMOUNT
