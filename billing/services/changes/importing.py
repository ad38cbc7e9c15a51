"""Imports a file of changes: makes each valid row with its corrections, and lists the others as problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.domain.change_rows import Change, ChangeRow, read_changes
from billing.models import UnitChange
from billing.services.approval import refuse_same_person
from billing.services.changes.deciding import approve_change, request_change
from billing.services.changes.making import Made
from billing.wording import CHANGES
from core.errors import DomainError, InvalidError, Problem
from core.money import ZERO
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates.models import Community, Unit

FATES = ("created", "updated", "unchanged", "rejected")


class NoChangesError(InvalidError):
    """The file can be read, but no sheet of it is a table of changes."""

    code = "no_table"


class MayNotApproveError(InvalidError):
    """The person named as the one who agreed may not agree to this."""

    code = "billing.may_not_approve"
    message = _("This person may not approve changes here.")


@dataclass(frozen=True)
class MadeRow:
    """A good row and what came of it."""

    change: Change
    made: Made


@dataclass(frozen=True)
class ChangesOutcome:
    """What an import did, or would do: the rows that changed something, rows by fate, findings in file order."""

    rows: Sequence[MadeRow]
    counts: Counter[str]
    problems: Sequence[Problem] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        """What is owed more, or less, for days gone by."""
        return sum((row.made.difference for row in self.rows), ZERO)

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        counts = {fate: self.counts[fate] for fate in FATES}
        return {**counts, "corrected": self.difference, "problems": list(self.problems)}


@transaction.atomic
def import_changes(
    *, community: Community, file: OpenedFile, approved_by: Any, by: Any, now: datetime
) -> ChangesOutcome:
    """Make every good row of a file; bad rows are reported and left out. The same file twice changes nothing.

    Rows are made in the order of the file, so that a unit may change hands twice in it.

    Raises:
        NoChangesError: no sheet holds a table of changes.
        SamePersonError: the one who imports cannot be the one who agrees.
        MayNotApproveError: who is to have agreed may not.
    """
    refuse_same_person(by, approved_by)
    if not may_approve(approved_by, community):
        raise MayNotApproveError()
    return _make(community, file, by=by, approved_by=approved_by, now=now)


def may_approve(user: Any, community: Community) -> bool:
    """Whether a person may agree to changes of a community."""
    return (
        bool(user.may("billing.approve"))
        and Community.objects.visible_to(user).filter(pk=community.pk).exists()
    )


def preview_changes(*, community: Community, file: OpenedFile, by: Any, now: datetime) -> ChangesOutcome:
    """Return what an import of the file would do, corrections and all, and keep nothing. Raises NoChangesError."""
    with transaction.atomic():
        outcome = _make(community, file, by=by, approved_by=_("a second person"), now=now)
        transaction.set_rollback(True)
    return outcome


def request_changes(*, community: Community, file: OpenedFile, by: Any, now: datetime) -> list[UnitChange]:
    """Let the good rows of a file wait for a second person, those that wait already once. Raises NoChangesError."""
    rows, _remarks = _read(community, file)
    with transaction.atomic():
        return [
            request_change(change=change, by=by, now=now)
            for change in _list_changes(community, rows, file.name)
            if not _is_waiting(change)
        ]


def _is_waiting(change: UnitChange) -> bool:
    facts = ("unit", "kind", "first_day", "last_day", "value", "name", "phone")
    return UnitChange.objects.filter(
        state=change.state, **{name: getattr(change, name) for name in facts}
    ).exists()


def _list_changes(community: Community, rows: Sequence[ChangeRow], source: str) -> Iterator[UnitChange]:
    units = {unit.code: unit for unit in Unit.objects.filter(community=community)}
    for row in rows:
        if row.change and not row.row.is_rejected:
            yield _as_model(row.change, units[row.change.unit], source)


def _as_model(change: Change, unit: Unit, source: str) -> UnitChange:
    return UnitChange(
        community=unit.community,
        unit=unit,
        kind=change.kind,
        first_day=change.first_day,
        last_day=change.last_day,
        value=change.value,
        name=change.name,
        phone=change.phone,
        reason=change.reason or source[:200],
        source=source[:200],
    )


def _read(community: Community, file: OpenedFile) -> tuple[list[ChangeRow], list[Any]]:
    units = frozenset(Unit.objects.filter(community=community).values_list("code", flat=True))
    rows, remarks = read_changes(file.sheets, units)
    if not rows:
        problems = [problem_of(finding, CHANGES) for finding in remarks]
        raise NoChangesError(str(CHANGES["no_table"]), problems=problems)
    return rows, remarks


def _make(
    community: Community, file: OpenedFile, *, by: Any, approved_by: Any, now: datetime
) -> ChangesOutcome:
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    rows, remarks = _read(community, file)
    units = {unit.code: unit for unit in Unit.objects.filter(community=community).select_related("community")}
    counts: Counter[str] = Counter()
    made_rows = []
    for row in rows:
        good = row.change if not row.row.is_rejected else None
        made = good and _make_row(row, units[good.unit], file.name, by, approved_by, now)
        counts[made.fate if made else "rejected"] += 1
        if row.change and made and made.fate != "unchanged":
            made_rows.append(MadeRow(row.change, made))
    findings = [*remarks, *(finding for row in rows for finding in row.row.findings)]
    return ChangesOutcome(made_rows, counts, problems_of(findings, CHANGES))


def _make_row(
    row: ChangeRow, unit: Unit, source: str, by: Any, approved_by: Any, now: datetime
) -> Made | None:
    """Make one row on its own; a refusal becomes a finding of its row, and a row that changes nothing leaves none."""
    assert row.change, "only good rows are made"
    try:
        with transaction.atomic():
            change = request_change(change=_as_model(row.change, unit, source), by=by, now=now)
            made = approve_change(change=change, by=approved_by, now=now)
            if made.fate == "unchanged":
                transaction.set_rollback(True)
            return made
    except DomainError as error:
        row.row.reject("unit", error.code if error.code in CHANGES else "refused", told=str(error))
        return None
