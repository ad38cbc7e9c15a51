"""Takes a roster into the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core import audit, events
from core.collection import paused_collection
from core.errors import InvalidError, Problem
from core.tables.findings import Finding
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates import selectors, wording
from estates.domain.plan import Plan, plan_roster, size_afterwards
from estates.domain.register import Register
from estates.domain.roster import read_roster
from estates.models import Community, Company, RosterImport
from estates.services.roster_writing import Written, write_plan

MOST_AUDITED_CHANGES = 1_000


class NoRoster(InvalidError):
    """The file can be read, but no sheet of it is a roster."""

    code = "no_table"


@dataclass(frozen=True)
class RosterOutcome:
    """What an import did, or a preview would do.

    `units` and `people` count the community afterwards; `record` is None for a preview.
    """

    plan: Plan
    counts: Mapping[str, int]
    problems: Sequence[Problem]
    units: int
    people: int
    record: RosterImport | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {**self.counts, "units": self.units, "people": self.people, "problems": list(self.problems)}


def preview_roster(*, community: Community, file: OpenedFile, today: date) -> RosterOutcome:
    """Return what an import of the file would do, and write nothing.

    Raises:
        NoRoster: no sheet holds a table of units, owners, buildings or spaces.
    """
    with paused_collection():
        register = selectors.get_register(community)
        return _outcome(register, _plan(register, file, today), file, today)


def import_roster(
    *, community: Community, file: OpenedFile, by: Any, today: date, now: datetime
) -> RosterOutcome:
    """Take the good rows of a roster into the register, in one transaction; bad rows are reported and left out.

    The same file twice changes nothing the second time. Nobody is ever removed by an import, and blank cells
    change nothing. Imports of one company wait for one another, because they share its people. Publishes
    `estates.roster_imported`.

    Raises:
        NoRoster: no sheet holds a table of units, owners, buildings or spaces.
    """
    with paused_collection(), transaction.atomic():
        # Before the register is read: another import of the company may be making the same people.
        Company.objects.select_for_update(no_key=True).get(pk=community.company_id)
        register = selectors.get_register(community)
        plan = _plan(register, file, today)
        written = write_plan(community, plan, register, source=file.name)
        outcome = _outcome(register, plan, file, today)
        record = _record(community, file, outcome, written, by, now)
        events.publish("estates.roster_imported", import_id=record.pk, community_id=community.pk)
    return replace(outcome, record=record)


def _plan(register: Register, file: OpenedFile, today: date) -> Plan:
    roster = read_roster(file.sheets, register.floors, today)
    if not roster.entries and not roster.other_rows:
        findings = [Finding("no_table"), *roster.remarks]
        raise NoRoster(
            str(wording.ROSTER["no_table"]),
            problems=[problem_of(finding, wording.ROSTER) for finding in findings],
        )
    return plan_roster(roster, register, today)


def _outcome(register: Register, plan: Plan, file: OpenedFile, today: date) -> RosterOutcome:
    units, people = size_afterwards(register, plan, today)
    problems = problems_of(plan.findings, wording.ROSTER, file.sheets)
    return RosterOutcome(plan, plan.counts(), problems, units, people)


def _record(
    community: Community, file: OpenedFile, outcome: RosterOutcome, written: Written, by: Any, now: datetime
) -> RosterImport:
    record = RosterImport.objects.create(
        community=community,
        file_name=file.name,
        file_hash=file.digest,
        problems=[problem.as_dict() for problem in outcome.problems],
        imported_by=str(by or "")[:150],
        imported_at=now,
        written=written.as_dict(),
        **{f"{fate}_count": number for fate, number in outcome.counts.items()},
    )
    changes = outcome.plan.changes[:MOST_AUDITED_CHANGES]
    audit.record(
        action="estates.import_roster",
        target=record,
        by=by,
        community_id=community.pk,
        before={f"{change.unit} {change.fact}": change.before for change in changes},
        after={**outcome.counts, **{f"{change.unit} {change.fact}": change.after for change in changes}},
        reason=file.name,
    )
    return record
