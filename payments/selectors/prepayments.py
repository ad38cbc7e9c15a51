"""What accounts have with us: balances, the statement of an account, and how much more it may pay in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import Bill, ChargeAccount, Contract
from billing.models.runs import REGULAR
from core.money import ZERO, to_yuan
from core.periods import Period
from estates.domain.city_packs import TWELVE_AND_CONTRACT, Topic, cap_months, find_rule
from payments.models import PrepaymentEntry, Receipt
from payments.selectors.policies import get_policy

RECEIPT = "receipt:"


@dataclass(frozen=True)
class Purse:
    """A part of an account's prepayment: meant for a fee item, or for whatever is open (None)."""

    fee_item_id: int | None
    name: str
    amount: Decimal


@dataclass(frozen=True)
class StatementRow:
    """A change of an account's prepayment: when, why in words, what it is meant for, how much, what was there then."""

    day: date
    words: str
    meant_for: str
    amount: Decimal
    balance: Decimal
    receipt_id: int | None


def list_purses(account_id: int) -> list[Purse]:
    """The parts of an account's prepayment that hold something; those meant for a fee item first, by its rank."""
    rows = PrepaymentEntry.objects.filter(account_id=account_id).order_by()
    sums = rows.values_list("fee_item_id", "fee_item__name", "fee_item__rank").annotate(Sum("amount"))
    held = [row for row in sums if row[3]]
    in_order = sorted(held, key=lambda row: (row[0] is None, row[2] or 0, row[0] or 0))
    return [Purse(item, name or "", amount) for item, name, _rank, amount in in_order]


def get_balance_of(account_id: int) -> Decimal:
    """What an account has with us in all, in yuan."""
    return PrepaymentEntry.objects.filter(account_id=account_id).balance()


def list_statement(account: ChargeAccount) -> list[StatementRow]:
    """Every change of an account's prepayment with the balance after it, newest first."""
    entries = list(PrepaymentEntry.objects.filter(account=account).select_related("fee_item").order_by("pk"))
    receipts = Receipt.objects.in_bulk([number for entry in entries if (number := _receipt_of(entry))])
    rows, balance = [], ZERO
    for entry in entries:
        balance += entry.amount
        receipt = receipts.get(_receipt_of(entry) or 0)
        rows.append(
            StatementRow(
                day=entry.value_day,
                words=_tell(entry, receipt),
                meant_for=entry.fee_item.name if entry.fee_item else "",
                amount=entry.amount,
                balance=balance,
                receipt_id=receipt.pk if receipt else None,
            )
        )
    return rows[::-1]


def _receipt_of(entry: PrepaymentEntry) -> int | None:
    return int(entry.source[len(RECEIPT) :]) if entry.source.startswith(RECEIPT) else None


def _tell(entry: PrepaymentEntry, receipt: Receipt | None) -> str:
    """Return why the prepayment changed, in words, from the source of the entry."""
    if receipt:
        return _("Paid in, receipt %(number)s") % {"number": receipt.number}
    kind = entry.source.partition(":")[0]
    if kind == "used":
        return _("Set against bills")
    if kind == "payout":
        return _("Paid back")
    if kind == "transfer":
        return _("Taken over with the unit") if entry.amount > 0 else _("Passed on with the unit")
    return _("Back from a bill that asks for less") if entry.amount > 0 else _("Corrected")


def find_cap(account: ChargeAccount, day: date) -> int | None:
    """How many months the account may pay ahead on a day; None: there is no cap.

    The narrower of the community's setting and the local rule, and where that says so not beyond the contract.
    """
    community = account.community
    months = cap_months(community.city_pack, get_policy(account.community_id).prepayment_cap_months, day)
    rule = find_rule(community.city_pack, Topic.PREPAYMENT, day).value
    left = _months_of_contract(account, day) if rule == TWELVE_AND_CONTRACT else None
    return min((count for count in (months, left) if count is not None), default=None)


def _months_of_contract(account: ChargeAccount, day: date) -> int | None:
    """The months that the contract of a day still runs, a begun one counted; None: it has no end, or there is none."""
    contract = Contract.objects.filter(community=account.community_id).on(day).order_by("-start").first()
    if contract is None or contract.last_day is None:
        return None
    last = contract.last_day
    return (last.year - day.year) * 12 + last.month - day.month + 1


def find_room(account: ChargeAccount, day: date) -> Decimal | None:
    """How much more the account may pay in on a day under its cap, in yuan; None: there is no cap.

    The cap counts months of the fees of the account's last regular bill; without a bill yet, there is no cap either.
    """
    months = find_cap(account, day)
    monthly = find_monthly_charge(account)
    if months is None or monthly is None:
        return None
    return max(ZERO, to_yuan(int(monthly * months * 100)) - get_balance_of(account.pk))


def find_monthly_charge(account: ChargeAccount) -> Fraction | None:
    """What the account is charged a month by its last regular bill, exactly; None before the first."""
    bills = Bill.objects.issued().filter(account=account, schedule=REGULAR)
    last = bills.order_by("-period_start").first()
    if last is None:
        return None
    period = Period(last.period_start, last.period_end)
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    return Fraction(last.total) / max(1, months)
