"""The account statement: opening + charges − payments − credits = closing, row by row (B13).

A row begins on each day something is charged and takes in what is paid and given up until the next one; what comes
before the first charge of the span is a row of its own. Every row ends where the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from core.money import ZERO
from core.periods import Period

Kind = Literal["charge", "payment", "credit"]


@dataclass(frozen=True)
class Entry:
    """Something that moved the account on a day.

    amount: yuan of its kind, negative where it takes an earlier one back (a void bill, a refund); bill_id: the bill
    charged or taken back; source: the deed a payment came from; reason: why an amount was given up.
    """

    day: date
    kind: Kind
    amount: Decimal
    bill_id: int = 0
    source: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """What moved the account from one charge to the next, in yuan."""

    day: date
    opening: Decimal
    entries: tuple[Entry, ...]

    @property
    def charged(self) -> Decimal:
        """What was charged, less bills taken back."""
        return self._sum("charge")

    @property
    def paid(self) -> Decimal:
        """What was paid, less payments taken back."""
        return self._sum("payment")

    @property
    def credited(self) -> Decimal:
        """What was given up, less what was taken back of it."""
        return self._sum("credit")

    @property
    def closing(self) -> Decimal:
        """What was open at the end of the row."""
        return self.opening + self.charged - self.paid - self.credited

    def _sum(self, kind: Kind) -> Decimal:
        return sum((entry.amount for entry in self.entries if entry.kind == kind), ZERO)


@dataclass(frozen=True)
class Statement:
    """An account over a span, both days inclusive."""

    first: date
    last: date
    opening: Decimal
    rows: tuple[Row, ...]

    @property
    def days(self) -> Period:
        """The span as a period."""
        return Period(self.first, self.last + timedelta(days=1))

    @property
    def charged(self) -> Decimal:
        """What was charged over the span."""
        return sum((row.charged for row in self.rows), ZERO)

    @property
    def paid(self) -> Decimal:
        """What was paid over the span."""
        return sum((row.paid for row in self.rows), ZERO)

    @property
    def credited(self) -> Decimal:
        """What was given up over the span."""
        return sum((row.credited for row in self.rows), ZERO)

    @property
    def closing(self) -> Decimal:
        """What was open at the end of the last day."""
        return self.rows[-1].closing if self.rows else self.opening


def draw_up(entries: Iterable[Entry], first: date, last: date) -> Statement:
    """Return the statement of a span from all that ever moved the account."""
    known = [entry for entry in entries if entry.day <= last]
    before = Row(first, ZERO, tuple(entry for entry in known if entry.day < first))
    within = sorted((entry for entry in known if entry.day >= first), key=_in_order)
    return Statement(first, last, before.closing, tuple(_rows(within, before.closing)))


def _in_order(entry: Entry) -> tuple[date, bool, int]:
    return entry.day, entry.kind != "charge", entry.bill_id


def _rows(entries: Sequence[Entry], opening: Decimal) -> list[Row]:
    rows: list[Row] = []
    for entry in entries:
        if not rows or (entry.kind == "charge" and entry.day != rows[-1].day):
            rows.append(Row(entry.day, rows[-1].closing if rows else opening, ()))
        last = rows[-1]
        rows[-1] = Row(last.day, last.opening, (*last.entries, entry))
    return rows
