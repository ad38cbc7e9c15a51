"""What a roster says: about a unit, about a person, and in one row about both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.tables.findings import Finding
from core.tables.rows import Row
from estates.domain.codes import UnitName

SINCE_BEFORE_RECORDS = date(2000, 1, 1)
"""From when a person holds a unit when the roster names no hand-over: before any period that can be billed."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a row says about a unit; None is "not said" and never erases what is known."""

    floor: int | None = None
    kind: str | None = None
    state: str | None = None
    area_m2: Decimal | None = None
    inner_area_m2: Decimal | None = None
    handed_over_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a roster says about a person; phone and ID are empty where it says nothing usable."""

    name: str
    phone: str = ""
    id_number: str = ""
    kind: str = "natural"


@dataclass(frozen=True, slots=True)
class Tie:
    """A person and how they belong to the unit of their row; `number` is the owner number of the file, if any."""

    person: PersonFacts
    role: str = "owner"
    number: str = ""


@dataclass(slots=True)
class Entry:
    """One row about a unit: the row itself for findings, what it says, and whom it names."""

    row: Row
    name: UnitName | None
    facts: UnitFacts
    ties: Sequence[Tie] = ()
    spaces: Sequence[UnitName] = ()


@dataclass(frozen=True, slots=True)
class BuildingFacts:
    """What a roster says about a building; None is "not said"."""

    floors: int | None = None
    has_lift: bool | None = None


@dataclass
class Roster:
    """All that a file says: buildings, rows about units (also those that will be rejected), and remarks.

    `other_rows` are rows of owner and building sheets; a rejected one counts as a rejected row too.
    """

    buildings: dict[str, BuildingFacts] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    other_rows: list[Row] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
