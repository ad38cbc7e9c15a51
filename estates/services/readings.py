"""Takes files of meter readings into the register; what cannot be right is held back for a person to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import audit, events
from core.bulk import copy_rows, reserve_ids
from core.errors import InvalidError, Problem
from core.tables.findings import Finding
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates import selectors, wording
from estates.domain.counting import STEP
from estates.domain.reading_rows import ReadingEntry, ReadingSheets, read_readings
from estates.domain.readings import Meters, ReadingPlan, ToLookAt, plan_readings
from estates.models import CheckReason, Community, Meter, Reading, ReadingCheck, Unit

SOURCE_LENGTH = 50
METERED_SINCE = timedelta(days=31)
"""A meter that comes later than this after the first of its kind was installed somewhere: its opening value is asked
for. Before, a whole community begins to be read."""


class NoReadings(InvalidError):
    """The file can be read, but no sheet of it holds meter readings."""

    code = "no_table"


@dataclass(frozen=True)
class ReadingsOutcome:
    """What an import of readings did; `held` of its rejected rows wait on the list of readings to look at."""

    counts: Mapping[str, int]
    meters_created: int
    problems: Sequence[Problem]
    held: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {
            **self.counts,
            "meters_created": self.meters_created,
            "held": self.held,
            "problems": list(self.problems),
        }


def import_readings(
    *,
    community: Community,
    file: OpenedFile,
    by: Any,
    today: date,
    dry_run: bool = False,
    accept_jumps: bool = False,
) -> ReadingsOutcome:
    """Take the good rows of a file of readings into the register, in one transaction; bad rows are reported.

    A value lower than the last one, or far above what its meter usually counts, is not recorded: it waits on the list
    of readings to look at (`accept_jumps`: somebody has looked at the high ones already). The same file twice changes
    nothing the second time; a recorded reading is never overwritten. Whatever writes readings of one community waits
    for one another. Publishes `estates.readings_imported`. A dry run decides all and writes nothing.

    Raises:
        NoReadings: no sheet holds a table of readings.
    """
    sheets = read_readings(file.sheets, today)
    if not sheets.rows:
        _refuse(sheets.remarks)
    with transaction.atomic():
        lock_readings(community)
        meters = _get_meters(community, sheets, today)
        plan = plan_readings(sheets, meters, accept_jumps=accept_jumps)
        if not dry_run and not plan.is_empty:
            _write(community, plan, meters, file.name, today)
            audit.record(
                action="estates.import_readings",
                target=community,
                by=by,
                community_id=community.pk,
                after=plan.counts,
                reason=file.name,
            )
            events.publish("estates.readings_imported", community_id=community.pk)
    problems = problems_of(plan.findings, wording.READINGS, file.sheets)
    return ReadingsOutcome(plan.counts, len(plan.new_meters), problems, len(plan.held_back))


def lock_readings(community: Community) -> None:
    """Make whatever writes readings of a community wait for one another, until the transaction ends."""
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)


def _get_meters(community: Community, sheets: ReadingSheets, today: date) -> Meters:
    codes = {entry.meter for entry in sheets.entries if entry.meter}
    units = {entry.unit for entry in sheets.entries if not entry.meter}
    return selectors.get_meters(community, codes, sheets.first_day or today, units)


def _refuse(remarks: Sequence[Finding]) -> None:
    problems = [problem_of(finding, wording.READINGS) for finding in (Finding("no_table"), *remarks)]
    raise NoReadings(problems[0].message, problems=problems)


def _write(community: Community, plan: ReadingPlan, meters: Meters, source: str, today: date) -> None:
    late = _kinds_read_before(community, plan)
    _write_meters(community, plan)
    codes = {entry.meter for entry in plan.new_readings} | {held.entry.meter for held in plan.held_back}
    ids = dict(Meter.objects.filter(community=community, code__in=codes).values_list("code", "pk"))
    for code, factor in plan.factors.items():
        change_multiplier(ids[code], factor)
    readings = _write_readings(plan, meters, ids, source[:SOURCE_LENGTH])
    checks = [
        *(_check(ids, held, today, source) for held in plan.held_back),
        *(_check(ids, held, today, source, readings) for held in plan.quiet),
        *_opening_checks(plan, ids, readings, late, today),
    ]
    ReadingCheck.objects.bulk_create(checks, ignore_conflicts=True)


def change_multiplier(meter_id: int, factor: Decimal) -> None:
    """Give a meter the multiplier of its new instrument; readings so far keep the one they were taken with."""
    meter = Meter.objects.get(pk=meter_id)
    if meter.multiplier != factor:
        # First: a reading without one of its own follows the meter, and would be counted anew.
        Reading.objects.filter(meter=meter, multiplier=None).update(multiplier=meter.multiplier)
        Meter.objects.filter(pk=meter_id).update(multiplier=factor)


def _write_readings(plan: ReadingPlan, meters: Meters, ids: Mapping[str, int], source: str) -> dict[int, int]:
    """Write the readings, and return the id of each by its entry."""
    entries = plan.new_readings
    numbers = reserve_ids(Reading, len(entries))
    shown = [entry.shown for entry in entries if entry.shown]
    known = {**meters.held, **plan.new_meters}
    usual = [plan.factors.get(entry.meter, known[entry.meter].multiplier) for entry in entries]
    copy_rows(
        Reading._meta.db_table,
        {
            "id": numbers,
            "meter_id": [ids[entry.meter] for entry in entries],
            "read_on": [entry.read_on for entry in entries],
            "value": [entry.value for entry in entries],
            "source": [source] * len(entries),
            "reader": [entry.reader for entry in entries],
            "note": [entry.note for entry in entries],
            "old_closing": [reading.old_closing for reading in shown],
            "new_opening": [reading.new_opening for reading in shown],
            "multiplier": [
                None if reading.multiplier == factor else reading.multiplier
                for reading, factor in zip(shown, usual, strict=True)
            ],
            "base": [reading.base for reading in shown],
            "ahead": [reading.ahead for reading in shown],
        },
    )
    return {id(entry): number for entry, number in zip(entries, numbers, strict=True)}


def _check(
    ids: Mapping[str, int],
    look: ToLookAt,
    today: date,
    source: str,
    readings: Mapping[int, int] | None = None,
) -> ReadingCheck:
    """The row of a value to look at: held back, or recorded when its reading is among those written."""
    entry = look.entry
    return ReadingCheck(
        meter_id=ids[entry.meter],
        reason=look.reason,
        read_on=entry.read_on,
        value=entry.value,
        reading_id=readings[id(entry)] if readings else None,
        last_value=look.last.value,
        last_on=look.last.on,
        usual=look.usual.quantize(STEP) if look.usual is not None else None,
        source=source[:SOURCE_LENGTH],
        reader=entry.reader,
        note=entry.note,
        noticed_on=today,
    )


def _kinds_read_before(community: Community, plan: ReadingPlan) -> frozenset[str]:
    """The kinds of the new meters of which others were read long before."""
    first = min((entry.read_on for entry in plan.new_readings), default=None)
    if first is None or not plan.new_meters:
        return frozenset()
    return frozenset(
        kind
        for kind in {meter.kind for meter in plan.new_meters.values()}
        if is_metered_since(community, kind, first - METERED_SINCE)
    )


def is_metered_since(community: Community, kind: str, day: date) -> bool:
    """Return whether meters of this kind were read in the community on or before a day."""
    return Reading.objects.filter(meter__community=community, meter__kind=kind, read_on__lte=day).exists()


def _opening_checks(
    plan: ReadingPlan,
    ids: Mapping[str, int],
    readings: Mapping[int, int],
    late: frozenset[str],
    today: date,
) -> list[ReadingCheck]:
    """Ask for the opening value of each new meter of these kinds that the file shows only once."""
    first: dict[str, list[ReadingEntry]] = {}
    for entry in plan.new_readings:
        if entry.meter in plan.new_meters and plan.new_meters[entry.meter].kind in late:
            first.setdefault(entry.meter, []).append(entry)
    return [
        ReadingCheck(
            meter_id=ids[code],
            reason=CheckReason.OPENING,
            read_on=entries[0].read_on,
            value=entries[0].value,
            reading_id=readings[id(entries[0])],
            reader=entries[0].reader,
            noticed_on=today,
        )
        for code, entries in first.items()
        if len(entries) == 1
    ]


def _write_meters(community: Community, plan: ReadingPlan) -> None:
    meters = plan.new_meters
    if not meters:
        return
    units = dict(Unit.objects.filter(community=community).values_list("code", "pk"))
    copy_rows(
        Meter._meta.db_table,
        {
            "id": reserve_ids(Meter, len(meters)),
            "community_id": [community.pk] * len(meters),
            "unit_id": [units[meter.unit] if meter.unit else None for meter in meters.values()],
            "code": list(meters),
            "kind": [meter.kind for meter in meters.values()],
            "multiplier": [meter.multiplier for meter in meters.values()],
        },
    )
