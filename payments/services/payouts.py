"""Giving money back, or keeping a part of a deposit: one person asks, another decides within a limit (S-19).

Approving books it and hands the money out of the desk's cash or bank account at once; payouts through a platform
follow the refunds of its payments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount
from billing.services.deciding import (
    check_approval,
    check_decision,
    check_withdrawal,
    write_decision,
)
from billing.services.locking import lock_accounts
from billing.services.paid_ahead import take_back_gift
from core import audit
from core.errors import ConflictError, InvalidError
from core.failpoints import failpoint
from core.money import FEN, ZERO
from core.reasons import require_reason
from ledger import chart
from ledger.services import Leg, post
from payments.models import Channel, Deposit, Payout, PayoutKind, PrepaymentEntry, TransferSettlement
from payments.selectors.deposits import get_held
from payments.selectors.prepayments import Purse, list_purses
from payments.services.booking import CLEARING
from users.models import User


class MoreThanHeldError(ConflictError):
    """More is asked for than we hold."""

    code = "payments.more_than_held"
    message = _("This is more than we hold.")


class OddPayoutError(InvalidError):
    """The amount is not above zero, or it is not said which way the money goes."""

    code = "payments.odd_payout"
    message = _("Please give an amount above zero, and the way the money goes.")


@dataclass(frozen=True)
class PayoutDraft:
    """What is asked for; ``channel`` is None when money stays, as for a deduction."""

    kind: PayoutKind
    amount: Decimal
    reason: str
    channel: Channel | None = None
    reference: str = ""


@transaction.atomic
def open_payout(
    *,
    account: ChargeAccount,
    draft: PayoutDraft,
    by: User,
    now: datetime,
    deposit: Deposit | None = None,
    settlement: TransferSettlement | None = None,
) -> Payout:
    """Write down what somebody asks for; nothing moves until another person has approved it.

    ``settlement``: the transfer of a unit on which it was agreed.

    Raises ReasonMissingError, OddPayoutError, MoreThanHeldError.
    """
    reason = require_reason(draft.reason)
    _refuse_odd(draft, deposit)
    payout = Payout(
        community_id=account.community_id,
        account=account,
        deposit=deposit,
        kind=draft.kind,
        amount=draft.amount,
        channel=draft.channel or "",
        reference=draft.reference,
        reason=reason,
        requested_by=by,
        requested_at=now,
        settlement=settlement,
    )
    _refuse_more_than_held(payout)
    payout.save()
    _audit("payments.request_payout", payout, by, payout.reason)
    return payout


@transaction.atomic
def approve_payout(*, payout: Payout, by: User, day: date, now: datetime, note: str = "") -> Payout:
    """Approve a payout, book it on the day and hand the money out.

    Raises SamePersonError, OverLimitError, RequestDecidedError, MoreThanHeldError, PeriodClosedError.
    """
    payout = _lock(payout)
    check_approval(payout, by)
    failpoint("payments.payout.looked")
    _refuse_more_than_held(payout)
    if payout.kind == PayoutKind.PREPAYMENT:
        _take_out(payout, day, now)
    _post(payout, day)
    return _announce(write_decision(payout, "approve", by=by, now=now, note=note, booked_on=day), by)


@transaction.atomic
def refuse_payout(*, payout: Payout, by: User, now: datetime, note: str) -> Payout:
    """Refuse a payout, with a reason. Raises ReasonMissingError, SamePersonError, RequestDecidedError."""
    note = require_reason(note)
    payout = _lock(payout)
    check_decision(payout, by)
    return _announce(write_decision(payout, "refuse", by=by, now=now, note=note), by)


@transaction.atomic
def withdraw_payout(*, payout: Payout, by: User, now: datetime) -> Payout:
    """Take one's own request back before it is decided. Raises NotYoursError, RequestDecidedError."""
    payout = _lock(payout)
    check_withdrawal(payout, by)
    return _announce(write_decision(payout, "withdraw", by=by, now=now), by)


