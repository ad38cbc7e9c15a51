"""Decides what a roster changes in the register: the difference between what it says and what is held.

A blank cell changes nothing, nobody is ever removed, and the same file twice makes an empty plan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from core.tables.findings import Finding
from estates.domain.agreement import Claim, bring_together
from estates.domain.codes import NO_STAIR, PARKING, UnitName
from estates.domain.facts import (
    SINCE_BEFORE_RECORDS,
    BuildingFacts,
    Entry,
    PersonFacts,
    Roster,
    Tie,
    UnitFacts,
)
from estates.domain.matching import Identity, PeopleMatcher, first_payer, is_running
from estates.domain.mending import RowsToMend, pick_rows_to_mend
from estates.domain.register import HeldTie, HeldUnit, Register

Facts = TypeVar("Facts", UnitFacts, BuildingFacts, PersonFacts)


class Fate(StrEnum):
    """What becomes of a row about a unit."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class NewTie:
    """A person's tie to a unit that the import makes."""

    unit: str
    person: Identity
    role: str
    is_payer: bool
    start: date


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that an import changes, for showing."""

    unit: str
    fact: str
    before: object
    after: object


@dataclass
class Plan:
    """All that an import writes. New things are keyed as the file names them, changed ones by their id."""

    new_buildings: dict[str, BuildingFacts] = field(default_factory=dict)
    changed_buildings: dict[int, BuildingFacts] = field(default_factory=dict)
    new_units: dict[UnitName, UnitFacts] = field(default_factory=dict)
    changed_units: dict[int, UnitFacts] = field(default_factory=dict)
    new_people: dict[Identity, PersonFacts] = field(default_factory=dict)
    changed_people: dict[int, PersonFacts] = field(default_factory=dict)
    new_ties: list[NewTie] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    fates: list[tuple[Entry, Fate]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejected_others: int = 0
    to_mend: list[RowsToMend] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return not any(
            (
                self.new_buildings, self.changed_buildings, self.new_units, self.changed_units, self.new_people,
                self.changed_people, self.new_ties,
            )
        )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """Return the number of rows by fate; rejected rows of owner and building sheets are among the rejected."""
        counted = Counter(fate.value for _entry, fate in self.fates)
        counted[Fate.REJECTED] += self.rejected_others
        return {fate.value: counted[fate] for fate in Fate}


def plan_roster(roster: Roster, register: Register, today: date) -> Plan:
    """Return what the roster changes in the register, and the fate of each of its rows.

    `today` bounds which ties run. Rows about one unit share a fate unless one is rejected on its own.
    """
    planner = _Planner(register, today)
    claims = bring_together(roster.entries)
    planner.matcher.note_numbers(claims)
    people = [[planner.matcher.identify(claim, tie) for tie in claim.ties] for claim in claims]
    planner.matcher.reject_unclear()
    planner.reject_without_area(claims)
    for claim, identities in zip(claims, people, strict=True):
        if not any(entry.row.is_rejected for entry in claim.entries):
            planner.plan_claim(claim, identities)
    planner.plan_buildings(roster.buildings)
    planner.settle(roster)
    return planner.plan


class _Planner:
    """Works through the claims and gathers the plan."""

    def __init__(self, register: Register, today: date) -> None:
        self.register = register
        self.today = today
        self.matcher = PeopleMatcher(register, today)
        self.plan = Plan()
        self.touched: set[int] = set()
        self.created: set[int] = set()

    def reject_without_area(self, claims: Iterable[Claim]) -> None:
        """Reject the rows that would make a unit without an area; parking spaces may do without."""
        for claim in claims:
            if (
                claim.code not in self.register.units
                and claim.facts.area_m2 is None
                and claim.facts.kind != "parking"
            ):
                for entry in claim.entries:
                    entry.row.reject("area", "missing")

    def plan_claim(self, claim: Claim, people: Sequence[Identity]) -> None:
        """Plan the unit, its people and its ties."""
        held = self.register.units.get(claim.code)
        if held is None:
            self.plan.new_units[claim.name] = _completed(claim)
            self.created.update(id(entry) for entry in claim.entries if entry.name == claim.name)
            self._mark(claim)
        else:
            self._change_unit(claim, held)
        ties = self.register.ties.get(held.id, ()) if held else ()
        self._learn_people(claim, people)
        self._add_ties(claim, people, held, ties)

    def _mark(self, claim: Claim) -> None:
        self.touched.update(id(entry) for entry in claim.entries)

    def _change_unit(self, claim: Claim, held: HeldUnit) -> None:
        merged = _merged(held.facts, claim.facts)
        if merged == held.facts:
            return
        self.plan.changed_units[held.id] = merged
        self._mark(claim)
        for fact in fields(UnitFacts):
            before, after = getattr(held.facts, fact.name), getattr(merged, fact.name)
            if before != after:
                self.plan.changes.append(Change(claim.code, fact.name, before, after))

    def _learn_people(self, claim: Claim, people: Sequence[Identity]) -> None:
        for tie, person in zip(claim.ties, people, strict=True):
            if isinstance(person, tuple):
                first = self.plan.new_people.get(person)
                self.plan.new_people[person] = _merged(first, tie.person) if first else tie.person
            elif (learned := self.matcher.learned(person, tie)) != self.register.people[person]:
                self._change_person(claim, person, learned)

    def _change_person(self, claim: Claim, person: int, learned: PersonFacts) -> None:
        self._mark(claim)
        if person not in self.plan.changed_people:
            held = self.register.people[person]
            fact = "phone" if held.phone != learned.phone else "id_number"
            self.plan.changes.append(Change(claim.code, fact, held.name, learned.name))
        self.plan.changed_people[person] = learned

    def _add_ties(
        self, claim: Claim, people: Sequence[Identity], unit: HeldUnit | None, held: Sequence[HeldTie]
    ) -> None:
        known: dict[Identity, HeldTie] = {tie.person_id: tie for tie in held}
        fresh = [(tie, person) for tie, person in zip(claim.ties, people, strict=True) if person not in known]
        self._remark_on_people(claim, fresh, known)
        if not fresh:
            return
        facts = _merged(unit.facts, claim.facts) if unit else claim.facts
        start = max([facts.handed_over_on or SINCE_BEFORE_RECORDS, *(tie.end for tie in held if tie.end)])
        payer = first_payer([tie.role for tie, _person in fresh], held, self.today)
        for index, (tie, person) in enumerate(fresh):
            self.plan.new_ties.append(NewTie(claim.code, person, tie.role, index == payer, start))
        self._mark(claim)

    def _remark_on_people(
        self, claim: Claim, fresh: Sequence[tuple[Tie, Identity]], known: Mapping[Identity, HeldTie]
    ) -> None:
        row = claim.entries[0].row
        names = {id_: self.register.people[tie.person_id].name for id_, tie in known.items()}
        owners = [
            names[id_] for id_, tie in known.items() if tie.role == "owner" and is_running(tie, self.today)
        ]
        for tie, _person in fresh:
            if tie.role == "owner" and owners:
                row.remark("owner", "co_owner_added", name=tie.person.name, others="、".join(owners))
        said = {tie.person.name for tie in claim.ties}
        for id_, held in known.items():
            if not is_running(held, self.today) and names[id_] in said:
                row.remark("owner", "former_holder", name=names[id_], end=held.end)

    def plan_buildings(self, said: Mapping[str, BuildingFacts]) -> None:
        """Plan the buildings that the file names, on a sheet of their own or in the rows that are taken."""
        codes = dict.fromkeys(
            [*said, *(name.building for name in self.plan.new_units if name.building != PARKING)]
        )
        for code in codes:
            facts = said.get(code, BuildingFacts())
            held = self.register.buildings.get(code)
            if held is None:
                self.plan.new_buildings[code] = facts
            elif (merged := _merged(held.facts, facts)) != held.facts:
                self.plan.changed_buildings[held.id] = merged

    def settle(self, roster: Roster) -> None:
        """Write down the fate of each row and all findings."""
        plan = self.plan
        plan.fates = [(entry, self._fate(entry)) for entry in roster.entries]
        plan.rejected_others = sum(row.is_rejected for row in roster.other_rows)
        plan.to_mend = pick_rows_to_mend(roster)
        plan.findings = list(roster.remarks)
        for row in [*(entry.row for entry in roster.entries), *roster.other_rows]:
            plan.findings.extend(row.findings)

    def _fate(self, entry: Entry) -> Fate:
        if entry.row.is_rejected:
            return Fate.REJECTED
        if id(entry) in self.created:
            return Fate.CREATED
        return Fate.UPDATED if id(entry) in self.touched else Fate.UNCHANGED


def _merged(held: Facts, said: Facts) -> Facts:
    """Return the held facts with what was said put over them; blanks change nothing."""
    news = {item.name: getattr(said, item.name) for item in fields(said)}
    return replace(held, **{name: value for name, value in news.items() if value not in (None, "")})


def _completed(claim: Claim) -> UnitFacts:
    """Return the facts of a new unit with kind and state filled in where the file leaves them open.

    Stair 0 means a shop. With people named it is taken as occupied, without as vacant.
    """
    facts = claim.facts
    kind = facts.kind or ("shop" if claim.name.stair == NO_STAIR else "high_rise")
    return replace(facts, kind=kind, state=facts.state or ("occupied" if claim.ties else "vacant"))


def size_afterwards(register: Register, plan: Plan, today: date) -> tuple[int, int]:
    """Return how many units the community has after the plan, and how many people are tied to one of them."""
    running = (tie for ties in register.ties.values() for tie in ties if is_running(tie, today))
    people: set[Identity] = {tie.person_id for tie in running}
    people.update(tie.person for tie in plan.new_ties)
    return len(register.units) + len(plan.new_units), len(people)
