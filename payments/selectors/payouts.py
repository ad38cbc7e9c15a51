"""Wishes to give money back, in a person's scope."""

from __future__ import annotations

from typing import Any

from billing.models.requests import RequestQuerySet
from payments.models import Payout


def list_payouts(user: Any) -> RequestQuerySet[Payout]:
    """The payouts a person may see with whose they are and who asked, newest first."""
    rows: RequestQuerySet[Payout] = Payout.objects.visible_to(user)
    return rows.select_related(
        "community", "account__unit__building", "account__payer", "requested_by", "decided_by", "deposit"
    )
