"""What an empty unit still owes: whether a reduction is due, from which day, and what ends it (§4.7).

The full fee is the rule: that a unit stands empty is no reason to refuse it (Civil Code 944). Less is due where the
contract says so, or where a local regulation does, and then for the kinds of unit and after the months that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import ConflictError
from estates.domain.city_packs import AT_MOST_60, REDUCED, Rule

FULL_SHARE = Decimal(1)
LOCAL_MONTHS = 6
"""After how many empty months the local regulations that know a reduction grant it (聊城 40, 菏泽 24, 滨州 38)."""
LOCAL_CEILING = Decimal("0.6")
"""The most that 滨州 art. 38 leaves due, under a contract of the early stage."""
DAYS_A_MONTH = 30

STEPS: Mapping[tuple[str, str], str] = {
    ("applied", "inspect"): "inspected",
    ("applied", "refuse"): "refused",
    ("inspected", "inspect"): "inspected",
    ("inspected", "approve"): "approved",
    ("inspected", "refuse"): "refused",
    ("approved", "end"): "ended",
}
"""The way of a vacancy. It may be inspected again, is approved only after an inspection, and takes no step back."""


class VacancyStepError(ConflictError):
    """The vacancy is not where this step begins."""

    code = "vacancy_step"


def next_state(state: str, step: str) -> str:
    """Return the state of a vacancy after a step. Raises VacancyStepError.

    >>> next_state("applied", "inspect")
    'inspected'
    """
    if (state, step) not in STEPS:
        raise VacancyStepError(f"Not possible from “{state}”: {step}.")
    return STEPS[state, step]


@dataclass(frozen=True)
class Terms:
    """What a community's contract grants an empty unit. ``share``: what is still due, None where it is silent.

    kinds: the kinds of unit it speaks of; months: how long a unit must have stood empty; backdates: whether days before
    the application count; clause: where it is written.
    """

    share: Decimal | None = None
    months: int = LOCAL_MONTHS
    kinds: frozenset[str] = frozenset()
    backdates: bool = False
    clause: str = ""


@dataclass(frozen=True)
class Case:
    """A unit that is said to stand empty, and what is asked about it. ``is_early``: under a developer's contract."""

    kind: str
    empty_since: date
    applied_on: date
    is_early: bool = False


@dataclass(frozen=True)
class Offer:
    """What a case comes to: the share still due from a day on, by these texts; or the reason why nothing is taken off.

    refusal: "", ``nothing_agreed`` (the full fee is due), ``share_missing`` (the law asks for a reduction, and no share
    is set) or ``kind`` (not for this kind of unit).
    """

    start: date
    share: Decimal
    articles: tuple[str, ...]
    refusal: str = ""


def make_offer(case: Case, terms: Terms, rule: Rule) -> Offer:
    """Return what the contract and the local rule leave due, the owner's better of the two.

    A local rule shortens the months and lowers the share, never the other way round. Days before the application count
    only where the contract says so.
    """
    by_law = rule.value == REDUCED or (rule.value == AT_MOST_60 and case.is_early)
    months = min(terms.months, LOCAL_MONTHS) if by_law else terms.months
    full_on = add_months(case.empty_since, months)
    start = full_on if terms.backdates else max(full_on, case.applied_on)
    articles = tuple(text for text in (terms.clause, rule.article) if text)
    share = _share(terms, rule, by_law=by_law)
    refusal = _refuse(case, terms, share, by_law=by_law)
    return Offer(start, FULL_SHARE if refusal else share or FULL_SHARE, articles, refusal)


def _share(terms: Terms, rule: Rule, *, by_law: bool) -> Decimal | None:
    if by_law and rule.value == AT_MOST_60:
        return min(terms.share or LOCAL_CEILING, LOCAL_CEILING)
    return terms.share


def _refuse(case: Case, terms: Terms, share: Decimal | None, *, by_law: bool) -> str:
    if share is None:
        return "share_missing" if by_law else "nothing_agreed"
    return "kind" if terms.kinds and case.kind not in terms.kinds else ""


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where it has no such day.

    >>> add_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))


def shows_use(use: Decimal, days: int, most_a_month: Decimal) -> bool:
    """Return whether a meter counted more in these days than a unit may use in thirty and still be empty.

    >>> shows_use(Decimal("1.1"), 30, Decimal(1)), shows_use(Decimal("1.1"), 60, Decimal(1))
    (True, False)
    """
    return use * DAYS_A_MONTH > most_a_month * days
