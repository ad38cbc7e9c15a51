"""Reads of the register."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFoundError
from core.periods import Period
from estates.domain.facts import BuildingFacts, PersonFacts, UnitFacts
from estates.domain.readings import HeldMeter, Meters
from estates.domain.register import HeldBuilding, HeldTie, HeldUnit, Register
from estates.domain.uses import MeterUses, uses_of
from estates.models import Building, Community, Meter, Occupancy, Person, Reading, RosterImport, Unit

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


def get_community(code: str) -> Community:
    """Return the community with this code.

    Raises:
        NotFoundError: there is none.
    """
    community = find_community(code)
    if community is None:
        raise NotFoundError(_("There is no community with the code “%(code)s”.") % {"code": code})
    return community


def get_meters(community: Community, codes: Iterable[str], first_day: date) -> Meters:
    """Return the named meters with their last reading before `first_day` and all later ones; three queries."""
    meters = Meter.objects.filter(community=community, code__in=list(codes))
    held = {
        code: HeldMeter(pk, unit or "", kind)
        for code, pk, unit, kind in meters.values_list("code", "pk", "unit__code", "kind")
    }
    readings: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = Reading.objects.filter(meter__in=meters)
    earlier = rows.filter(read_on__lt=first_day).order_by("meter_id", "-read_on").distinct("meter_id")
    later = rows.filter(read_on__gte=first_day).order_by("meter_id", "read_on")
    for found in (earlier, later):
        for meter, read_on, value in found.values_list("meter_id", "read_on", "value"):
            readings[meter].append((read_on, value))
    units = frozenset(Unit.objects.filter(community=community).values_list("code", flat=True))
    return Meters(held, readings, units)


USE_OF_PERIOD = """
    FROM estates_meter AS meter
    JOIN LATERAL (
        SELECT read_on, value FROM estates_reading
        WHERE meter_id = meter.id AND read_on < %(end)s ORDER BY read_on DESC LIMIT 1
    ) AS closing ON true
    LEFT JOIN LATERAL (
        SELECT read_on, value FROM estates_reading
        WHERE meter_id = meter.id AND read_on < %(start)s ORDER BY read_on DESC LIMIT 1
    ) AS opening ON true
"""
"""SQL: each meter with the last reading before the end of a period and the last one before its start, if any."""

METER_USES = f"""
    SELECT meter.id, meter.code, COALESCE(meter.unit_id, 0), meter.kind, (meter.multiplier * 10000)::bigint,
        opening.read_on, (opening.value * 10000)::bigint, closing.read_on, (closing.value * 10000)::bigint
    {USE_OF_PERIOD}
    WHERE meter.community_id = %(community)s
    ORDER BY meter.id
"""


def meter_uses(community: Community, period: Period) -> MeterUses:
    """Return what each meter of the community counted in the period: one query, columns of one length.

    Use = last reading before the period's end − last reading before its start, times the multiplier. A meter
    without a reading before the start has no opening: its use is 0 and `has_opening` False, and nothing is billed
    from zero. A meter without any reading before the end is not listed.
    """
    with connection.cursor() as cursor:
        cursor.execute(METER_USES, {"start": period.start, "end": period.end, "community": community.pk})
        rows = cursor.fetchall()
    return uses_of(rows)


def list_roster_imports(user: Any) -> QuerySet[RosterImport]:
    """Return the latest 20 roster imports that the person may see, newest first."""
    return (
        RosterImport.objects.visible_to(user).select_related("community").order_by("-imported_at", "-pk")[:20]
    )
