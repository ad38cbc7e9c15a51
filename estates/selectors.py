"""Reads of the register."""

from collections import defaultdict
from datetime import date

from django.db.models import Count

from estates.domain.facts import BuildingFacts, PersonFacts, UnitFacts
from estates.domain.register import HeldBuilding, HeldTie, HeldUnit, Register
from estates.models import Building, Community, Occupancy, Person, Unit

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
        buildings={code: HeldBuilding(pk, BuildingFacts(*facts)) for code, pk, *facts in buildings},
        units={code: HeldUnit(pk, UnitFacts(*facts)) for code, pk, *facts in units},
        ties=_ties_by_unit(community),
        people={pk: PersonFacts(*facts) for pk, *facts in people},
    )


def _ties_by_unit(community: Community) -> dict[int, list[HeldTie]]:
    rows = Occupancy.objects.filter(unit__community=community).order_by("pk")
    ties: dict[int, list[HeldTie]] = defaultdict(list)
    for unit, *tie in rows.values_list("unit_id", "person_id", "role", "is_payer", "end"):
        ties[unit].append(HeldTie(*tie))
    return ties


def count_units(community: Community) -> int:
    """Return how many units the community has, parking spaces included."""
    return Unit.objects.filter(community=community).count()


def count_people(community: Community, today: date) -> int:
    """Return how many people hold, live in or pay for a unit of the community on the day."""
    ties = Occupancy.objects.filter(unit__community=community).on(today)
    return ties.aggregate(people=Count("person", distinct=True))["people"]
