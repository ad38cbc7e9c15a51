"""What a court would likely grant for paying late, beside what the contract says (DOMAIN-RULES §4.8, C1 "Penalty").

An agreed penalty may be cut when it is excessively above the loss (Civil Code 585); more than 30 % above it is usually
too much (interpretation of the contract book 2023, art. 65). The loss is taken as the loan prime rate of one year, so
the yardstick is 1.3 × LPR; four times the LPR is the ceiling of private lending and the second yardstick. Both are
shown and warned about. Nothing is ever changed by them silently.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from billing.domain.late_fee import Debt, Stretch, Terms, list_stretches
from core.money import round_half_up

DAYS_A_YEAR = 365
LOSS, LENDING = Decimal("1.3"), Decimal(4)
ONE_DAY = timedelta(days=1)

LPR: Mapping[date, Decimal] = {
    date(2019, 8, 20): Decimal("4.25"),
    date(2019, 9, 20): Decimal("4.20"),
    date(2019, 11, 20): Decimal("4.15"),
    date(2020, 2, 20): Decimal("4.05"),
    date(2020, 4, 20): Decimal("3.85"),
    date(2021, 12, 20): Decimal("3.80"),
    date(2022, 1, 20): Decimal("3.70"),
    date(2022, 8, 22): Decimal("3.65"),
    date(2023, 6, 20): Decimal("3.55"),
    date(2023, 8, 21): Decimal("3.45"),
    date(2024, 7, 22): Decimal("3.35"),
    date(2024, 10, 21): Decimal("3.10"),
    date(2025, 5, 20): Decimal("3.00"),
}
"""The one-year loan prime rate in percent by the day it was published; what came later stands in the database."""


@dataclass(frozen=True)
class LendingRates:
    """The one-year LPR in percent by day of publication; before the first day, the first one is taken."""

    days: Sequence[date]
    percents: Sequence[Decimal]

    @classmethod
    def of(cls, table: Mapping[date, Decimal]) -> LendingRates:
        """Make the table from rates by day, in any order."""
        days = sorted(table)
        return cls(days, [table[day] for day in days])

    def on(self, day: date) -> Decimal:
        """The rate in force on a day, in percent a year.

        >>> str(LendingRates.of(LPR).on(date(2025, 5, 19))), str(LendingRates.of(LPR).on(date(2026, 11, 20)))
        ('3.10', '3.00')
        """
        return self.percents[max(bisect_right(self.days, day) - 1, 0)]

    def changes(self, first: date, last: date) -> list[date]:
        """The days after ``first`` and up to ``last`` on which another rate came into force."""
        return [day for day in self.days if first < day <= last]


@dataclass(frozen=True)
class CourtView:
    """Stretches with their yearly rate in percent, and what they come to, rounded once."""

    parts: tuple[tuple[Stretch, Decimal], ...]

    @property
    def amount(self) -> Decimal:
        """Principal × yearly rate × days ÷ 365, summed exactly and rounded half-up to the fen."""
        sums = sum((one.principal * percent * one.days for one, percent in self.parts), Decimal(0))
        return round_fraction(Fraction(sums) / (100 * DAYS_A_YEAR))


def court_view(debt: Debt, terms: Terms, as_of: date, rates: LendingRates) -> CourtView:
    """Return the fee at 1.3 × LPR for the days the contract counts, without a cap; cut where the LPR changed.

    The case of §4.8: 10,000 yuan for a year at an LPR of 3.65 %.

    >>> rates = LendingRates.of({date(2022, 8, 22): Decimal("3.65")})
    >>> debt = Debt(Decimal(10000), date(2022, 9, 1))
    >>> str(court_view(debt, Terms(Decimal("0.003")), date(2023, 9, 1), rates).amount)
    '474.50'
    """
    stretches = list_stretches(debt, terms, as_of)
    parts = (part for one in stretches for part in _at_dated_rates(one, rates))
    return CourtView(tuple(parts))


def _at_dated_rates(one: Stretch, rates: LendingRates) -> Iterator[tuple[Stretch, Decimal]]:
    begins = [one.first, *rates.changes(one.first, one.last)]
    ends = [*(day - ONE_DAY for day in begins[1:]), one.last]
    for first, last in zip(begins, ends, strict=True):
        yield Stretch(one.principal, first, last), LOSS * rates.on(first)


def round_fraction(value: Fraction) -> Decimal:
    """Round an exact fraction half-up to the fen.

    >>> str(round_fraction(Fraction(1, 3))), str(round_fraction(Fraction(5, 1000)))
    ('0.33', '0.01')
    """
    thousandths = Decimal(value.numerator * 1000 // value.denominator).scaleb(-3)
    return round_half_up(thousandths)


@dataclass(frozen=True)
class Yardsticks:
    """How a contract's rate stands to what courts accept, all in percent a year."""

    yearly: Decimal
    loss: Decimal
    lending: Decimal

    @property
    def passes_loss(self) -> bool:
        """Whether the rate is above 1.3 × LPR."""
        return self.yearly > self.loss

    @property
    def passes_lending(self) -> bool:
        """Whether the rate is above 4 × LPR."""
        return self.yearly > self.lending


def weigh_terms(terms: Terms, lpr: Decimal) -> Yardsticks:
    """Put the yearly rate of the terms beside both yardsticks; a one-time rate counts as that of a year.

    >>> weigh_terms(Terms(Decimal("0.003")), Decimal("3.0"))
    Yardsticks(yearly=Decimal('109.500'), loss=Decimal('3.90'), lending=Decimal('12.0'))
    """
    share = terms.rate if terms.is_once else terms.rate * DAYS_A_YEAR
    return Yardsticks(share * 100, LOSS * lpr, LENDING * lpr)
