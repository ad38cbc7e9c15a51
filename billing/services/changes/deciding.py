"""One person asks for a change of a unit, a second one agrees or does not (S-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import UnitChange
from billing.models.changes import ChangeState
from billing.services.approval import Approval, refuse_same_person
from billing.services.changes.making import Made, make_change
from core import audit
from core.errors import ConflictError


class DecidedError(ConflictError):
    """A change is decided once."""

    code = "billing.change_decided"
    message = _("This change has been decided already.")


@transaction.atomic
def request_change(*, change: UnitChange, by: Any, now: datetime) -> UnitChange:
    """Let a new change wait for a second person."""
    change.requested_by, change.requested_at, change.state = str(by), now, ChangeState.WAITING
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

    Raises DecidedError, SamePersonError, and what `make_change` raises.
    """
    change = _lock_waiting(change)
    approval = Approval(
        source=f"change:{change.pk}",
        reason=change.reason,
        requested_by=change.requested_by,
        approved_by=by,
        day=timezone.localdate(now),
        now=now,
    )
    refuse_same_person(approval)
    made = make_change(change=change, approval=approval)
    _decide(change, ChangeState.DONE, by, now)
    return made


@transaction.atomic
def refuse_change(*, change: UnitChange, by: Any, now: datetime) -> None:
    """Say no to a change; nothing happens to the unit. Raises DecidedError, SamePersonError."""
    change = _lock_waiting(change)
    day = timezone.localdate(now)
    refuse_same_person(Approval("", change.reason, change.requested_by, by, day, now))
    _decide(change, ChangeState.REFUSED, by, now)


def _lock_waiting(change: UnitChange) -> UnitChange:
    found = UnitChange.objects.select_for_update(of=("self",)).select_related("unit", "community")
    change = found.get(pk=change.pk)
    if change.state != ChangeState.WAITING:
        raise DecidedError()
    return change


def _decide(change: UnitChange, state: ChangeState, by: Any, now: datetime) -> None:
    change.state, change.decided_by, change.decided_at = state, str(by), now
    change.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(
        action=f"billing.change_{state.value}",
        target=change,
        by=by,
        community_id=change.community_id,
        reason=change.reason,
    )
