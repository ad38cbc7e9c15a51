"""Finds out who a roster means: someone the register holds, someone of another row, or someone new.

A name with a phone is one person in all communities of a company. A name without a phone is known only by the unit
(two neighbours may both be 张伟), or by the owner number inside one file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from estates.domain.agreement import Claim
from estates.domain.facts import PersonFacts, Tie
from estates.domain.register import HeldTie, Register

Identity = int | tuple[str, ...]
"""The id of a person of the register, or the key of a new one."""


class PeopleMatcher:
    """Names the person behind each tie of a claim, and gathers what the register should learn about people."""

    def __init__(self, register: Register, today: date) -> None:
        self.register = register
        self.today = today
        self.by_phone = {(held.name, held.phone): id_ for id_, held in register.people.items() if held.phone}
        self.by_number: dict[str, int] = {}
        self.said: dict[int, dict[str, list[Claim]]] = {}

    def note_numbers(self, claims: Iterable[Claim]) -> None:
        """Learn which owner numbers of the file stand for people already held, wherever in the file they come."""
        for claim in claims:
            for tie in claim.ties:
                if tie.number and tie.number not in self.by_number:
                    known = self._held(claim, tie)
                    if known is not None:
                        self.by_number[tie.number] = known

    def identify(self, claim: Claim, tie: Tie) -> Identity:
        """Return who the tie means, and remember the phone that the claim gives a held person."""
        person = self._held(claim, tie)
        if person is None and tie.number:
            person = self.by_number.get(tie.number)
        if person is not None:
            self.said.setdefault(person, {}).setdefault(tie.person.phone, []).append(claim)
            return person
        if tie.person.phone:
            return ("phone", tie.person.name, tie.person.phone)
        return ("number", tie.number) if tie.number else ("unit", claim.code, tie.person.name)

    def _held(self, claim: Claim, tie: Tie) -> int | None:
        """The person of the register: of this name on this unit, else of this name and phone anywhere."""
        occupant = self._occupant(claim.code, tie.person.name)
        return self.by_phone.get((tie.person.name, tie.person.phone)) if occupant is None else occupant

    def _occupant(self, code: str, name: str) -> int | None:
        unit = self.register.units.get(code)
        ties = self.register.ties.get(unit.id, ()) if unit else ()
        named = [tie for tie in ties if self.register.people[tie.person_id].name == name]
        running = [tie for tie in named if is_running(tie, self.today)]
        return (running or named)[0].person_id if named else None

    def reject_unclear(self) -> None:
        """Reject the rows that give one held person two phones, or a phone that is another's of the same name."""
        for person, phones in self.said.items():
            held = self.register.people[person]
            said = [phone for phone in phones if phone]
            taken = any(self.by_phone.get((held.name, phone), person) != person for phone in said)
            if len(said) > 1 or taken:
                for claim in (claim for phone in said for claim in phones[phone]):
                    _reject(claim, held)

    def learned(self, person: int, tie: Tie) -> PersonFacts:
        """Return the held person with what the tie adds: another phone, an ID number that was missing."""
        held, said = self.register.people[person], tie.person
        return replace(held, phone=said.phone or held.phone, id_number=held.id_number or said.id_number)


def is_running(tie: HeldTie, today: date) -> bool:
    """Whether the tie holds today or later."""
    return tie.end is None or tie.end > today


def _reject(claim: Claim, held: PersonFacts) -> None:
    for entry in claim.entries:
        if not any(finding.code == "person_unclear" for finding in entry.row.findings):
            entry.row.reject("phone", "person_unclear", name=held.name)


def first_payer(roles: Sequence[str], held: Sequence[HeldTie], today: date) -> int | None:
    """Return which of the new ties pays: the first owner, else the first tenant; nobody when the unit has a payer."""
    if any(tie.is_payer and is_running(tie, today) for tie in held):
        return None
    for role in ("owner", "tenant"):
        if role in roles:
            return roles.index(role)
    return None
