"""Writes the plan of a roster import: new rows by COPY, changed rows by one UPDATE a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import connection

from core.bulk import copy_rows, reserve_ids
from core.naturalsort import natural_key
from estates.domain.facts import BuildingFacts, PersonFacts, UnitFacts
from estates.domain.matching import Identity
from estates.domain.plan import Plan
from estates.domain.register import Register
from estates.models import Building, Community, Occupancy, Person, Unit

SOURCE_LENGTH = 50

Facts = BuildingFacts | PersonFacts | UnitFacts
Buildings = Mapping[str, tuple[int | None, int | None]]
"""Each building's code → its id and its number of floors."""
NO_BUILDING = (None, None)

CHANGE_UNITS = """
    UPDATE estates_unit AS unit
    SET floor = said.floor, kind = said.kind, state = said.state, area_m2 = said.area_m2,
        inner_area_m2 = said.inner_area_m2, handed_over_on = said.handed_over_on
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::date[])
        AS said(id, floor, kind, state, area_m2, inner_area_m2, handed_over_on)
    WHERE unit.id = said.id
"""
CHANGE_PEOPLE = """
    UPDATE estates_person AS person SET phone = said.phone, id_number = said.id_number
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS said(id, phone, id_number)
    WHERE person.id = said.id
"""
CHANGE_BUILDINGS = """
    UPDATE estates_building AS building SET floors = said.floors, has_lift = said.has_lift
    FROM unnest(%s::bigint[], %s::smallint[], %s::boolean[]) AS said(id, floors, has_lift)
    WHERE building.id = said.id
"""
MARK_TOP_FLOORS = """
    UPDATE estates_unit AS unit SET is_top_floor = NOT unit.is_top_floor
    FROM estates_building AS building
    WHERE unit.building_id = building.id AND unit.community_id = %s
        AND unit.is_top_floor <> (unit.floor = building.floors)
"""


@dataclass(frozen=True)
class Written:
    """What an import wrote: ids of new rows, and of changed ones what they said before and say now, by model."""

    created: Mapping[str, Sequence[int]]
    changed: Mapping[str, Mapping[int, tuple[Facts, Facts]]]

    def as_dict(self) -> dict[str, Any]:
        """Return the whole as JSON holds it."""
        pairs = {
            model: {str(pk): [asdict(before), asdict(after)] for pk, (before, after) in rows.items()}
            for model, rows in self.changed.items()
        }
        return {"created": {model: list(ids) for model, ids in self.created.items()}, "changed": pairs}


def write_plan(community: Community, plan: Plan, register: Register, *, source: str) -> Written:
    """Write all that the plan holds; `source` says where the contacts of new people come from.

    Returns what it takes to undo it. Call it inside the transaction in which plan and register were made, under the
    lock they were made under.
    """
    buildings = _write_buildings(community, plan, register)
    units = _write_units(community, plan, register, buildings)
    people = _write_people(community, plan, source)
    ties = _write_ties(plan, units, people)
    if plan.changed_units or plan.changed_buildings:
        mark_top_floors(community)
    created = {
        "building": [pk for code in plan.new_buildings if (pk := buildings[code][0])],
        "unit": [units[name.code] for name in plan.new_units],
        "person": list(people.values()),
        "occupancy": ties,
    }
    return Written(created, _changes(plan, register))


def mark_top_floors(community: Community) -> None:
    """Mark the units that lie on the highest floor of their building."""
    _execute(MARK_TOP_FLOORS, [community.pk])


def _changes(plan: Plan, register: Register) -> dict[str, dict[int, tuple[Facts, Facts]]]:
    units = {held.id: held.facts for held in register.units.values()}
    buildings = {held.id: held.facts for held in register.buildings.values()}
    return {
        "unit": {pk: (units[pk], facts) for pk, facts in plan.changed_units.items()},
        "building": {pk: (buildings[pk], facts) for pk, facts in plan.changed_buildings.items()},
        "person": {pk: (register.people[pk], facts) for pk, facts in plan.changed_people.items()},
    }