# What we hold -------------------------------------------------------------------------------------------


def _refuse_odd(draft: PayoutDraft, deposit: Deposit | None) -> None:
    moves = draft.kind != PayoutKind.DEDUCTION
    if draft.amount <= 0 or draft.amount % FEN or moves != (draft.channel is not None):
        raise OddPayoutError()
    if (draft.kind == PayoutKind.PREPAYMENT) != (deposit is None):
        raise OddPayoutError()


def _refuse_more_than_held(payout: Payout) -> None:
    if payout.amount > get_held_for(payout):
        raise MoreThanHeldError()


def get_held_for(payout: Payout) -> Decimal:
    """What we hold that the payout could take from: the deposit, or all of the account's prepayment."""
    if payout.deposit_id:
        return get_held(payout.deposit_id)
    return sum((purse.amount for purse in list_purses(payout.account_id)), ZERO)


def _lock(payout: Payout) -> Payout:
    """Lock the account, the deposit and then the request, and return it as it is now."""
    lock_accounts([payout.account_id])
    if payout.deposit_id:
        Deposit.objects.select_for_update(no_key=True).get(pk=payout.deposit_id)
    rows = Payout.objects.select_for_update(of=("self",)).select_related("community", "requested_by")
    found: Payout = rows.get(pk=payout.pk)
    return found


# Booking ------------------------------------------------------------------------------------------------


def _take_out(payout: Payout, day: date, now: datetime) -> None:
    """Take prepayment out of its parts: what is meant for nothing in particular goes first."""
    left = payout.amount
    for purse in reversed(list_purses(payout.account_id)):
        part = min(left, purse.amount)
        if part > 0:
            PrepaymentEntry.objects.create(
                account_id=payout.account_id,
                fee_item_id=purse.fee_item_id,
                amount=-part,
                value_day=day,
                source=payout.source,
                written_at=now,
            )
            left -= part
            _take_back_gift(payout, purse, purse.amount - part, day, now)


def _take_back_gift(payout: Payout, purse: Purse, held: Decimal, day: date, now: datetime) -> None:
    """Money paid ahead that goes back takes its share of the gift with it."""
    if purse.fee_item_id:
        take_back_gift(
            account_id=payout.account_id,
            fee_item_id=purse.fee_item_id,
            held=held,
            source=payout.source,
            day=day,
            now=now,
        )


LEGS: Mapping[PayoutKind, Callable[[Payout], list[Leg]]] = {
    PayoutKind.PREPAYMENT: lambda payout: [
        Leg(chart.PREPAYMENT, payout.amount, payout.account_id),
        Leg(CLEARING[Channel(payout.channel)], -payout.amount),
    ],
    PayoutKind.REFUND: lambda payout: [
        Leg(chart.DEPOSIT, payout.amount, payout.account_id),
        Leg(CLEARING[Channel(payout.channel)], -payout.amount),
    ],
    PayoutKind.DEDUCTION: lambda payout: [
        Leg(chart.DEPOSIT, payout.amount, payout.account_id),
        Leg(chart.OTHER_INCOME, -payout.amount),
    ],
}


def _post(payout: Payout, day: date) -> None:
    post(
        company_id=payout.community.company_id,
        community_id=payout.community_id,
        booked_on=day,
        kind="payout",
        source=payout.source,
        memo=payout.reason,
        legs=LEGS[PayoutKind(payout.kind)](payout),
    )


def _announce(payout: Payout, by: User) -> Payout:
    """Record a decision in the audit trail."""
    _audit(f"payments.{payout.state}_payout", payout, by, payout.note or payout.reason)
    return payout


def _audit(action: str, payout: Payout, by: User, reason: str) -> None:
    audit.record(
        action=action,
        target=payout,
        by=by,
        community_id=payout.community_id,
        after={"kind": payout.kind, "amount": payout.amount, "channel": payout.channel},
        reason=reason,
    )
