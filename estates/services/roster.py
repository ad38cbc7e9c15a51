"""Takes a roster into the register."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core import audit, events
from core.errors import InvalidError, Problem
from core.tables.findings import Finding
from core.tables.sheet import Sheet
from core.tables.wording import problem_of, problems_of
from estates import selectors, wording
from estates.domain.plan import Plan, plan_roster
from estates.domain.roster import read_roster
from estates.models import Community, Company, RosterImport
from estates.services.roster_writing import write_plan

MOST_AUDITED_CHANGES = 1_000


class NoRoster(InvalidError):
    """The file can be read, but no sheet of it is a roster."""

    code = "no_table"


@dataclass(frozen=True)
class RosterFile:
    """A file that was opened: its name, the SHA-256 of its bytes, and its sheets."""

    name: str
    digest: str
    sheets: Sequence[Sheet]


@dataclass(frozen=True)
class RosterOutcome:
    """What an import did, or a preview would do.

    `units` and `people` count the community afterwards; `record` is None for a preview.
    """

    plan: Plan
    problems: Sequence[Problem]
    units: int
    people: int
    record: RosterImport | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {**self.counts, "units": self.units, "people": self.people, "problems": list(self.problems)}


def preview_roster(*, community: Community, file: RosterFile, today: date) -> RosterOutcome:
    """Return what an import of the file would do, and write nothing.

    Raises:
        NoRoster: no sheet holds a table of units, owners, buildings or spaces.
    """
    plan = _plan(community, file, today)
    units = selectors.count_units(community) + len(plan.new_units)
    people = selectors.count_people(community, today) + len({tie.person for tie in plan.new_ties})
    return _outcome(plan, units, people)


def import_roster(*, community: Community, file: RosterFile, by: Any, today: date, now: datetime) -> RosterOutcome:
    """Take the good rows of a roster into the register, in one transaction; bad rows are reported and left out.

    The same file twice changes nothing the second time. Nobody is ever removed by an import, and blank cells
    change nothing. Imports of one company wait for one another, because they share its people. Publishes
    `estates.roster_imported`.

    Raises:
        NoRoster: no sheet holds a table of units, owners, buildings or spaces.
    """
    with transaction.atomic():
        Company.objects.select_for_update(no_key=True).get(pk=community.company_id)
        plan = _plan(community, file, today)
        write_plan(community, plan, source=file.name)
        outcome = _outcome(plan, selectors.count_units(community), selectors.count_people(community, today))
        record = _record(community, file, outcome, by, now)
        events.publish("estates.roster_imported", import_id=record.pk, community_id=community.pk)
    return RosterOutcome(plan, outcome.problems, outcome.units, outcome.people, record, outcome.counts)


def _plan(community: Community, file: RosterFile, today: date) -> Plan:
    register = selectors.get_register(community)
    roster = read_roster(file.sheets, register.floors, today)
    if not roster.entries and not roster.other_rows:
        findings = [Finding("no_table"), *roster.remarks]
        raise NoRoster(
            str(wording.ROSTER["no_table"]), problems=[problem_of(finding, wording.ROSTER) for finding in findings]
        )
    return plan_roster(roster, register, today)


def _outcome(plan: Plan, units: int, people: int) -> RosterOutcome:
    return RosterOutcome(plan, problems_of(plan.findings, wording.ROSTER), units, people, counts=plan.counts())


def _record(community: Community, file: RosterFile, outcome: RosterOutcome, by: Any, now: datetime) -> RosterImport:
    record = RosterImport.objects.create(
        community=community,
        file_name=file.name,
        file_hash=file.digest,
        problems=[problem.as_dict() for problem in outcome.problems],
        imported_by=str(by or "")[:150],
        imported_at=now,
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
