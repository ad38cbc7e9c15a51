"""What the register holds of one community before an import: the plain picture a plan is made against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from estates.domain.facts import BuildingFacts, PersonFacts, UnitFacts


@dataclass(frozen=True, slots=True)
class HeldBuilding:
    """A building of the register."""

    id: int
    facts: BuildingFacts


@dataclass(frozen=True, slots=True)
class HeldUnit:
    """A unit of the register; every fact is known or None."""

    id: int
    facts: UnitFacts


@dataclass(frozen=True, slots=True)
class HeldTie:
    """A person's tie to a unit; `end` is the first day after it, None while it runs."""

    person_id: int
    role: str
    is_payer: bool
    end: date | None = None


@dataclass(frozen=True)
class Register:
    """The community's buildings and units by code, its ties by unit id, and the company's people by id."""

    buildings: Mapping[str, HeldBuilding] = field(default_factory=dict)
    units: Mapping[str, HeldUnit] = field(default_factory=dict)
    ties: Mapping[int, Sequence[HeldTie]] = field(default_factory=dict)
    people: Mapping[int, PersonFacts] = field(default_factory=dict)

    @property
    def floors(self) -> dict[str, int]:
        """The heights of the buildings that are known."""
        return {code: held.facts.floors for code, held in self.buildings.items() if held.facts.floors}
