"""Pieces: the days of an account, cut wherever a dated fact of its unit changes (ADR 0010).

A unit measured anew in the middle of a month is two areas in one month; one that stands empty from the 10th owes all
of the fee until then and a part of it after. Each stretch with facts of its own is a row of ``Accounts`` with the
account's id, and a fee item looks at those cuts only that change what it comes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from billing.domain.slab import SHARE_SCALE, UNKNOWN, Accounts, BoolArray, IntArray

BY_AREA = frozenset({"area", "expression"})
BY_MONTHS = frozenset({"area", "fixed", "expression"})


@dataclass(frozen=True)
class UnitFacts:
    """What changed about units, in parallel columns: an area or a share from ``start`` until the day before ``end``.

    area: m² × 10⁴; share: what is still due, × 10⁴; UNKNOWN where a row does not speak of it. Days are ordinals. Of
    two areas of one unit the one that starts later holds.
    """

    unit: IntArray
    start: IntArray
    end: IntArray
    area: IntArray
    share: IntArray

    def by_unit(self) -> dict[int, list[Fact]]:
        """The facts of each unit in the order of their first days."""
        facts: dict[int, list[Fact]] = {}
        columns = (self.start, self.end, self.area, self.share)
        for unit, row in zip(
            self.unit.tolist(), zip(*(c.tolist() for c in columns), strict=True), strict=True
        ):
            facts.setdefault(unit, []).append(Fact(*row))
        return {unit: sorted(rows, key=lambda fact: fact.start) for unit, rows in facts.items()}


@dataclass(frozen=True)
class Fact:
    """One row of ``UnitFacts``."""

    start: int
    end: int
    area: int
    share: int

    def holds(self, day: int) -> bool:
        """Whether it is in force on the day."""
        return self.start <= day < self.end


@dataclass(frozen=True)
class Piece:
    """Days of one account with one area and one share."""

    start: int
    end: int
    area: int
    share: int


def cut_pieces(accounts: Accounts, facts: UnitFacts) -> Accounts:
    """Return the accounts with those cut into pieces whose units have facts; all others stay as they are."""
    touched = np.flatnonzero(np.isin(accounts.unit, facts.unit)).tolist()
    if not touched:
        return accounts
    by_unit = facts.by_unit()
    pieces = {row: list(_list_pieces(accounts, row, by_unit[int(accounts.unit[row])])) for row in touched}
    counts = np.ones_like(accounts.id)
    counts[touched] = [len(pieces[row]) for row in touched]
    cut = accounts.take(np.repeat(np.arange(accounts.id.size), counts))
    firsts = np.cumsum(counts) - counts
    for row in touched:
        for at, piece in enumerate(pieces[row], start=int(firsts[row])):
            cut.start[at], cut.end[at] = piece.start, piece.end
            cut.area[at], cut.share[at] = piece.area, piece.share
    return cut


def _list_pieces(accounts: Accounts, row: int, facts: list[Fact]) -> Iterator[Piece]:
    start, end, area = int(accounts.start[row]), int(accounts.end[row]), int(accounts.area[row])
    inside = {day for fact in facts for day in (fact.start, fact.end) if start < day < end}
    for first, after in pairwise([start, *sorted(inside), end]):
        holding = [fact for fact in facts if fact.holds(first)]
        yield Piece(
            first,
            after,
            area=_last((fact.area for fact in holding), area),
            share=_last((fact.share for fact in holding), SHARE_SCALE),
        )


def _last(values: Iterable[int], default: int) -> int:
    """The last value that says anything."""
    return next((value for value in reversed(list(values)) if value != UNKNOWN), default)


def join_pieces(accounts: Accounts, method: str, *, honours_vacancy: bool) -> Accounts:
    """Return the same rows with pieces joined where nothing differs that this method asks about.

    The first row of joined pieces has all their days, the others have none. What stands empty owes its share only by
    the month and where the fee item honours it: a meter knows by itself that nobody was there.
    """
    if accounts.are_plain:
        return accounts
    reduced = honours_vacancy and method in BY_MONTHS
    share = accounts.share if reduced else np.full_like(accounts.share, SHARE_SCALE)
    begins = _changes(accounts.id) | _changes(share)
    if method in BY_AREA:
        begins |= _changes(accounts.area)
    first = np.flatnonzero(begins)
    end = accounts.start.copy()
    end[first] = accounts.end[np.r_[first[1:], accounts.id.size] - 1]
    return replace(accounts, share=share, end=end)


def _changes(column: IntArray) -> BoolArray:
    """Where a value differs from the one above; the first always does."""
    changes: BoolArray = np.r_[True, column[1:] != column[:-1]]
    return changes
