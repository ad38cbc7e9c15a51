"""What the cash desk and the exceptions desk show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import ChargeAccount
from billing.selectors.late_fee_names import name_late_fees
from billing.selectors.outstanding import OpenLine, open_lines
from core.checkdigit import is_right
from core.money import ZERO
from payments.models import Doubt, PaymentException, PrepaymentEntry
from users.models import User

MOST_FOUND = 20
BILL_DIGITS = 13


@dataclass(frozen=True)
class OpenBill:
    """A bill with something left to pay, line by line."""

    number: str
    lines: tuple[OpenLine, ...]

    @property
    def outstanding(self) -> Decimal:
        """What is left to pay on the bill, in yuan."""
        return sum((line.outstanding for line in self.lines), ZERO)


@dataclass(frozen=True)
class DeskAccount:
    """An account at the desk: what it owes, bill by bill, and what it has with us."""

    account: ChargeAccount
    bills: tuple[OpenBill, ...]
    prepaid: Decimal

    @property
    def outstanding(self) -> Decimal:
        """What the account owes in all, in yuan."""
        return sum((bill.outstanding for bill in self.bills), ZERO)


def find_accounts(user: User, words: str) -> list[ChargeAccount]:
    """Return accounts in scope by unit, payer's name or phone, or bill number; running ones first, 20 at most."""
    words = words.strip()
    if not words:
        return []
    digits = words.replace(" ", "")
    if len(digits) == BILL_DIGITS and is_right(digits):
        wanted = Q(bills__number=digits)
    else:
        wanted = Q(unit__code__iexact=words) | Q(unit__code__startswith=f"{words}-") | Q(payer__name=words)
        wanted |= Q(payer__phone=digits)
    found = ChargeAccount.objects.visible_to(user).filter(wanted).select_related("unit__building", "payer")
    return list(found.distinct().order_by("end", "unit__sort_key", "-start")[:MOST_FOUND])


def get_desk_account(account: ChargeAccount) -> DeskAccount:
    """Return what an account owes and has."""
    lines = name_late_fees(open_lines(account_ids=[account.pk]))
    groups = ((number, tuple(group)) for number, group in groupby(lines, lambda line: line.bill_number))
    return DeskAccount(
        account=account,
        bills=tuple(OpenBill(number, group) for number, group in groups),
        prepaid=PrepaymentEntry.objects.filter(account=account).balance(),
    )


def next_move(exception: PaymentException) -> str:
    """Say what to do about something on the exceptions desk."""
    return {
        Doubt.WRONG_AMOUNT: _("Ask the payer, then book it or give it back"),
        Doubt.WRONG_CURRENCY: _("Give it back at the platform"),
        Doubt.WRONG_MERCHANT: _("Check the merchant's settings"),
        Doubt.UNKNOWN_ORDER: _("Find out whose it is, then book it"),
        Doubt.PAID_TWICE: _("Give one back, or book it as prepayment"),
        Doubt.REFUNDED: _("Find out who gave it back, and why"),
        Doubt.NO_ANSWER: _("Call the platform's hotline"),
        Doubt.FORGED: _("Tell whoever runs the servers"),
    }[Doubt(exception.kind)]
