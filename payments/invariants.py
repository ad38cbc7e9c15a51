"""What must always be true of money that came in, beside the books of ``ledger`` and ``billing``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.errors import Problem
from core.invariants import invariant
from payments.selectors.audits import (
    list_clearing_off_receipts,
    list_deposits_off_journal,
    list_gaps_in_series,
    list_overdrawn_prepayments,
    list_prepayments_off_journal,
    list_unspent_receipts,
)


@invariant("payments.receipts_spent")
def receipts_spent(as_of: date | None) -> Iterator[Problem]:
    """Every receipt is its allocations and its prepayment, to the fen."""
    for number, amount, allocated, prepaid in list_unspent_receipts(as_of):
        message = f"Receipt {number} of {amount}: {allocated} allocated, {prepaid} prepaid."
        yield Problem("payments.receipts_spent", message, {"receipt": number})


@invariant("payments.clearing")
def clearing(as_of: date | None) -> Iterator[Problem]:
    """The journal holds on each clearing account what the receipts of its channels brought."""
    for company_id, code, received, booked in list_clearing_off_receipts(as_of):
        message = f"Company {company_id}, account {code}: receipts of {received}, journal {booked}."
        yield Problem("payments.clearing", message, {"company": company_id, "code": code})


@invariant("payments.prepayments")
def prepayments(as_of: date | None) -> Iterator[Problem]:
    """What every account has with us is what the journal holds as its prepayment, and never below zero."""
    for account_id, held, booked in list_prepayments_off_journal(as_of):
        message = f"Account {account_id} has {held} by its entries, {booked} by the journal."
        yield Problem("payments.prepayments", message, {"account": account_id})
    for account_id, held in list_overdrawn_prepayments(as_of):
        message = f"Account {account_id} has used {-held} more than it had."
        yield Problem("payments.prepayments", message, {"account": account_id})


@invariant("payments.deposits")
def deposits(as_of: date | None) -> Iterator[Problem]:
    """What we hold of every account's deposits is what the journal holds, and never below zero."""
    for account_id, held, booked in list_deposits_off_journal(as_of):
        message = f"Account {account_id} has deposits of {held}, {booked} by the journal."
        yield Problem("payments.deposits", message, {"account": account_id})


@invariant("payments.series")
def series(as_of: date | None) -> Iterator[Problem]:
    """Every receipt series counts from one without a gap (P-21)."""
    for company_id, name, last, count in list_gaps_in_series():
        message = f"Series {name} of company {company_id} has given {last} numbers for {count} receipts."
        yield Problem("payments.series", message, {"company": company_id, "series": name})
