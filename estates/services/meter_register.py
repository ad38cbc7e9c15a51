"""Takes files of meters into the register: whose each is, how they hang on each other, what they began with (A8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core import audit
from core.errors import InvalidError, Problem
from core.tables.findings import Finding
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates import wording
from estates.domain.counting import ONE
from estates.domain.meter_plan import MeterPlan, plan_meters
from estates.domain.meter_rows import MeterFacts, MeterSheets, read_meters
from estates.models import Community, Meter, Reading, ReadingMethod, Unit
from estates.selectors.meters import get_known_meters
from estates.services.readings import SOURCE_LENGTH, change_multiplier, lock_readings
from estates.services.recording import Taken, give_opening


class NoMeters(InvalidError):
    """The file can be read, but no sheet of it holds meters."""

    code = "no_table"


@dataclass(frozen=True)
class MetersOutcome:
    """What an import of meters did, or would do."""

    counts: Mapping[str, int]
    problems: Sequence[Problem]

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {**self.counts, "problems": list(self.problems)}


def import_meters(
    *, community: Community, file: OpenedFile, by: Any, now: datetime, today: date, dry_run: bool = False
) -> MetersOutcome:
    """Take the good rows of a file of meters into the register, in one transaction; bad rows are reported.

    A meter keeps its unit and kind, and once it has been read its multiplier: those change with the instrument. Blank
    cells change nothing, and the same file twice changes nothing the second time. A dry run decides all and writes
    nothing.

    Raises:
        NoMeters: no sheet holds a table of meters.
    """
    sheets = read_meters(file.sheets, today)
    if not sheets.rows:
        _refuse(sheets)
    with transaction.atomic():
        lock_readings(community)
        units = frozenset(Unit.objects.filter(community=community).values_list("code", flat=True))
        plan = plan_meters(sheets, get_known_meters(community), units)
        if not dry_run and not plan.is_empty:
            _write(community, plan, Taken(by, now, file.name[:SOURCE_LENGTH]))
            audit.record(
                action="estates.import_meters", target=community, by=by, community_id=community.pk,
                after=dict(plan.counts), reason=file.name,
            )  # fmt: skip
    return MetersOutcome(dict(plan.counts), problems_of(plan.findings, wording.METERS, file.sheets))


def _refuse(sheets: MeterSheets) -> None:
    problems = [problem_of(finding, wording.METERS) for finding in (Finding("no_table"), *sheets.remarks)]
    raise NoMeters(problems[0].message, problems=problems)


def _write(community: Community, plan: MeterPlan, taken: Taken) -> None:
    """New meters first, then what each is fed through: a row may name a meter below it in the file."""
    _create(community, plan.new)
    meters = {meter.code: meter for meter in Meter.objects.filter(community=community)}
    for code, facts in plan.changed.items():
        if facts.multiplier:
            change_multiplier(meters[code].pk, facts.multiplier)
    for code, facts in {**plan.new, **plan.changed}.items():
        _describe(meters[code], facts, meters)
    fields = ["name", "digits", "maker", "is_prepaid", "parent"]
    Meter.objects.bulk_update([meters[code] for code in (*plan.new, *plan.changed)], fields)
    _open(plan, meters, taken)


def _create(community: Community, new: Mapping[str, MeterFacts]) -> None:
    wanted = {facts.unit for facts in new.values()}
    units = dict(Unit.objects.filter(community=community, code__in=wanted).values_list("code", "pk"))
    Meter.objects.bulk_create(
        Meter(
            community=community,
            unit_id=units[facts.unit] if facts.unit else None,
            code=code,
            kind=facts.kind,
            multiplier=facts.multiplier or ONE,
        )
        for code, facts in new.items()
    )


def _describe(meter: Meter, facts: MeterFacts, meters: Mapping[str, Meter]) -> None:
    meter.name, meter.maker, meter.digits = facts.name, facts.maker, facts.digits
    meter.is_prepaid = bool(facts.is_prepaid)
    meter.parent = meters[facts.parent] if facts.parent else None


def _open(plan: MeterPlan, meters: Mapping[str, Meter], taken: Taken) -> None:
    """Write down what meters began with; what was read before has its opening judged once more."""
    Reading.objects.bulk_create(
        Reading(
            meter=meters[code],
            read_on=facts.installed_on,
            value=facts.opening,
            source=taken.source,
            is_opening=True,
            method=ReadingMethod.GIVEN,
        )
        for code, facts in plan.new.items()
        if facts.opening is not None and facts.installed_on is not None
    )
    for code, facts in plan.openings.items():
        assert facts.opening is not None, "an opening has a value"
        assert facts.installed_on is not None, "an opening has a day"
        give_opening(meter=meters[code], on=facts.installed_on, value=facts.opening, taken=taken)
