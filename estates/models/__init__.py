"""The register: communities, buildings, units, people and meters, and the dated facts of units."""

from estates.models.facts import EntitlementState, HandOver, UnitArea, VacancyEntitlement
from estates.models.register import (
    Building,
    Community,
    Company,
    Meter,
    MeterKind,
    Occupancy,
    OccupancyRole,
    Person,
    PersonKind,
    Reading,
    RosterImport,
    SpanQuerySet,
    Unit,
    UnitKind,
    UnitState,
    day_range,
)

__all__ = [
    "Building",
    "Community",
    "Company",
    "EntitlementState",
    "HandOver",
    "Meter",
    "MeterKind",
    "Occupancy",
    "OccupancyRole",
    "Person",
    "PersonKind",
    "Reading",
    "RosterImport",
    "SpanQuerySet",
    "Unit",
    "UnitArea",
    "UnitKind",
    "UnitState",
    "VacancyEntitlement",
    "day_range",
]
