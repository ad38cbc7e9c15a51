"""Paying in without a bill: an order of no lines whose money becomes prepayment of one account (B10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import ChargeAccount, FeeItem
from billing.services.locking import lock_accounts
from core.calendars import day_of
from core.errors import ConflictError, InvalidError
from core.failpoints import failpoint
from core.figures import format_money
from core.money import FEN
from estates.models import Person
from payments.models import Intent, MerchantAccount
from payments.selectors.merchants import find_merchant
from payments.selectors.policies import get_policy
from payments.selectors.prepayments import find_cap, find_room
from payments.services.cash_desk import LARGEST
from payments.services.intents import (
    PaymentInProgressError,
    WayNotOfferedError,
    drop_intent,
    make_order_number,
)


class OddAmountError(InvalidError):
    """An amount that cannot be paid in."""

    code = "payments.odd_amount"
    message = gettext_lazy("Please give an amount above zero, in yuan and fen.")


class OverCapError(ConflictError):
    """The account would have more with us than the rules of the place allow."""

    code = "payments.over_cap"
    message = gettext_lazy("This is more than may be paid in ahead.")


@dataclass(frozen=True)
class TopUp:
    """A wish to pay in: for which account, how much, and for which fee item where it is meant for one."""

    account_id: int
    amount: Decimal
    fee_item_id: int | None = None


@transaction.atomic
def create_top_up(*, wish: TopUp, gateway: str, now: datetime, payer: Person | None = None) -> Intent:
    """Note a wish to pay in through one platform; the money that comes becomes prepayment.

    The account is locked, so that two presses at the same moment make one order; a wish that was never sent gives
    way to a new one.

    Raises OddAmountError, OverCapError, WayNotOfferedError, and PaymentInProgressError when another top-up of the
    account is under way.
    """
    if not 0 < wish.amount <= LARGEST or wish.amount % FEN:
        raise OddAmountError()
    account = lock_accounts([wish.account_id])[wish.account_id]
    _refuse_strange_item(account, wish.fee_item_id)
    _refuse_over_cap(account, wish.amount, day_of(now))
    merchant = find_merchant(community_id=account.community_id, gateway=gateway)
    if merchant is None:
        raise WayNotOfferedError()
    if same := _clear_the_way(merchant, wish, now):
        return same
    failpoint("payments.top_up.looked")
    intent: Intent = Intent.objects.create(
        community_id=account.community_id,
        merchant=merchant,
        account=account,
        fee_item_id=wish.fee_item_id,
        number=make_order_number(now),
        amount=wish.amount,
        payer=payer,
        created_at=now,
        expires_at=now + timedelta(minutes=get_policy(account.community_id).intent_minutes),
    )
    return intent


def _refuse_strange_item(account: ChargeAccount, fee_item_id: int | None) -> None:
    if fee_item_id is None:
        return
    if not FeeItem.objects.filter(pk=fee_item_id, community=account.community_id).exists():
        raise OddAmountError(_("There is no such fee item here."))


def _refuse_over_cap(account: ChargeAccount, amount: Decimal, day: date) -> None:
    room = find_room(account, day)
    if room is not None and amount > room:
        months = find_cap(account, day)
        message = _("At most %(months)s months of fees may be paid in ahead here: %(room)s more at present.")
        raise OverCapError(message % {"months": months, "room": format_money(room)})


def _clear_the_way(merchant: MerchantAccount, wish: TopUp, now: datetime) -> Intent | None:
    """Return a live order for exactly this; close unsent ones in the way. Raises PaymentInProgressError."""
    for intent in Intent.objects.live().filter(account_id=wish.account_id).order_by("pk"):
        is_same = (intent.merchant_id, intent.amount, intent.fee_item_id) == (
            merchant.pk,
            wish.amount,
            wish.fee_item_id,
        )
        if is_same and now < intent.expires_at:
            return intent
        if intent.started_at:
            raise PaymentInProgressError(intent)
        drop_intent(intent_id=intent.pk, now=now)
    return None
