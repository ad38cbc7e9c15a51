"""Reads of meters: what they showed, what they counted in a period, and how they hang on each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from core.naturalsort import natural_key
from core.periods import Period
from estates.domain.counting import Shown
from estates.domain.judging import MOST_INTERVALS
from estates.domain.meter_plan import KnownMeter
from estates.domain.meter_rows import MeterFacts
from estates.domain.readings import HeldMeter, Meters
from estates.domain.tree import Branch, Node, grow
from estates.domain.uses import MeterUses, uses_of
from estates.models import Community, Meter, MeterFault, Reading, Unit

SHOWN = (
    "read_on",
    "value",
    "multiplier",
    "base",
    "ahead",
    "is_estimate",
    "old_closing",
    "new_opening",
)
LEVEL = """
    SELECT reading.*, COALESCE(reading.multiplier, meter.multiplier) AS factor,
        reading.value * COALESCE(reading.multiplier, meter.multiplier) + reading.base + reading.ahead AS level
    FROM estates_reading AS reading WHERE reading.meter_id = meter.id AND reading.read_on < %(end)s
"""
USE_OF_PERIOD = f"""
    FROM estates_meter AS meter
    JOIN LATERAL ({LEVEL} ORDER BY reading.read_on DESC LIMIT 1) AS closing ON true
    LEFT JOIN LATERAL (
        {LEVEL} AND (reading.read_on < %(start)s OR reading.is_opening)
        ORDER BY reading.read_on DESC LIMIT 1
    ) AS opening ON true
"""
"""SQL: each meter with its last reading before the end of a period and the last one before its start, if any.

A meter opened within the period starts from its opening value. `level` is what each has counted up to then, so
`closing.level - opening.level` is the use, whatever happened to the instrument (ADR 12).
"""

METER_USES = f"""
    SELECT meter.id, meter.code, COALESCE(meter.unit_id, 0), COALESCE(meter.parent_id, 0), meter.kind,
        (closing.factor * 10000)::bigint, opening.read_on, (opening.value * 10000)::bigint,
        closing.read_on, (closing.value * 10000)::bigint,
        COALESCE(round(closing.level - opening.level, 4) * 10000, 0)::bigint
    {USE_OF_PERIOD}
    WHERE meter.community_id = %(community)s
    ORDER BY meter.id
"""


def meter_uses(community: Community, period: Period) -> MeterUses:
    """Return what each meter of the community counted in the period: one query, columns of one length.

    Use = what it had counted by the last reading before the period's end − by the last one before its start. A meter
    opened in the period starts from its opening value; one whose opening value nobody has given has no opening: its
    use is 0 and `has_opening` False, and nothing is billed from zero. A meter without any reading before the end is
    not listed.
    """
    with connection.cursor() as cursor:
        cursor.execute(METER_USES, {"start": period.start, "end": period.end, "community": community.pk})
        rows = cursor.fetchall()
    return uses_of(rows)


def meter_tree(community: Community, period: Period) -> tuple[Branch, ...]:
    """Return the community's meters as trees with what each counted in the period and what was lost: two queries.

    Meters come by kind, those of the community first, then those of units in walking order. `walk` of a branch
    lists all behind it.
    """
    found = meter_uses(community, period)
    uses = {
        meter: Decimal(use).scaleb(-4)
        for meter, use, known in zip(
            found.meter_id.tolist(), found.use.tolist(), found.has_opening.tolist(), strict=True
        )
        if known
    }
    meters = Meter.objects.filter(community=community).order_by(
        "kind", "unit__sort_key", "unit__code", "code"
    )
    rows = meters.values_list("pk", "parent_id", "code", "name", "kind", "unit__code")
    nodes = [
        Node(pk, parent or 0, code, name, kind, unit or "") for pk, parent, code, name, kind, unit in rows
    ]
    nodes.sort(key=lambda node: (node.kind, node.unit != "", "" if node.unit else natural_key(node.code)))
    return grow(nodes, uses)


HISTORY_BEFORE = """
    SELECT meter.id, COALESCE(reading.multiplier, meter.multiplier), reading.read_on, reading.value, reading.base,
        reading.ahead, reading.is_estimate, reading.old_closing, reading.new_opening
    FROM estates_meter AS meter
    JOIN LATERAL (
        SELECT * FROM estates_reading WHERE meter_id = meter.id AND read_on < %(first)s
        ORDER BY read_on DESC LIMIT %(count)s
    ) AS reading ON true
    WHERE meter.id = ANY(%(meters)s) ORDER BY meter.id, reading.read_on
