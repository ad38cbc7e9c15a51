"""The late fee (违约金) of one charge line, worked out from dated facts whenever it is asked for (DOMAIN-RULES §4.8).

Nothing accrues in the background, so nothing can drift: the fee as of a day is a function of the amount, the due day,
the money set against it by value day, the days on which the fee rested, and the terms of the contract. It is on the
principal only, never on late fee. A day counts when something was open at its beginning, so that the day of payment
still counts and the due day never does; the fee of a debt that was paid late stays what it was on that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from core.money import round_half_up

ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Terms:
    """What a contract says about paying late.

    ``rate`` is a share of the principal: of every day, or once (``is_once``). The days of grace after the due day are
    forgiven, or counted after all when they pass unpaid (``grace_counts``). ``cap`` is the most the fee may come to,
    as a share of the amount billed.
    """

    rate: Decimal
    grace_days: int = 0
    grace_counts: bool = False
    is_once: bool = False
    cap: Decimal = Decimal(1)

    def last_good_day(self, due_on: date) -> date:
        """The last day on which a payment is met by no fee at all."""
        return due_on + timedelta(days=self.grace_days)

    def counts_after(self, due_on: date) -> date:
        """The day behind which days are counted, once the last good day has passed."""
        return due_on if self.grace_counts else self.last_good_day(due_on)


@dataclass(frozen=True)
class Movement:
    """Yuan set against the line on a value day, by money or by waiver; negative when it was taken back."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Rest:
    """Days on which the fee rests, both included; without ``last`` it rests for good, as after a judgment."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether the fee rests on the day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Debt:
    """A charge line as the late fee sees it.

    ``amount`` is what was billed less what turned out wrong from the start (corrections); ``due_on`` has been moved to
    a working day already (Civil Code 203).
    """

    amount: Decimal
    due_on: date
    movements: Sequence[Movement] = ()
    rests: Sequence[Rest] = ()


@dataclass(frozen=True)
class Stretch:
    """Days in a row, both included, through which the same principal stood open and the fee did not rest."""

    principal: Decimal
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Part:
    """A stretch with its rate: ``amount`` is exact, and what the cap leaves of principal × rate × days."""

    stretch: Stretch
    rate: Decimal
    amount: Decimal

    @property
    def uncapped(self) -> Decimal:
        """Principal × rate × days."""
        return self.stretch.principal * self.rate * self.stretch.days


@dataclass(frozen=True)
class LateFee:
    """The fee of a line as of a day: its parts, exact, and their sum rounded half-up to the fen, once."""

    parts: tuple[Part, ...] = ()

    @property
    def exact(self) -> Decimal:
        """The sum of the parts."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def amount(self) -> Decimal:
        """What the fee comes to, in yuan and fen."""
        return round_half_up(self.exact)


def late_fee(debt: Debt, terms: Terms, as_of: date) -> LateFee:
    """Return the contract's late fee of a line as of the end of a day.

    10,000 yuan due on Friday 30 October 2026, paid with 4,000 on 9 November, at 0.05 % a day without grace:

    >>> debt = Debt(Decimal(10000), date(2026, 10, 30), [Movement(date(2026, 11, 9), Decimal(4000))])
    >>> fee = late_fee(debt, Terms(Decimal("0.0005")), date(2026, 11, 19))
    >>> [(str(p.stretch.principal), p.stretch.days, str(p.amount)) for p in fee.parts], str(fee.amount)
    ([('10000', 10, '50.0000'), ('6000', 10, '30.0000')], '80.00')
    """
    stretches = list_stretches(debt, terms, as_of)
    if terms.is_once:
        stretches = [Stretch(one.principal, one.first, one.first) for one in stretches[:1]]
    return LateFee(tuple(_cap(stretches, terms.rate, terms.cap * debt.amount)))


def list_stretches(debt: Debt, terms: Terms, as_of: date) -> list[Stretch]:
    """Return the days that count up to ``as_of``, cut wherever the open principal changes or the fee rests.

    Of a one-time fee only the first day of the first stretch matters; days with nothing open are left out.

    >>> debt = Debt(Decimal(100), date(2026, 11, 20), rests=[Rest(date(2026, 12, 1), date(2026, 12, 10))])
    >>> [(str(s.first), str(s.last)) for s in list_stretches(debt, Terms(Decimal("0.0005")), date(2026, 12, 15))]
    [('2026-11-21', '2026-11-30'), ('2026-12-11', '2026-12-15')]
    """
    good = terms.last_good_day(debt.due_on)
    if as_of <= good:
        return []
    first = (good if terms.is_once else terms.counts_after(debt.due_on)) + ONE_DAY
    moves = [(first if move.day <= good else move.day + ONE_DAY, move.amount) for move in debt.movements]
    return _join(_cut(debt, moves, first, as_of + ONE_DAY))


def _cut(debt: Debt, moves: Sequence[tuple[date, Decimal]], first: date, end: date) -> Iterator[Stretch]:
    """Yield the stretches between all days on which anything changes; ``moves`` name the first day they matter."""
    edges = {day for day, _amount in moves} | set(_edges(debt.rests))
    days = sorted({first, end, *(day for day in edges if first < day < end)})
    for begin, after in pairwise(days):
        principal = debt.amount - sum((amount for day, amount in moves if day <= begin), ZERO)
        if principal > 0 and not any(rest.holds(begin) for rest in debt.rests):
            yield Stretch(principal, begin, after - ONE_DAY)


def _edges(rests: Sequence[Rest]) -> Iterator[date]:
    for rest in rests:
        yield rest.first
        if rest.last is not None:
            yield rest.last + ONE_DAY


def _join(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Put neighbours of the same principal together: rests may overlap, and money may come and go on one day."""
    joined: list[Stretch] = []
    for one in stretches:
        if joined and joined[-1].principal == one.principal and joined[-1].last + ONE_DAY == one.first:
            joined[-1] = Stretch(one.principal, joined[-1].first, one.last)
        else:
            joined.append(one)
    return joined


def _cap(stretches: Sequence[Stretch], rate: Decimal, cap: Decimal) -> Iterator[Part]:
    """Yield the parts; when their sum meets the cap, what comes later adds nothing."""
    left = cap
    for one in stretches:
        part = min(one.principal * rate * one.days, left)
        left -= part
        yield Part(one, rate, part)
