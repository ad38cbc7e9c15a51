"""The few rates that many accounts share: a class of units, the days of an account, and what these days cost.

Thousands of accounts of a community have the same tariff on the same days. A *rate* is worked out exactly, as a
fraction, once for all of them; only area, use or share differ from account to account.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from billing.domain.expressions import parse
from billing.domain.pieces import join_pieces
from billing.domain.rounding import COIN_FEN, round_half_up
from billing.domain.schedule import count_months
from billing.domain.scopes import Classes, Stretch, clip, resolve
from billing.domain.slab import PRICE_SCALE, SHARE_SCALE, UNKNOWN, Accounts, DueItem, IntArray, first_rows
from core.periods import Period

NO_RATE = -1


@dataclass(frozen=True)
class Rate:
    """What one or many accounts are charged by: stretches of days with a tariff each.

    own_days: the account's days in the period; of_days: those of all payers of its unit together; unit_months: as
    many days in months, which begin on ``month_day``; share: the part still due of what is charged by the month;
    whole: the period whose days parts count by, None for those of each month.
    """

    stretches: tuple[Stretch, ...]
    own_days: int
    of_days: int
    unit_months: Fraction = Fraction(1)
    month_day: int = 1
    share: Fraction = Fraction(1)
    whole: Period | None = None

    @property
    def last(self) -> Stretch:
        """The newest stretch; its version stands for the line and sets the rounding."""
        return self.stretches[-1]

    @property
    def coin_fen(self) -> int:
        """The smallest coin of the line, in fen."""
        return COIN_FEN[self.last.tariff.rounding]

    @cached_property
    def months(self) -> Fraction:
        """How many months are charged."""
        return sum((self.months_of(s.period) for s in self.stretches), Fraction(0))

    @cached_property
    def yuan_by_months(self) -> Fraction:
        """Σ price × months × share: yuan for one m² or one household."""
        prices = (Fraction(s.tariff.price) * self.months_of(s.period) for s in self.stretches)
        return sum(prices, Fraction(0)) * self.share

    @cached_property
    def yuan_by_days(self) -> Fraction:
        """Σ price × days ÷ of: yuan for one metered unit."""
        return sum((Fraction(s.tariff.price) * self.day_share(s) for s in self.stretches), Fraction(0))

    def months_of(self, period: Period) -> Fraction:
        """How many months some of the days are."""
        return count_months(period, self.month_day, self.whole)

    def day_share(self, stretch: Stretch) -> Fraction:
        """The part of what the unit used that falls on a stretch, by days."""
        return Fraction(stretch.period.days, self.of_days)

    @property
    def price_shown(self) -> int:
        """The price × 10⁶ when there is only one, else UNKNOWN."""
        prices = {stretch.tariff.price for stretch in self.stretches}
        return round_half_up(Fraction(prices.pop()) * PRICE_SCALE) if len(prices) == 1 else UNKNOWN

    def month_parts(self) -> str:
        """The parts as a line by months remembers them, with the rounding."""
        parts = self._parts(
            {"months": str(self.months_of(s.period)), "price": f"{s.tariff.price:.6f}"}
            for s in self.stretches
        )
        return parts + self._share_and_whole()

    def _share_and_whole(self) -> str:
        """What a line by months remembers of its piece: the share still due, and the days its parts count by."""
        memory = ""
        if self.share != 1:
            memory += f', "share": "{Decimal(self.share.numerator) / self.share.denominator}"'
        if self.whole:
            memory += f', "whole": {{"from": "{self.whole.start}", "to": "{self.whole.last_day}"}}'
        return memory

    def day_parts(self) -> str:
        """The parts as a metered line remembers them, with the rounding."""
        return self._parts(
            {"days": s.period.days, "of": self.of_days, "price": f"{s.tariff.price:.6f}"}
            for s in self.stretches
        )

    def tier_parts(self) -> str:
        """The parts as a tiered line remembers them, with the rounding."""
        return self._parts(
            {"days": s.period.days, "of": self.of_days, "tiers": _tiers(s)} for s in self.stretches
        )

    def formula_parts(self) -> str:
        """The parts as a line by formula remembers them, with the rounding."""
        return self._parts(map(self._formula_figures, self.stretches)) + self._share_and_whole()

    def _formula_figures(self, stretch: Stretch) -> dict[str, object]:
        expression = parse(stretch.tariff.expression)
        if expression.is_of_period:
            days = {"days": stretch.period.days, "of": self.of_days}
            return {"formula": expression.write(), "months": str(self.unit_months), **days}
        return {"formula": expression.write(), "months": str(self.months_of(stretch.period))}

    def _parts(self, figures: Iterable[dict[str, object]]) -> str:
        parts = [
            {"from": f"{s.period.start}", "to": f"{s.period.last_day}", **figure, "version": s.tariff.id}
            for s, figure in zip(self.stretches, figures, strict=True)
        ]
        months = f'"month_day": {self.month_day}, ' if self.month_day > 1 else ""
        return f'"parts": {json.dumps(parts)}, {months}"rounding": "{self.last.tariff.rounding}"'


def _tiers(stretch: Stretch) -> list[tuple[str | None, str]]:
    return [
        (f"{t.limit:.4f}" if t.limit is not None else None, f"{t.price:.6f}") for t in stretch.tariff.tiers
    ]


@dataclass(frozen=True)
class Rates:
    """The rates of a fee item and, for each account, which of them is its own (NO_RATE: it is not charged)."""

    rates: list[Rate]
    of_account: IntArray


def find_rates(item: DueItem, accounts: Accounts, classes: Classes, method: str) -> Rates:
    """Return the rates by which the accounts are charged for the item with tariffs of one method."""
    accounts = join_pieces(accounts, method, honours_vacancy=item.honours_vacancy)
    first, end = clip_days(accounts, item.period)
    covered = days_covered(accounts.unit, end - first)
    width = item.period.days + 1
    codes = ((classes.of_unit * width + first) * width + end) * width + covered
    codes = codes * (SHARE_SCALE + 1) + accounts.share
    codes[(first == end) | ~item.charges(accounts.unit)] = UNKNOWN
    found, which = np.unique(codes, return_inverse=True)
    rates: list[Rate] = []
    of_code = np.full(found.size, NO_RATE, dtype=np.int64)
    by_class = [resolve(item.tariffs, scopes, item.period) for scopes in classes.scopes]
    for i, code in enumerate(found.tolist()):
        rate = _decode(code, by_class, item, method) if code >= 0 else None
        if rate:
            of_code[i] = len(rates)
            rates.append(rate)
    return Rates(rates, of_code[which])


def clip_days(accounts: Accounts, period: Period) -> tuple[IntArray, IntArray]:
    """First day and end of each account within the period, counted from its first day; equal when outside."""
    origin = period.start.toordinal()
    first = np.clip(accounts.start - origin, 0, period.days)
    return first, np.maximum(np.clip(accounts.end - origin, 0, period.days), first)


def days_covered(units: IntArray, days: IntArray) -> IntArray:
    """Return for each account the days of all accounts of its unit together; those of a unit stand side by side."""
    if not units.size:
        return days
    starts = first_rows(units)
    counts = np.diff(np.r_[starts, units.size])
    return np.repeat(np.add.reduceat(days, starts), counts)


def _decode(code: int, by_class: list[list[Stretch]], item: DueItem, method: str) -> Rate | None:
    width = item.period.days + 1
    rest, share = divmod(code, SHARE_SCALE + 1)
    rest, covered = divmod(rest, width)
    rest, end = divmod(rest, width)
    which, first = divmod(rest, width)
    origin = item.period.start.toordinal()
    span = Period(date.fromordinal(origin + first), date.fromordinal(origin + end))
    stretches = tuple(s for s in clip(by_class[which], span) if s.tariff.method == method)
    if not stretches:
        return None
    return Rate(
        stretches,
        own_days=span.days,
        of_days=covered,
        unit_months=_unit_months(item, span, covered),
        month_day=item.month_day,
        share=Fraction(share, SHARE_SCALE),
        whole=item.whole,
    )


def _unit_months(item: DueItem, span: Period, covered: int) -> Fraction:
    """The days of all payers of a unit in months: the whole period, or as the days of this payer are in months."""
    if covered == item.period.days:
        return item.months(item.period)
    return item.months(span) * covered / span.days