def _write_buildings(community: Community, plan: Plan, register: Register) -> Buildings:
    """Write the buildings and return id and height of all by code."""
    new = plan.new_buildings
    ids = reserve_ids(Building, len(new))
    copy_rows(
        Building._meta.db_table,
        {
            "id": ids,
            "community_id": [community.pk] * len(new),
            "code": list(new),
            "floors": [facts.floors for facts in new.values()],
            "has_lift": [facts.has_lift for facts in new.values()],
            "sort_key": list(map(natural_key, new)),
        },
    )
    changed = plan.changed_buildings
    if changed:
        _execute(
            CHANGE_BUILDINGS,
            [list(changed), [f.floors for f in changed.values()], [f.has_lift for f in changed.values()]],
        )
    held = {
        code: (known.id, changed.get(known.id, known.facts).floors)
        for code, known in register.buildings.items()
    }
    return {**held, **{code: (pk, facts.floors) for pk, (code, facts) in zip(ids, new.items(), strict=True)}}


def _write_units(
    community: Community, plan: Plan, register: Register, buildings: Buildings
) -> dict[str, int]:
    """Write the units and return the ids of the community's units by code."""
    names, facts = list(plan.new_units), list(plan.new_units.values())
    codes = [name.code for name in names]
    ids = reserve_ids(Unit, len(names))
    homes = [buildings.get(name.building, NO_BUILDING) for name in names]
    copy_rows(
        Unit._meta.db_table,
        {
            "id": ids,
            "community_id": [community.pk] * len(names),
            "building_id": [building for building, _floors in homes],
            "code": codes,
            "stair": [name.stair for name in names],
            "room": [name.room for name in names],
            "sort_key": list(map(natural_key, codes)),
            "is_top_floor": [
                fact.floor is not None and fact.floor == floors
                for fact, (_building, floors) in zip(facts, homes, strict=True)
            ],
            **_fact_columns(facts),
        },
    )
    if plan.changed_units:
        columns = _fact_columns(list(plan.changed_units.values()))
        _execute(CHANGE_UNITS, [list(plan.changed_units), *columns.values()])
    held = {code: unit.id for code, unit in register.units.items()}
    return {**held, **dict(zip(codes, ids, strict=True))}


def _fact_columns(facts: Sequence[UnitFacts]) -> dict[str, list[Any]]:
    return {item.name: [getattr(fact, item.name) for fact in facts] for item in fields(UnitFacts)}


def _write_people(community: Community, plan: Plan, source: str) -> dict[Identity, int]:
    """Write the people and return the ids of the new ones by identity."""
    new = list(plan.new_people.values())
    ids = reserve_ids(Person, len(new))
    copy_rows(
        Person._meta.db_table,
        {
            "id": ids,
            "company_id": [community.company_id] * len(new),
            **_person_columns(new),
            "email": [""] * len(new),
            "contact_source": [source[:SOURCE_LENGTH]] * len(new),
            "lives_alone_elderly": [False] * len(new),
        },
    )
    changed = plan.changed_people
    if changed:
        columns = _person_columns(list(changed.values()))
        _execute(CHANGE_PEOPLE, [list(changed), columns["phone"], columns["id_number"]])
    return dict(zip(plan.new_people, ids, strict=True))


def _person_columns(people: Sequence[PersonFacts]) -> dict[str, list[Any]]:
    return {item.name: [getattr(person, item.name) for person in people] for item in fields(PersonFacts)}


def _write_ties(plan: Plan, units: Mapping[str, int], people: Mapping[Identity, int]) -> list[int]:
    ties = plan.new_ties
    ids = list(reserve_ids(Occupancy, len(ties)))
    copy_rows(
        Occupancy._meta.db_table,
        {
            "id": ids,
            "unit_id": [units[tie.unit] for tie in ties],
            "person_id": [people.get(tie.person, tie.person) for tie in ties],
            "role": [tie.role for tie in ties],
            "is_payer": [tie.is_payer for tie in ties],
            "start": [tie.start for tie in ties],
            "end": [None] * len(ties),
        },
    )
    return ids


def _execute(sql: str, parameters: Iterable[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
