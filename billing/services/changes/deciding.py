"""One person asks for a change of a unit, a second one agrees or does not (S-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from billing.models import UnitChange
from billing.services.approval import Approval
from billing.services.changes.making import Made, make_change
from billing.services.deciding import check_decision, write_decision
from core import audit
from core.calendars import day_of


@transaction.atomic
def request_change(*, change: UnitChange, by: Any, now: datetime) -> UnitChange:
    """Let a new change wait for a second person."""
    change.requested_by, change.requested_at = str(by), now
    change.save()
    audit.record(
        action="billing.request_change",
        target=change,
        by=by,
        community_id=change.community_id,
        after={"kind": change.kind, "from": change.first_day, "to": change.last_day, "value": change.value},
        reason=change.reason,
    )
    return change


@transaction.atomic
def approve_change(*, change: UnitChange, by: Any, now: datetime) -> Made:
    """Agree to a change and make it, once.

    Raises RequestDecidedError, SamePersonError, and what `make_change` raises.
    """
    change = _lock(change)
    check_decision(change, by)
    made = make_change(change=change, approval=approval_of(change, by, now))
    _decide(change, "approve", by, now)
    return made


def approval_of(change: UnitChange, by: Any, now: datetime) -> Approval:
    """Return the approval under which a change is made: who asked and who approved."""
    return Approval(
        source=f"change:{change.pk}",
        reason=change.reason,
        requested_by=change.requested_by,
        approved_by=by,
        day=day_of(now),
        now=now,
    )


@transaction.atomic
def refuse_change(*, change: UnitChange, by: Any, now: datetime) -> None:
    """Say no to a change; nothing happens to the unit. Raises RequestDecidedError, SamePersonError."""
    change = _lock(change)
    check_decision(change, by)
    _decide(change, "refuse", by, now)


def _lock(change: UnitChange) -> UnitChange:
    found = UnitChange.objects.select_for_update(of=("self",)).select_related("unit", "community")
    return found.get(pk=change.pk)


def _decide(change: UnitChange, step: str, by: Any, now: datetime) -> None:
    write_decision(change, step, by=str(by), now=now)
    audit.record(
        action=f"billing.{change.state}_change",
        target=change,
        by=by,
        community_id=change.community_id,
        reason=change.reason,
    )