"""


def get_meters(
    community: Community, codes: Iterable[str], first_day: date, units: Iterable[str] = ()
) -> Meters:
    """Return the named meters, and those of the named units, with what a file from `first_day` on is judged against.

    Of each the last readings before that day, enough for its usual use, and all later ones: five queries.
    """
    meters = Meter.objects.filter(
        Q(code__in=list(codes)) | Q(unit__code__in=list(units)), community=community
    )
    faulty = set(MeterFault.objects.filter(meter__in=meters, end=None).values_list("meter_id", flat=True))
    held = {
        code: HeldMeter(pk, unit or "", kind, multiplier, digits, pk in faulty)
        for code, pk, unit, kind, multiplier, digits in meters.values_list(
            "code", "pk", "unit__code", "kind", "multiplier", "digits"
        )
    }
    ids = [meter.id for meter in held.values()]
    readings = _list_last(ids, first_day)
    for meter, later in list_histories(ids, since=first_day).items():
        readings[meter] += later
    codes_of_units = frozenset(Unit.objects.filter(community=community).values_list("code", flat=True))
    return Meters(held, readings, codes_of_units)


def _list_last(meter_ids: Sequence[int], before: date) -> dict[int, list[Shown]]:
    """Return the last readings of each meter before a day, as many as a judgement looks at: one query."""
    params: dict[str, Any] = {"meters": list(meter_ids), "first": before, "count": MOST_INTERVALS + 1}
    readings: dict[int, list[Shown]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY_BEFORE, params)
        for meter, factor, read_on, value, *rest in cursor.fetchall():
            readings[meter].append(Shown(read_on, value, factor, *rest))
    return readings


def list_histories(
    meter_ids: Sequence[int], since: date | None = None, until: date | None = None
) -> Mapping[int, list[Shown]]:
    """Return the readings of each meter in the order of days, from `since` to `until`, both included: one query."""
    rows = Reading.objects.filter(meter__in=meter_ids).order_by("meter_id", "read_on")
    if since is not None:
        rows = rows.filter(read_on__gte=since)
    if until is not None:
        rows = rows.filter(read_on__lte=until)
    histories: dict[int, list[Shown]] = defaultdict(list)
    for meter, own, read_on, value, factor, *rest in rows.values_list(
        "meter_id", "meter__multiplier", *SHOWN
    ):
        histories[meter].append(Shown(read_on, value, own if factor is None else factor, *rest))
    return histories


def get_known_meters(community: Community) -> dict[str, KnownMeter]:
    """Return the meters of a community by code as a file of meters is compared with them: one query."""
    readings = Reading.objects.filter(meter=OuterRef("pk")).order_by("read_on")
    rows = Meter.objects.filter(community=community).annotate(
        first_on=Subquery(readings.values("read_on")[:1]),
        first_value=Subquery(readings.values("value")[:1]),
        last_value=Subquery(readings.reverse().values("value")[:1]),
    )
    return {
        meter.code: KnownMeter(_facts_of(meter), meter.first_on, meter.first_value, meter.last_value)
        for meter in rows.select_related("unit", "parent").order_by("pk")
    }


def _facts_of(meter: Meter) -> MeterFacts:
    return MeterFacts(
        code=meter.code,
        kind=meter.kind,
        unit=meter.unit.code if meter.unit else "",
        name=meter.name,
        parent=meter.parent.code if meter.parent else "",
        multiplier=meter.multiplier,
        digits=meter.digits,
        maker=meter.maker,
        is_prepaid=meter.is_prepaid,
    )
