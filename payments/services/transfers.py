"""The seller's prepayment and deposits when a unit changes hands (A4): passed on to the buyer, or asked back for him.

What was agreed stands on the change. The seller's open bills come first: only what is left of his prepayment is passed
on or given back. Passing on moves money between two accounts of one community and needs no second person beyond the one
who agreed to the change; giving back takes it out of the house, so it becomes payouts that somebody decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from billing.models import ChargeAccount, UnitChange
from billing.models.changes import Balance, ChangeKind
from billing.selectors.hand_over import find_accounts_of_transfer
from billing.services.locking import lock_accounts
from billing.services.paid_ahead import pass_gift_on
from core import audit
from core.money import ZERO
from ledger import chart
from ledger.selectors import get_booking_day
from ledger.services import Leg, post
from payments.models import Channel, Deposit, Payout, PayoutKind, PrepaymentEntry, TransferSettlement
from payments.selectors.deposits import with_balance
from payments.selectors.prepayments import get_balance_of, list_purses
from payments.services.deposits import PREFIX
from payments.services.numbering import take_numbers
from payments.services.payouts import PayoutDraft, open_payout
from payments.services.prepayment import use_prepayment
from users.models import User

STAYS = Q(prepayment=Balance.STAY, deposits=Balance.STAY)


@dataclass(frozen=True)
class _Settling:
    """One transfer being settled: between whom, and the day and time it is written."""

    change: UnitChange
    settlement: TransferSettlement
    seller: ChargeAccount
    buyer: ChargeAccount | None
    day: date
    now: datetime


def settle_transfers(*, day: date, now: datetime) -> int:
    """Settle every transfer whose day has come and that nobody has settled; return how many were.

    Each in a transaction of its own. Transfers on which all money stays with the seller need no settling.
    """
    transfers = UnitChange.objects.approved().filter(kind=ChangeKind.TRANSFER)
    due = transfers.filter(first_day__lte=day, settlement=None).exclude(STAYS)
    changes = due.select_related("unit", "community").order_by("first_day", "pk")
    return sum(settle_transfer(change=change, day=day, now=now) is not None for change in changes)


@transaction.atomic
def settle_transfer(*, change: UnitChange, day: date, now: datetime) -> TransferSettlement | None:
    """Do with the seller's money what was agreed on a transfer; once, however often it is called.

    Returns None while there is nothing to do: all of it stays, the buyer's first day has not come, or he has no account
    yet that could take over what is passed on. Locks both accounts, then looks. What falls into a closed month is
    booked on the first open day.
    """
    if not change.is_made_transfer or change.first_day > day:
        return None
    if change.prepayment == change.deposits == Balance.STAY:
        return None
    seller, buyer = find_accounts_of_transfer(change)
    if buyer is None and Balance.GO in (change.prepayment, change.deposits):
        return None
    # Both in one call, which sorts them: taken one by one, two settlements could each wait for the
    # other.
    lock_accounts([account.pk for account in (seller, buyer) if account])
    found = TransferSettlement.objects.filter(change=change).first()
    return found or _settle(change, seller, buyer, day, now)


def _settle(
    change: UnitChange, seller: ChargeAccount | None, buyer: ChargeAccount | None, day: date, now: datetime
) -> TransferSettlement:
    company_id, community_id = change.community.company_id, change.community_id
    day = get_booking_day(company_id=company_id, community_id=community_id, day=day)
    settlement = TransferSettlement.objects.create(
        change=change, account=seller, successor=buyer, settled_on=day, settled_at=now
    )
    if seller and seller != buyer:
        settling = _Settling(change, settlement, seller, buyer, day, now)
        moved = [*_settle_prepayment(settling), *_settle_deposits(settling)]
        if moved:
            post(
                company_id=company_id,
                community_id=community_id,
                booked_on=day,
                kind="transfer",
                source=settlement.source,
                memo=change.reason,
                legs=moved,
            )
    audit.record(
        action="payments.settle_transfer",
        target=settlement,
        by=change.decided_by,
        community_id=change.community_id,
        after={"prepayment": change.prepayment, "deposits": change.deposits, "day": day},
        reason=change.reason,
    )
    return settlement


# Prepayment ---------------------------------------------------------------------------------------------


def _settle_prepayment(settling: _Settling) -> list[Leg]:
    """Pay what is open, then pass the rest on or ask it back; return the legs of what moved."""
    agreed, account = settling.change.prepayment, settling.seller.pk
    if agreed == Balance.STAY:
        return []
    use_prepayment(account_id=account, day=settling.day, now=settling.now, deed=settling.settlement.source)
    if agreed == Balance.REFUND:
        _ask_back(settling, PayoutKind.PREPAYMENT, _not_asked_for(account, None, get_balance_of(account)))
        return []
    purses = [purse for purse in list_purses(account) if purse.amount > 0]
    return [leg for purse in purses for leg in _pass_on(settling, purse.fee_item_id, purse.amount)]


def _pass_on(settling: _Settling, fee_item_id: int | None, amount: Decimal) -> list[Leg]:
    assert settling.buyer, "money is passed on to somebody"
    for account, change in ((settling.seller, -amount), (settling.buyer, amount)):
        PrepaymentEntry.objects.create(
            account=account,
            fee_item_id=fee_item_id,
            amount=change,
            value_day=settling.day,
            source=settling.settlement.source,
            written_at=settling.now,
        )
    if fee_item_id:
        pass_gift_on(
            account_id=settling.seller.pk,
            successor_id=settling.buyer.pk,
            fee_item_id=fee_item_id,
            source=settling.settlement.source,
            day=settling.day,
            now=settling.now,
        )
    return _between(settling, chart.PREPAYMENT, amount)


def _between(settling: _Settling, code: str, amount: Decimal) -> list[Leg]:
    """What we owed the seller we owe the buyer."""
    assert settling.buyer, "money is passed on to somebody"
    return [Leg(code, amount, settling.seller.pk), Leg(code, -amount, settling.buyer.pk)]


# Deposits -----------------------------------------------------------------------------------------------


def _settle_deposits(settling: _Settling) -> list[Leg]:
    """Pass on, or ask back, what is left of each deposit; return the legs of what moved."""
    agreed = settling.change.deposits
    if agreed == Balance.STAY:
        return []
    rows = Deposit.objects.filter(account=settling.seller).order_by("pk")
    list(rows.select_for_update(no_key=True))
    legs: list[Leg] = []
    for deposit in with_balance(rows).filter(held__gt=0):
        if agreed == Balance.REFUND:
            left = _not_asked_for(settling.seller.pk, deposit, deposit.held)
            _ask_back(settling, PayoutKind.REFUND, left, deposit)
        else:
            _take_over(settling, deposit, deposit.held)
            legs += _between(settling, chart.DEPOSIT, deposit.held)
    return legs


def _take_over(settling: _Settling, deposit: Deposit, held: Decimal) -> None:
    """Hold what is left of a deposit for the buyer, under a number of its own."""
    assert settling.buyer, "a deposit is passed on to somebody"
    (number,) = take_numbers(company_id=deposit.company_id, prefix=PREFIX, day=settling.day)
    Deposit.objects.create(
        company_id=deposit.company_id,
        community_id=deposit.community_id,
        account=settling.buyer,
        kind=deposit.kind,
        number=number,
        channel=deposit.channel,
        reference=deposit.reference,
        amount=held,
        note=deposit.note,
        value_day=settling.day,
        taken_by=settling.change.decided_by,
        taken_at=settling.now,
        taken_over=deposit,
    )


# Giving back --------------------------------------------------------------------------------------------


def _not_asked_for(account_id: int, deposit: Deposit | None, held: Decimal) -> Decimal:
    """What is held less what payouts that wait ask for already."""
    waiting = Payout.objects.waiting().filter(account=account_id, deposit=deposit)
    return held - sum(waiting.values_list("amount", flat=True), ZERO)


def _ask_back(settling: _Settling, kind: PayoutKind, amount: Decimal, deposit: Deposit | None = None) -> None:
    """Ask for money back on behalf of whoever asked for the transfer; by bank, since the seller has left."""
    if amount <= 0:
        return
    draft = PayoutDraft(kind, amount, settling.change.reason, Channel.TRANSFER)
    open_payout(
        account=settling.seller,
        draft=draft,
        by=_get_asker(settling.change),
        now=settling.now,
        deposit=deposit,
        settlement=settling.settlement,
    )


def _get_asker(change: UnitChange) -> User:
    """The log-in that asked for the transfer; where a file brought it in, the one that agreed."""
    people = User.objects.in_bulk([change.requested_by, change.decided_by], field_name="username")
    return people.get(change.requested_by) or people[change.decided_by]
