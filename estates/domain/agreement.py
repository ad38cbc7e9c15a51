"""Brings the rows about one unit together: rows that agree make one claim, rows that disagree are all rejected.

Rows that say the same of the unit but name another person add a co-owner.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from estates.domain.codes import UnitName
from estates.domain.facts import Entry, PersonFacts, Tie, UnitFacts

FACTS = {
    "floor": "floor",
    "kind": "kind",
    "state": "state",
    "area_m2": "area",
    "inner_area_m2": "inner_area",
    "handed_over_on": "handed_over",
}
"""Each fact about a unit and the field of the sheet that says it."""


@dataclass(slots=True)
class Claim:
    """What a file says about one unit, from the rows that agree on it; at least one row."""

    name: UnitName
    facts: UnitFacts
    ties: Sequence[Tie]
    entries: Sequence[Entry]

    @property
    def code(self) -> str:
        """The unit's code."""
        return self.name.code


def bring_together(entries: Iterable[Entry]) -> list[Claim]:
    """Return one claim a unit, in the order of the file. Rejected rows make no claim.

    Adds findings to rows: `missing` (no row gives the area), `rows_disagree` and `row_repeated`. Parking spaces named
    in the rows of a flat become claims of their own, behind the others.
    """
    groups: dict[UnitName, list[Entry]] = {}
    for entry in entries:
        if entry.name and not entry.row.is_rejected:
            groups.setdefault(entry.name, []).append(entry)
    claims = [claim for name, group in groups.items() if (claim := _claim(name, group))]
    return claims + list(_claims_of_spaces(claims).values())


def _claim(name: UnitName, group: Sequence[Entry]) -> Claim | None:
    if len(group) == 1:
        entry = group[0]
        _check_area(entry, entry.facts)
        claim = Claim(name, entry.facts, _distinct(entry.ties), group)
    else:
        claim = Claim(name, _common_facts(group), _common_ties(group), group)
        for entry in group:
            _check_area(entry, claim.facts)
    return None if any(entry.row.is_rejected for entry in group) else claim


def _check_area(entry: Entry, facts: UnitFacts) -> None:
    """Reject a row whose area cell is blank when no row gives the area; parking spaces may do without."""
    row = entry.row
    if (
        facts.area_m2 is None
        and facts.kind != "parking"
        and "area" in row.table.columns
        and not row.is_rejected
    ):
        entry.row.reject("area", "missing")


def _common_facts(group: Sequence[Entry]) -> UnitFacts:
    common: dict[str, Any] = {}
    for fact in fields(UnitFacts):
        said = {getattr(entry.facts, fact.name) for entry in group} - {None}
        if len(said) > 1:
            _reject_all(group, FACTS[fact.name])
        elif said:
            common[fact.name] = said.pop()
    return replace(UnitFacts(), **common)


def _reject_all(group: Sequence[Entry], field: str) -> None:
    lines = "、".join(str(entry.row.line) for entry in group)
    for entry in group:
        entry.row.reject(field, "rows_disagree", lines=lines, unit=entry.name.code if entry.name else "")


def _common_ties(group: Sequence[Entry]) -> Sequence[Tie]:
    """Return the people of all rows; one who stands in several rows is one, and may have one phone only."""
    phones: dict[str, set[str]] = {}
    for entry in group:
        for tie in entry.ties:
            phones.setdefault(tie.person.name, set()).add(tie.person.phone)
    if any(len(numbers - {""}) > 1 for numbers in phones.values()):
        _reject_all(group, "phone")
    for entry, earlier in zip(group[1:], group, strict=False):
        if entry.ties and set(entry.ties) == set(earlier.ties) and not entry.row.is_rejected:
            entry.row.remark("room", "row_repeated", other_line=earlier.row.line)
    return _distinct([tie for entry in group for tie in entry.ties])


def _distinct(ties: Sequence[Tie]) -> Sequence[Tie]:
    """Return each person once, with what any of the ties knows of them; the first role counts."""
    if len(ties) < 2:
        return ties
    known: dict[str, Tie] = {}
    for tie in ties:
        first = known.get(tie.person.name)
        known[tie.person.name] = _joined(first, tie) if first else tie
    return list(known.values())


def _joined(first: Tie, second: Tie) -> Tie:
    one, other = first.person, second.person
    person = PersonFacts(one.name, one.phone or other.phone, one.id_number or other.id_number, one.kind)
    return Tie(person, first.role, first.number or second.number)


def _claims_of_spaces(claims: Sequence[Claim]) -> Mapping[UnitName, Claim]:
    """Return a claim for each parking space named beside a flat; its people are those of the flat."""
    taken = {claim.name for claim in claims}
    spaces: dict[UnitName, Claim] = {}
    for claim in claims:
        for entry in claim.entries:
            for name in entry.spaces:
                holder = spaces.setdefault(
                    name, Claim(name, UnitFacts(kind="parking"), claim.ties, claim.entries)
                )
                if name in taken or holder.entries is not claim.entries:
                    entry.row.remark("spaces", "space_taken", space=name.code)
    return {name: claim for name, claim in spaces.items() if name not in taken}
