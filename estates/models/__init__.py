"""The register: communities, buildings, units and people, dated facts of units, meters and their readings."""

from estates.models.facts import HandOver, UnitArea
from estates.models.imports import FileImport, RosterImport
from estates.models.meters import (
    CheckOutcome,
    CheckReason,
    FaultKind,
    Meter,
    MeterFault,
    MeterKind,
    Reading,
    ReadingCheck,
    ReadingMethod,
)
from estates.models.register import (
    Building,
    Community,
    Company,
    Occupancy,
    OccupancyRole,
    Person,
    PersonKind,
    SpanQuerySet,
    Unit,
    UnitKind,
    UnitState,
    day_range,
)
from estates.models.vacancies import (
    EndCause,
    EntitlementState,
    VacancyEntitlement,
    VacancyPhoto,
    VacancyPolicy,
)

__all__ = [
    "Building",
    "CheckOutcome",
    "CheckReason",
    "Community",
    "Company",
    "EndCause",
    "EntitlementState",
    "FaultKind",
    "FileImport",
    "HandOver",
    "Meter",
    "MeterFault",
    "MeterKind",
    "Occupancy",
    "OccupancyRole",
    "Person",
    "PersonKind",
    "Reading",
    "ReadingCheck",
    "ReadingMethod",
    "RosterImport",
    "SpanQuerySet",
    "Unit",
    "UnitArea",
    "UnitKind",
    "UnitState",
    "VacancyEntitlement",
    "VacancyPhoto",
    "VacancyPolicy",
    "day_range",
]
