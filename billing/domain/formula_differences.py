"""Why what a formula comes to is another sum than before: its values are exchanged one after the other.

A formula is no product of figures, so no ratio tells what one of them does. It is worked out again, with the formula of
before, after each exchange; the formula of now comes last and is the price:

    days  →  area, inner area  →  use  →  floor, households, coefficient, share that is due (state)  →  formula (price)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.domain.expressions import parse
from billing.domain.measures import FormulaPart
from billing.domain.rounding import round_half_up

Values = Mapping[str, Fraction]

CAUSE_OF: Mapping[str, str] = {
    "months": "days",
    "area": "area",
    "inner_area": "area",
    "use": "use",
    "floor": "state",
    "households": "state",
    "coefficient": "state",
}
STEPS = ("days", "area", "use", "state")
"""The causes in the order of their exchange; what the formula itself moves is ``price``."""


@dataclass(frozen=True)
class Formula:
    """What one line was worked out from: the parts with their formulae, and what the names stood for."""

    parts: Sequence[FormulaPart]
    values: Values

    @property
    def time(self) -> Fraction:
        """The time charged: months, or the days of the period as a share of it."""
        return sum((part.time for part in self.parts), Fraction(0))

    @property
    def due(self) -> Fraction:
        """The time charged, of which only a share is due while the unit stands empty."""
        return sum((part.time * part.share for part in self.parts), Fraction(0))

    def fen(self, exchanged: Values) -> Fraction:
        """What the formulae come to with some values exchanged. Raises ZeroDivisionError."""
        known = {**self.values, **exchanged}
        yuan = (parse(part.text).compute(known) * part.time * part.share for part in self.parts)
        return sum(yuan, Fraction(0)) * 100


def list_moves(before: Sequence[Formula], now: Sequence[Formula]) -> Iterator[tuple[str, int]]:
    """Yield each cause and the fen it moved the lines of one unit and fee item by; they sum to the whole move.

    >>> month = [FormulaPart("use * 2", Fraction(1), Fraction(1))]
    >>> lines = [Formula(month, {"use": Fraction(use)}) for use in (5, 8)]
    >>> [move for move in list_moves(lines[:1], lines[1:]) if move[1]]
    [('use', 600)]
    """
    amount, end = (round_half_up(_total(lines, {})) for lines in (before, now))
    for cause, exact in _exchange(before, now):
        exchanged = round_half_up(exact)
        yield cause, exchanged - amount
        amount = exchanged
    yield "price", end - amount


def _exchange(before: Sequence[Formula], now: Sequence[Formula]) -> Iterator[tuple[str, Fraction]]:
    """The exact fen after each exchange under the formula of before; one it cannot be worked out with is left out."""
    others = _other_values(before, now)
    exchanged: dict[str, Fraction] = {}
    factor = Fraction(1)
    for cause in STEPS:
        exchanged |= {name: value for name, value in others.items() if CAUSE_OF[name] == cause}
        if cause == "days":
            factor *= _sum(now, "time") / _sum(before, "time")
        if cause == "state" and (due := _sum(before, "due")):
            factor *= _sum(now, "due") / _sum(now, "time") * _sum(before, "time") / due
        try:
            yield cause, _total(before, exchanged) * factor
        except ZeroDivisionError:
            continue


def _other_values(before: Sequence[Formula], now: Sequence[Formula]) -> dict[str, Fraction]:
    """The values of now that differ from those of before; of several pieces the average by time."""
    was, is_now = _average(before), _average(now)
    return {name: value for name, value in is_now.items() if name in was and value != was[name]}


def _average(lines: Sequence[Formula]) -> dict[str, Fraction]:
    names = set.intersection(*(set(line.values) for line in lines))
    time = _sum(lines, "time")
    return {
        name: sum((line.values[name] * line.time for line in lines), Fraction(0)) / time for name in names
    }


def _total(lines: Sequence[Formula], exchanged: Values) -> Fraction:
    return sum((line.fen(exchanged) for line in lines), Fraction(0))


def _sum(lines: Sequence[Formula], name: str) -> Fraction:
    return sum((getattr(line, name) for line in lines), Fraction(0))
