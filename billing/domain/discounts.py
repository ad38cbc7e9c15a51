"""Discounts that are open to everybody: for money paid ahead, and for a bill paid whole by its due day (B5).

A discount never changes a price. It is a reduction of its own beside the line, and this is all its arithmetic.

*Paid ahead.* Whoever pays N months ahead is promised a gift. The gift is earned as the money is used: paid and gift
together cover so many yuan of bills, and of every bill they cover the gift takes its share. So what is paid back of
the money takes the same share of the gift with it, and nothing ever has to be asked back from an owner.

*On time.* A bill is paid on time when the money that had come by its due day, and the discount itself, leave nothing
open. Days are those on which money came, so it does not matter in which order payments are heard of.

Amounts are whole fen, rates are fractions; every figure is rounded half-up, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import floor

from core.money import split_fen

HALF = Fraction(1, 2)


def round_fen(exact: Fraction) -> int:
    """Round an amount that is not negative to whole fen, halves up.

    >>> round_fen(Fraction(76923, 100)), round_fen(Fraction(5, 2))
    (769, 3)
    """
    return floor(exact + HALF)


# Paid ahead ---------------------------------------------------------------------------------------------


def promise_months(paid: int, monthly: Fraction, *, months: int, gift_months: int) -> int:
    """Return the gift for paying ``months`` at the monthly fee: ``gift_months`` of it, each time they are reached.

    Nothing is promised for less, nor where no fee is known.

    >>> promise_months(120_000, Fraction(10_000), months=12, gift_months=1)
    10000
    >>> promise_months(119_999, Fraction(10_000), months=12, gift_months=1)
    0
    """
    needed = round_fen(monthly * months)
    return round_fen(monthly * gift_months * (paid // needed)) if needed else 0


def promise_percent(paid: int, monthly: Fraction, *, months: int, percent: Fraction) -> int:
    """Return the gift for paying ``months`` at the monthly fee less ``percent``: what the payment saves.

    5 % off twelve months of 100.00 means 1,140.00 pays for 1,200.00.

    >>> promise_percent(114_000, Fraction(10_000), months=12, percent=Fraction(5, 100))
    6000
    >>> promise_percent(113_999, Fraction(10_000), months=12, percent=Fraction(5, 100))
    0
    """
    needed = round_fen(monthly * months * (1 - percent))
    return round_fen(paid * percent / (1 - percent)) if needed and paid >= needed else 0


@dataclass(frozen=True)
class Ahead:
    """Money paid ahead and the gift promised for it, and what of either is gone: used, or paid back."""

    paid: int
    gift: int
    money_gone: int = 0
    gift_gone: int = 0

    @property
    def money(self) -> int:
        """What is left of the money."""
        return self.paid - self.money_gone

    @property
    def gift_left(self) -> int:
        """What is left of the gift."""
        return self.gift - self.gift_gone

    def earn(self, owed: int) -> int:
        """Return the share of the gift in what the two still cover of an amount owed.

        Worked out from the beginning each time, so that the shares of all bills sum to the gift exactly.

        >>> Ahead(120_000, 10_000).earn(10_000)
        769
        >>> Ahead(120_000, 10_000, money_gone=110_769, gift_gone=9_231).earn(10_000)
        769
        """
        gone = self.money_gone + self.gift_gone
        covered = min(owed, self.money + self.gift_left)
        return round_fen(Fraction((gone + covered) * self.gift, self.paid + self.gift)) - self.gift_gone

    def use(self, owed: int) -> Ahead:
        """Return what is left after money and gift have met an amount owed.

        >>> Ahead(120_000, 10_000).use(10_000)
        Ahead(paid=120000, gift=10000, money_gone=9231, gift_gone=769)
        """
        earned = self.earn(owed)
        covered = min(owed, self.money + self.gift_left)
        return replace(self, money_gone=self.money_gone + covered - earned, gift_gone=self.gift_gone + earned)

    def forfeit(self, money: int) -> int:
        """Return the share of the gift that goes with money paid back; all that is left of it with the last fen.

        >>> Ahead(120_000, 10_000, money_gone=36_923, gift_gone=3_077).forfeit(83_077)
        6923
        """
        share = round_fen(Fraction((self.money_gone + money) * self.gift, self.paid))
        return max(0, share - self.gift_gone)


# What turned out wrong ----------------------------------------------------------------------------------


def shrink(discount: int, base: int, left: int) -> int:
    """Return what stays of a discount when only so much is left of the amount it was given on.

    >>> shrink(200, 10_000, 8_000), shrink(769, 10_000, 8_000), shrink(769, 10_000, 0)
    (160, 615, 0)
    """
    return round_fen(Fraction(discount * left, base))


# On time ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Money:
    """A row of money on a bill: its line, amount and day, the deed it belongs to, and the row it takes back."""

    pk: int
    line: int
    amount: int
    day: date
    source: str
    reverses: int | None = None


def money_by(rows: Iterable[Money], day: date) -> int:
    """Return what of the money on a bill had come by a day, whatever became of its rows since.

    Money that was taken back never came: a reversal counts on the day of the row it takes back. A reduction takes a
    row back and sets what the line keeps against it again, as one deed: that part still came on the first day.

    >>> from datetime import date
    >>> due, later = date(2026, 11, 20), date(2026, 11, 25)
    >>> paid = Money(1, 7, 10_000, due, "receipt:1")
    >>> lowered = [Money(2, 7, -10_000, later, "request:3", 1), Money(3, 7, 9_000, later, "request:3")]
    >>> money_by([paid, *lowered], due), money_by([paid, lowered[0]], due)
    (9000, 0)
    """
    came: dict[int, date] = {}
    first: dict[tuple[int, str], date] = {}
    for row in sorted(rows_once := list(rows), key=lambda row: row.pk):
        if row.reverses is not None:
            came[row.pk] = came.get(row.reverses, row.day)
            deed = row.line, row.source
            first[deed] = min(first.get(deed, came[row.pk]), came[row.pk])
        else:
            came[row.pk] = first.get((row.line, row.source), row.day)
    return sum(row.amount for row in rows_once if came[row.pk] <= day)


def weigh_percent(base: int, percent: Fraction) -> int:
    """Return so many percent of what the discounted lines ask for.

    >>> weigh_percent(19_605, Fraction(10, 100))
    1961
    """
    return round_fen(base * percent)


def is_on_time(*, owed: int, by_due_day: int, now: int, discount: int) -> bool:
    """Whether a bill was paid whole by its due day, and still is: the discount may be what is missing.

    ``owed`` is what its lines ask for without the discount; ``by_due_day`` what had come by then, ``now`` what stands
    against them today.

    >>> is_on_time(owed=10_000, by_due_day=9_800, now=9_800, discount=200)
    True
    >>> is_on_time(owed=10_000, by_due_day=9_799, now=10_000, discount=200)
    False
    """
    return discount > 0 and owed - by_due_day <= discount and owed - now <= discount


def share_out(discount: int, asked: Mapping[int, int]) -> dict[int, int]:
    """Divide a discount of a bill among its lines, by what each asks for; lines that get nothing are left out.

    >>> share_out(100, {7: 6_000, 8: 4_000, 9: 0})
    {7: 60, 8: 40}
    """
    parts = split_in_order(discount, list(asked.values()))
    return {line: part for line, part in zip(asked, parts, strict=True) if part}


def split_in_order(discount: int, asked: Sequence[int]) -> list[int]:
    """Divide by what is asked for, the odd fen to the largest remainders and then to the earlier line.

    >>> split_in_order(100, [1, 1, 1])
    [34, 33, 33]
    """
    return split_fen(discount, asked, [f"{place:06}" for place in range(len(asked))])
