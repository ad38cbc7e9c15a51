"""The late fee of a line, counted day by day from what was open each morning; nothing here comes from the product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from tests.recomputation.coins import as_yuan, half_up
from tests.recomputation.files import Span, rows_of, span_of

RATE = Fraction(5, 10_000)
GRACE = timedelta(days=15)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Owed:
    """A charge line: what it asks for in fen, when it fell due, what met it on which days, when it rested."""

    line: str
    fen: int
    due_on: date
    met: Sequence[tuple[date, int]]
    pauses: Sequence[Span]

    def open_fen(self, day: date) -> int:
        """What was open at the beginning of a day."""
        return max(0, self.fen - sum(fen for met_on, fen in self.met if met_on < day))

    def rests(self, day: date) -> bool:
        return any(pause.first <= day < pause.end for pause in self.pauses)


@dataclass(frozen=True, order=True)
class Late:
    """Days in a row on which the same principal was late; ``last`` is inclusive."""

    line: str
    principal: Decimal
    first: date
    last: date


def read_pauses(folder: Path) -> dict[str, list[Span]]:
    """The days on which late fees rest, by unit, from changes*.csv."""
    pauses: dict[str, list[Span]] = {}
    for path in folder.glob("changes*.csv"):
        for row in rows_of(path):
            if row["kind"] == "pause":
                pauses.setdefault(row["unit"], []).append(span_of(row))
    return pauses


def list_late(owed: Owed, as_of: date) -> tuple[list[Late], Decimal]:
    """The late days of a line, after fifteen forgiven ones, and its fee: on the principal, at most the principal."""
    first = owed.due_on + GRACE + ONE_DAY
    mornings = (first + timedelta(days=n) for n in range((as_of - first).days + 1))
    counted = ((day, 0 if owed.rests(day) else owed.open_fen(day)) for day in mornings)
    stretches = [(fen, list(days)) for fen, days in groupby(counted, key=lambda morning: morning[1])]
    late = [
        Late(owed.line, as_yuan(Fraction(fen, 100)), days[0][0], days[-1][0])
        for fen, days in stretches
        if fen
    ]
    fen_days = sum(fen * len(days) for fen, days in stretches)
    return late, as_yuan(Fraction(half_up(min(fen_days * RATE, Fraction(owed.fen))), 100))
