"""Reads of the register: communities, units, people, and the roster imports."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFoundError
from estates.domain.facts import BuildingFacts, PersonFacts, UnitFacts
from estates.domain.register import HeldBuilding, HeldTie, HeldUnit, Register
from estates.models import Building, Community, HandOver, Occupancy, Person, RosterImport, Unit

DIGITS = 19
"""So many digits are more than the database counts to."""
UNIT_FACTS = ("floor", "kind", "state", "area_m2", "inner_area_m2", "handed_over_on")


def get_register(community: Community) -> Register:
    """Return the picture of a community that a roster is planned against: four queries, whatever its size.

    People are those of the whole company, because a name with a phone is one person in all its communities.
    """
    buildings = Building.objects.filter(community=community).values_list("code", "pk", "floors", "has_lift")
    units = Unit.objects.filter(community=community).values_list("code", "pk", *UNIT_FACTS)
    people = Person.objects.filter(company_id=community.company_id).values_list(
        "pk", "name", "phone", "id_number", "kind"
    )
    return Register(
        buildings={
            code: HeldBuilding(pk, BuildingFacts(floors, lift)) for code, pk, floors, lift in buildings
        },
        units={code: HeldUnit(pk, UnitFacts(*facts)) for code, pk, *facts in units},
        ties=_ties_by_unit(community),
        people={pk: PersonFacts(*facts) for pk, *facts in people},
    )


def _ties_by_unit(community: Community) -> dict[int, list[HeldTie]]:
    rows = Occupancy.objects.filter(unit__community=community).order_by("pk")
    ties: dict[int, list[HeldTie]] = defaultdict(list)
    for unit, person, role, is_payer, end in rows.values_list(
        "unit_id", "person_id", "role", "is_payer", "end"
    ):
        ties[unit].append(HeldTie(person, role, is_payer, end))
    return ties


def find_community(code: str) -> Community | None:
    """Return the community with this code, or None."""
    return Community.objects.filter(code=code).first()


def has_communities() -> bool:
    """Return whether any community is on the register at all."""
    return Community.objects.exists()


def get_community(code: str) -> Community:
    """Return the community with this code.

    Raises:
        NotFoundError: there is none.
    """
    community = find_community(code)
    if community is None:
        raise NotFoundError(_("There is no community with the code “%(code)s”.") % {"code": code})
    return community


def list_communities(user: Any) -> QuerySet[Community]:
    """Return the communities in a person's scope with their companies at hand."""
    visible: QuerySet[Community] = Community.objects.visible_to(user)
    return visible.select_related("company")


def get_visible_community(user: Any, code: str) -> Community:
    """Return the community with this code when the person may see it. Raises NotFoundError."""
    community = list_communities(user).filter(code=code).first()
    if community is None:
        raise NotFoundError
    return community


def list_units(user: Any) -> QuerySet[Unit]:
    """Return the units in a person's scope with their buildings and communities at hand."""
    visible: QuerySet[Unit] = Unit.objects.visible_to(user).select_related("building", "community")
    return visible


def get_visible_unit(user: Any, community: str, code: str) -> Unit:
    """Return a unit by the codes of its community and its own when the person may see it. Raises NotFoundError."""
    unit = list_units(user).filter(community__code=community, code=code).first()
    if unit is None:
        raise NotFoundError
    return unit


def find_visible_unit(user: Any, number: str) -> Unit | None:
    """Return the unit that an address names by its number when the person may see it; None for anything else."""
    is_number = number.isdecimal() and len(number) < DIGITS
    return list_units(user).filter(pk=number).first() if is_number else None


def find_hand_over(unit: Unit) -> HandOver | None:
    """Return the hand-over of a unit that is on record, or None."""
    return HandOver.objects.filter(unit=unit).first()


def find_roster_import(community: Community, digest: str) -> RosterImport | None:
    """Return the newest standing import of a file, by its hash, that brought something in; None without one."""
    standing = RosterImport.objects.filter(community=community, undone_at=None, file_hash=digest)
    return standing.exclude(created_count=0, updated_count=0).order_by("-imported_at").first()


def list_roster_imports(user: Any) -> QuerySet[RosterImport]:
    """Return the latest 20 roster imports that the person may see, newest first."""
    return (
        RosterImport.objects.visible_to(user).select_related("community").order_by("-imported_at", "-pk")[:20]
    )


def find_area(unit: Unit, day: date) -> Decimal | None:
    """Return what a unit measures on a day: the last measured area, before the first one that of the roster."""
    measured = unit.areas.filter(start__lte=day).order_by("-start").values_list("area_m2", flat=True).first()
    return unit.area_m2 if measured is None else measured
