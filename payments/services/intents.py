"""Noting that somebody wants to pay, and letting go of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.selectors.outstanding import open_lines
from billing.services.locking import lock_accounts
from core.errors import ConflictError, InvalidError
from core.failpoints import failpoint
from core.money import FEN, ZERO
from estates.models import Person
from payments.domain.lifecycle import IntentState
from payments.models import Intent, IntentPart, MerchantAccount
from payments.selectors.claims import accounts_of_lines
from payments.selectors.merchants import find_merchant
from payments.selectors.policies import get_policy


class NothingToPayError(InvalidError):
    """A line is unknown, not issued, or has nothing open any more; or the amount is more than is open."""

    code = "payments.nothing_to_pay"
    message = _("There is nothing open here any more. Please open the page again.")


class PaymentInProgressError(ConflictError):
    """A payment of one of these lines is under way; ``number`` is its order number (P-10)."""

    code = "payments.in_progress"
    message = _("A payment for this is being confirmed. Please do not pay again.")

    def __init__(self, intent: Intent) -> None:
        super().__init__()
        self.intent = intent


class WayNotOfferedError(InvalidError):
    """The community takes no money through this platform."""

    code = "payments.way_not_offered"
    message = _("This way of paying is not offered here.")


@transaction.atomic
def create_intent(
    *,
    wanted: Mapping[int, Decimal | None],
    gateway: str,
    now: datetime,
    payer: Person | None = None,
    opened_by_link: bool = False,
) -> Intent:
    """Note a wish to pay these charge lines, each in full (None) or in part, through one platform.

    Lines may belong to several bills, periods and units of one community. The accounts are locked, so that two
    presses at the same moment make one intent: the second press of the same wish gets the first one's intent back.
    A wish noted earlier but never sent to the platform gives way to a new one.

    Raises NothingToPayError, WayNotOfferedError, and PaymentInProgressError when another payment of one of these
    lines is under way.
    """
    community_id = _lock_accounts(list(wanted))
    amounts = _amounts(wanted)
    merchant = find_merchant(community_id=community_id, gateway=gateway)
    if merchant is None:
        raise WayNotOfferedError()
    if same := _clear_the_way(merchant, amounts, now):
        return same
    failpoint("payments.intent.looked")
    return _write_intent(merchant, amounts, payer=payer, opened_by_link=opened_by_link, now=now)


@transaction.atomic
def drop_intent(*, intent_id: int, now: datetime) -> Intent:
    """Close an intent that was never sent to a platform.

    Raises PaymentInProgressError when it was sent: then only the platform can say that it will not be paid.
    """
    intent: Intent = Intent.objects.select_for_update().get(pk=intent_id)
    if intent.is_live and intent.started_at:
        raise PaymentInProgressError(intent)
    if intent.is_live:
        intent.state, intent.finished_at, intent.next_query_at = IntentState.CLOSED, now, None
        intent.save(update_fields=["state", "finished_at", "next_query_at"])
    return intent


def make_order_number(now: datetime) -> str:
    """Return a new order number: unguessable, 26 characters both platforms accept."""
    return f"NL{now:%Y%m%d}{secrets.token_hex(8)}"


def _lock_accounts(line_ids: Sequence[int]) -> int:
    """Lock the accounts of the lines and return their community."""
    accounts = lock_accounts(set(accounts_of_lines(line_ids).values()))
    communities = {account.community_id for account in accounts.values()}
    if not communities:
        raise NothingToPayError()
    if len(communities) > 1:
        raise NothingToPayError(str(_("Bills of two communities cannot be paid together.")))
    return communities.pop()


def _amounts(wanted: Mapping[int, Decimal | None]) -> dict[int, Decimal]:
    """Return what each line is to get, in the order in which the lines are due."""
    lines = open_lines(line_ids=list(wanted))
    if len(lines) != len(wanted):
        raise NothingToPayError()
    amounts = {}
    for line in lines:
        amount = wanted[line.line_id]
        amounts[line.line_id] = line.outstanding if amount is None else amount
        if not 0 < amounts[line.line_id] <= line.outstanding or amounts[line.line_id] % FEN:
            raise NothingToPayError()
    return amounts


def _clear_the_way(merchant: MerchantAccount, amounts: Mapping[int, Decimal], now: datetime) -> Intent | None:
    """Return a live intent for exactly this; close unsent ones in the way. Raises PaymentInProgressError.

    A sent intent is not locked here: its callback locks it first and the accounts after.
    """
    for intent in Intent.objects.live().on_lines(list(amounts)).order_by("pk"):
        parts = dict(intent.parts.values_list("line_id", "amount"))
        if intent.merchant_id == merchant.pk and parts == amounts and now < intent.expires_at:
            return intent
        if intent.started_at:
            raise PaymentInProgressError(intent)
        drop_intent(intent_id=intent.pk, now=now)
    return None


def _write_intent(
    merchant: MerchantAccount,
    amounts: Mapping[int, Decimal],
    *,
    payer: Person | None,
    opened_by_link: bool,
    now: datetime,
) -> Intent:
    minutes = get_policy(merchant.community_id).intent_minutes
    intent: Intent = Intent.objects.create(
        community_id=merchant.community_id,
        merchant=merchant,
        number=make_order_number(now),
        amount=sum(amounts.values(), ZERO),
        payer=payer,
        opened_by_link=opened_by_link,
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    IntentPart.objects.bulk_create(
        IntentPart(intent=intent, line_id=line_id, amount=amount) for line_id, amount in amounts.items()
    )
    return intent
