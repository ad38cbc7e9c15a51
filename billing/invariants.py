"""What must always be true of bills and their settlement, beside the books of ``ledger``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.utils import timezone

from billing.selectors.audits import (
    list_receivables_off_journal,
    list_totals_off_lines,
    list_wrongly_settled_lines,
)
from billing.selectors.late_fees import sum_late_fees
from core.errors import Problem
from core.invariants import books_figure, invariant


@invariant("billing.bill_totals")
def bill_totals(as_of: date | None) -> Iterator[Problem]:
    """The total of every bill is the sum of its lines."""
    for number, total, lines in list_totals_off_lines(as_of):
        message = f"Bill {number} says {total}, its lines sum to {lines}."
        yield Problem("billing.bill_totals", message, {"bill": number})


@invariant("billing.lines_settled")
def lines_settled(as_of: date | None) -> Iterator[Problem]:
    """Allocations and waivers of a line lie between zero and its amount, and only on issued bills."""
    for line_id, amount, settled in list_wrongly_settled_lines(as_of):
        message = f"Line {line_id} of {amount} is settled with {settled}."
        yield Problem("billing.lines_settled", message, {"line": line_id})


@invariant("billing.receivables")
def receivables(as_of: date | None) -> Iterator[Problem]:
    """What every account owes by its bills is what the journal holds as its receivable."""
    for account_id, owed, booked in list_receivables_off_journal(as_of):
        message = f"Account {account_id} owes {owed} by its bills, {booked} by the journal."
        yield Problem("billing.receivables", message, {"account": account_id or 0})


@books_figure("late_fee_open")
def late_fee_open(as_of: date | None) -> Decimal:
    """Return the late fee accrued but neither charged nor paid as of the day; without a day, as of today."""
    return sum_late_fees(as_of or timezone.localdate()).open
