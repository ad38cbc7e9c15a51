"""Which days a property-service contract lets a run bill, and what its price holds already (A6).

Before a contract nothing is due, after its end nothing (Civil Code 949) unless service goes on and somebody has said so
(948, 950). Under lump-sum pricing a pool of a meter whose cost the price holds is not shared again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest

from billing.domain.scopes import Tariff
from core.periods import Period


@dataclass(frozen=True)
class Term:
    """A contract as the run asks it. ``end`` is the day after its last; ``after_end``: continue, stop, or undecided."""

    number: str
    start: date
    end: date | None
    after_end: str = ""
    included_meters: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Gap:
    """Days no contract covers: why (not_begun, undecided, ended), and the contract before or after them."""

    reason: str
    period: Period
    term: Term


def prolong(terms: Sequence[Term]) -> list[Term]:
    """Return the contracts in order of their days; one that is continued lasts until the next begins."""
    ordered = sorted(terms, key=lambda term: term.start)
    nexts = (term.start for term in ordered[1:])
    return [
        replace(term, end=following) if term.end and term.after_end == "continue" else term
        for term, following in zip_longest(ordered, nexts)
    ]


def clip_tariffs(tariffs: Sequence[Tariff], terms: Sequence[Term]) -> tuple[Tariff, ...]:
    """Return the tariffs on the days the contracts cover, without pools a price holds; all without contract."""
    if not terms:
        return tuple(tariffs)
    return tuple(part for tariff in tariffs for term in prolong(terms) for part in _within(tariff, term))


def _within(tariff: Tariff, term: Term) -> Iterator[Tariff]:
    start = max(tariff.start, term.start)
    ends = [end for end in (tariff.end, term.end) if end]
    end = min(ends) if ends else None
    holds_it = tariff.pool_meter and tariff.pool_meter in term.included_meters
    if (end is None or start < end) and not holds_it:
        yield replace(tariff, start=start, end=end)


def find_gaps(period: Period, terms: Sequence[Term]) -> list[Gap]:
    """Return the days of a period that no contract covers, in order; none where no contract is recorded at all."""
    lives = prolong(terms)
    borders = {day for term in lives for day in (term.start, term.end) if day}
    uncovered = [
        part
        for part in period.split_at(borders)
        if lives and not any(t.start <= part.start and (t.end is None or part.start < t.end) for t in lives)
    ]
    return [_gap(part, lives) for part in uncovered]


def _gap(part: Period, lives: Sequence[Term]) -> Gap:
    before = [term for term in lives if term.end and term.end <= part.start]
    if not before:
        return Gap("not_begun", part, lives[0])
    return Gap("ended" if before[-1].after_end == "stop" else "undecided", part, before[-1])
