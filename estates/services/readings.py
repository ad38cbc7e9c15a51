"""Takes meter readings into the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from core import audit, events
from core.bulk import copy_rows, reserve_ids
from core.errors import InvalidError, Problem
from core.tables.findings import Finding
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates import selectors, wording
from estates.domain.readings import ReadingEntry, ReadingPlan, plan_readings, read_readings
from estates.models import Community, Meter, Reading, Unit

SOURCE_LENGTH = 50


class NoReadings(InvalidError):
    """The file can be read, but no sheet of it holds meter readings."""

    code = "no_table"


@dataclass(frozen=True)
class ReadingsOutcome:
    """What an import of readings did."""

    counts: Mapping[str, int]
    meters_created: int
    problems: Sequence[Problem]

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {**self.counts, "meters_created": self.meters_created, "problems": list(self.problems)}


def import_readings(
    *, community: Community, file: OpenedFile, by: Any, today: date, dry_run: bool = False
) -> ReadingsOutcome:
    """Take the good rows of a file of readings into the register, in one transaction; bad rows are reported.

    The same file twice changes nothing the second time; a recorded reading is never overwritten. Imports of one
    community wait for one another. Publishes `estates.readings_imported`. A dry run decides all and writes nothing.

    Raises:
        NoReadings: no sheet holds a table of readings.
    """
    sheets = read_readings(file.sheets, today)
    if not sheets.rows:
        _refuse(sheets.remarks)
    with transaction.atomic():
        Community.objects.select_for_update(no_key=True).get(pk=community.pk)
        codes = {entry.meter for entry in sheets.entries}
        plan = plan_readings(sheets, selectors.get_meters(community, codes, sheets.first_day or today))
        if not dry_run and plan.new_readings:
            _write(community, plan, file.name)
            audit.record(
                action="estates.import_readings", target=community, by=by, community_id=community.pk,
                after=plan.counts, reason=file.name,
            )  # fmt: skip
            events.publish("estates.readings_imported", community_id=community.pk)
    return ReadingsOutcome(
        plan.counts, len(plan.new_meters), problems_of(plan.findings, wording.READINGS, file.sheets)
    )


def _refuse(remarks: Sequence[Finding]) -> None:
    problems = [problem_of(finding, wording.READINGS) for finding in (Finding("no_table"), *remarks)]
    raise NoReadings(problems[0].message, problems=problems)


def _write(community: Community, plan: ReadingPlan, source: str) -> None:
    _write_meters(community, plan)
    meters = dict(
        Meter.objects.filter(community=community, code__in={entry.meter for entry in plan.new_readings})
        .values_list("code", "pk")
    )  # fmt: skip
    entries: Sequence[ReadingEntry] = plan.new_readings
    copy_rows(
        Reading._meta.db_table,
        {
            "id": reserve_ids(Reading, len(entries)),
            "meter_id": [meters[entry.meter] for entry in entries],
            "read_on": [entry.read_on for entry in entries],
            "value": [entry.value for entry in entries],
            "source": [source[:SOURCE_LENGTH]] * len(entries),
        },
    )


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
            "multiplier": [1] * len(meters),
        },
    )
