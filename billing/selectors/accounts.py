"""Charge accounts in a person's scope."""

from __future__ import annotations

from typing import Any

from billing.models import ChargeAccount
from core.errors import NotFoundError
from estates.models import SpanQuerySet


def list_accounts(user: Any) -> SpanQuerySet:
    """The accounts a person may see with whose they are and of which unit."""
    accounts: SpanQuerySet = ChargeAccount.objects.visible_to(user)
    return accounts.select_related("community", "unit__building", "payer")


def get_visible_account(user: Any, account_id: int) -> ChargeAccount:
    """Return an account when the person may see it. Raises NotFoundError."""
    account: ChargeAccount | None = list_accounts(user).filter(pk=account_id).first()
    if account is None:
        raise NotFoundError
    return account
