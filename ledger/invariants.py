"""What must always be true of the books, and what `check_books` reports of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from core.errors import Problem
from core.invariants import books_figure, invariant
from ledger.selectors import count_entries, get_imbalance, list_unbalanced_entries


@invariant("ledger.entries_balance")
def entries_balance(as_of: date | None) -> Iterator[Problem]:
    """The legs of every entry sum to zero (P-01): one grouped pass over all legs."""
    for entry_id, imbalance in list_unbalanced_entries(as_of):
        yield Problem(
            "ledger.entries_balance",
            f"Entry {entry_id} does not balance: its legs sum to {imbalance}.",
            {"entry": entry_id},
        )


@books_figure("entries")
def entries(as_of: date | None) -> int:
    """How many entries the books hold."""
    return count_entries(as_of)


@books_figure("imbalance")
def imbalance(as_of: date | None) -> Decimal:
    """What all legs sum to: 0.00."""
    return get_imbalance(as_of)
