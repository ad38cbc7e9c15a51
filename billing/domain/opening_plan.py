"""Decides what an opening file brings in: whose it is, and what is in already."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.domain.opening_rows import Fact, Kind, OpeningRow, Place
from core.money import ZERO
from core.tables.cells import BadCell, token
from estates.domain.codes import full_name


@dataclass(frozen=True)
class HeldAccount:
    """A charge account of a unit: its id, its first day, and the day after its last."""

    id: int
    start: date
    end: date | None


@dataclass(frozen=True)
class HeldOpening:
    """What is held: accounts by unit code in order of their first days, fee items by name and code, facts by key."""

    accounts: Mapping[str, Sequence[HeldAccount]]
    fees: Mapping[str, int]
    facts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A fact with its place: the account it is about, where it stands in the file, and the key it is known by."""

    fact: Fact
    account_id: int
    unit: str
    sheet: str
    line: int
    key: str

    @property
    def fee_key(self) -> str:
        """What its fee item is looked up by."""
        return fee_key(self.fact.fee)


@dataclass
class OpeningPlan:
    """What is to be written: entries, names of fee items nobody knows yet, and how many rows met which fate."""

    entries: list[Entry] = field(default_factory=list)
    new_fees: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def total(self, kind: Kind) -> Decimal:
        """The sum of the entries of one kind, in yuan."""
        return sum((entry.fact.amount for entry in self.entries if entry.fact.kind == kind), ZERO)

    def count(self, kind: Kind) -> int:
        """How many entries are of one kind."""
        return sum(entry.fact.kind == kind for entry in self.entries)


def plan_opening(rows: Sequence[OpeningRow], held: HeldOpening, as_of: date) -> OpeningPlan:
    """Return what the rows bring in. Rows that cannot be placed are rejected with their reason in their findings.

    What is in already changes nothing; a fact known with another amount is rejected, and so are both of two rows of
    the file that say different amounts for one fact.
    """
    places = _Places(held.accounts, [row.place for row in rows])
    plan, said = OpeningPlan(), dict[str, tuple[OpeningRow, Decimal]]()
    for row in rows:
        entries = [] if row.row.is_rejected else _entries(row, places, as_of)
        _judge(row, entries, held, said)
        _take(row, entries, plan, held, said)
    names = {entry.fact.fee for entry in plan.entries if entry.fact.fee and entry.fact.kind == Kind.OWED}
    plan.new_fees = sorted(name for name in names if fee_key(name) not in held.fees)
    return plan


def fee_key(name: str) -> str:
    """Return what a fee item is looked up by: its name or code without white space, narrow, in lower case."""
    return token(name).lower()


def _entries(row: OpeningRow, places: _Places, as_of: date) -> list[Entry]:
    try:
        code = places.unit(row.place.candidates)
        found = [_entry(row, fact, code, places, as_of) for fact in row.facts]
    except BadCell as bad:
        row.row.reject(_named_field(row), bad.code, **bad.params)
        return []
    return found


def _named_field(row: OpeningRow) -> str:
    names = ("place", "unit_code", "household", "unit_name")
    return next((name for name in names if name in row.row.table.columns), names[0])


def _entry(row: OpeningRow, fact: Fact, code: str, places: _Places, as_of: date) -> Entry:
    first = min(fact.period.start, as_of) if fact.period else as_of
    account = places.account(code, row.place.occupant, first, as_of)
    return Entry(
        fact, account, code, row.row.table.sheet.name, row.row.line, _key(fact, code, row.place.occupant)
    )


def _key(fact: Fact, code: str, occupant: int) -> str:
    """What makes a fact the same one again. Of payments the day and the amount belong to it."""
    parts = [fact.kind, code, str(occupant), fee_key(fact.fee), str(fact.period or "")]
    if fact.kind == Kind.HISTORY:
        parts += [str(fact.due_on), str(fact.amount)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _judge(
    row: OpeningRow,
    entries: Sequence[Entry],
    held: HeldOpening,
    said: dict[str, tuple[OpeningRow, Decimal]],
) -> None:
    for entry in entries:
        amount = entry.fact.amount
        known = held.facts.get(entry.key)
        if known is not None and known != amount:
            row.row.reject(entry.fact.field, "opening_differs", held=known)
        other = said.get(entry.key)
        if other and other[1] != amount:
            row.row.reject(entry.fact.field, "opening_disagrees", other_line=other[0].row.line)


def _take(
    row: OpeningRow,
    entries: Sequence[Entry],
    plan: OpeningPlan,
    held: HeldOpening,
    said: dict[str, tuple[OpeningRow, Decimal]],
) -> None:
    """Put a row's new entries into the plan, and count the row's fate."""
    if row.row.is_rejected:
        plan.counts["rejected"] += 1
        return
    new = []
    for entry in entries:
        if entry.key in said:
            row.row.remark(entry.fact.field, "opening_twice", other_line=said[entry.key][0].row.line)
        elif entry.key not in held.facts:
            new.append(entry)
        said.setdefault(entry.key, (row, entry.fact.amount))
    plan.entries += new
    plan.counts["created" if new else "unchanged"] += 1


class _Places:
    """Finds units by the ways clerks write them, and the account of a unit that a row is about."""

    def __init__(self, accounts: Mapping[str, Sequence[HeldAccount]], places: Sequence[Place]) -> None:
        self.accounts = accounts
        self.occupants: defaultdict[str, int] = defaultdict(int)
        self.by_plain: defaultdict[str, set[str]] = defaultdict(set)
        for code in accounts:
            for form in (code, code.replace("-0-", "-", 1)):
                self.by_plain[_squeezed(form)].add(code)
        for place in places:
            if place.occupant:
                code = self._find(place.candidates)
                self.occupants[code] = max(self.occupants[code], place.occupant)

    def _find(self, candidates: Sequence[str]) -> str:
        try:
            return self.unit(candidates)
        except BadCell:
            return ""

    def unit(self, candidates: Sequence[str]) -> str:
        """Return the code of the unit the first fitting candidate names. Raises BadCell."""
        for text in candidates:
            for form in (text, _full_code(text)):
                if form in self.accounts:
                    return form
        for text in candidates:
            found = self.by_plain.get(_squeezed(_full_code(text) or text), set())
            if len(found) > 1:
                raise BadCell("opening_unclear_unit", units="、".join(sorted(found)))
            if found:
                return next(iter(found))
        raise BadCell("no_such_unit", name=candidates[0])

    def account(self, code: str, occupant: int, day: date, as_of: date) -> int:
        """Return the account of the occupant meant, else the one that held on the day, else the latest before as_of.

        Where the file numbers a unit's occupants, one without a number is the first and the last is the newest payer;
        the register may not know the earlier ones. Raises BadCell.
        """
        accounts = [account for account in self.accounts[code] if account.start <= as_of]
        if not accounts:
            raise BadCell("opening_no_payer", unit=code)
        if most := self.occupants[code]:
            place = (occupant or 1) - 1 - max(0, most - len(accounts))
            if place < 0:
                raise BadCell("opening_no_occupant", occupant=occupant or 1, count=len(accounts), unit=code)
            return accounts[place].id
        holding = [a for a in accounts if a.start <= day and (a.end is None or day < a.end)]
        nearest = accounts[0] if day < accounts[0].start else accounts[-1]
        return (holding or [nearest])[0].id


def _full_code(text: str) -> str:
    try:
        name = full_name(text)
    except BadCell:
        return ""
    return name.code if name else ""


def _squeezed(text: str) -> str:
    return text.replace("-", "").lower()
