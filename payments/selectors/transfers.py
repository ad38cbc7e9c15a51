"""The seller's prepayment and deposits on a transfer, as its paper and its page tell them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.holdings import Holding
from billing.models import ChargeAccount, UnitChange
from billing.models.changes import Balance
from billing.selectors.hand_over import find_accounts_of_transfer
from core.figures import format_date
from payments.models import Deposit, Payout, PrepaymentEntry, TransferSettlement
from payments.selectors.deposits import with_balance
from payments.selectors.prepayments import get_balance_of


def tell_holdings(change: UnitChange) -> list[Holding]:
    """Return what the seller had with us, what was agreed about it, and what has become of it so far."""
    seller, buyer = find_accounts_of_transfer(change)
    if seller is None or seller == buyer:
        return []
    settlement = TransferSettlement.objects.filter(change=change).first()
    return [
        *_tell_prepayment(change, seller, settlement),
        *_tell_deposits(change, seller, settlement),
        *_tell_payouts(change, settlement),
    ]


def _tell_prepayment(
    change: UnitChange, seller: ChargeAccount, settlement: TransferSettlement | None
) -> Iterator[Holding]:
    name, agreed = _("Prepayment"), str(Balance(change.prepayment).label)
    if settlement is None or change.prepayment == Balance.STAY:
        held = get_balance_of(seller.pk)
        if held:
            yield Holding(name, agreed, _not_yet(change, change.prepayment), held)
        return
    entries = PrepaymentEntry.objects.filter(account=seller)
    used = -entries.filter(source=f"used:{settlement.source}").balance()
    moved = -entries.filter(source=settlement.source).balance()
    if used:
        yield Holding(name, agreed, _("set against open bills of the seller"), used)
    if moved:
        yield Holding(name, agreed, _passed_on(settlement), moved)


def _tell_deposits(
    change: UnitChange, seller: ChargeAccount, settlement: TransferSettlement | None
) -> Iterator[Holding]:
    agreed = str(Balance(change.deposits).label)
    rows = with_balance(Deposit.objects.filter(account=seller).select_related("successor")).order_by("pk")
    if settlement is None or change.deposits == Balance.STAY:
        for deposit in rows.filter(held__gt=0):
            yield Holding(_name(deposit), agreed, _not_yet(change, change.deposits), deposit.held)
        return
    for deposit in rows.filter(successor__isnull=False):
        told = _("%(passed)s, now №%(number)s") % {
            "passed": _passed_on(settlement),
            "number": deposit.successor.number,
        }
        yield Holding(_name(deposit), agreed, told, deposit.successor.amount)


def _tell_payouts(change: UnitChange, settlement: TransferSettlement | None) -> Iterator[Holding]:
    payouts = Payout.objects.filter(settlement=settlement).select_related("deposit").order_by("pk")
    for payout in payouts if settlement else ():
        name = _name(payout.deposit) if payout.deposit else _("Prepayment")
        yield Holding(name, str(Balance.REFUND.label), _fate_of(payout), payout.amount)


def _fate_of(payout: Payout) -> str:
    if payout.is_waiting:
        return _("asked for, waits for a second person")
    if payout.booked_on:
        return _("paid back on %(day)s") % {"day": format_date(payout.booked_on)}
    return str(payout.get_state_display())


def _not_yet(change: UnitChange, agreed: str) -> str:
    return "—" if agreed == Balance.STAY else _("from %(day)s on") % {"day": format_date(change.first_day)}


def _passed_on(settlement: TransferSettlement) -> str:
    return _("passed on to the buyer on %(day)s") % {"day": format_date(settlement.settled_on)}


def _name(deposit: Deposit) -> str:
    return f"{deposit.get_kind_display()} {deposit.number}"
