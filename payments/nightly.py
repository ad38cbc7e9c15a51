"""What payments does every night, after the bills of the day are out and before anybody is reminded of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from core.nightly import nightly
from payments.services.prepayment import use_prepayments
from payments.services.transfers import settle_transfers


@nightly(order=190, name="payments.transfers")
def settle_with_sellers(day: date) -> dict[str, Any]:
    """Let the money of sellers go where it was agreed, on the buyers' first day."""
    return {"transfers": settle_transfers(day=day, now=timezone.now())}


@nightly(order=200, name="payments.prepayments")
def set_prepayments_against_bills(day: date) -> dict[str, Any]:
    """Let prepayments pay what is open on their accounts."""
    return {"accounts": use_prepayments(day=day, now=timezone.now())}
