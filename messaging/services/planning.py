"""Planning: a row for each message, once, however often the night runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError
from messaging.domain.lifecycle import MessageState, can_move
from messaging.models import OutboundMessage
from users.models import User


@dataclass(frozen=True)
class MessagePlan:
    """A message to come. Its words are written when it leaves; ``subjects`` says what they will be about."""

    dedupe_key: str
    community_id: int
    person_id: int
    kind: str
    subjects: Mapping[str, list[int]]
    not_before: datetime


class CannotReplanError(ConflictError):
    """The message left, or may have left: it is not sent a second time."""

    code = "message_cannot_be_planned_again"


def plan_messages(plans: Iterable[MessagePlan]) -> int:
    """Store the plans that are not stored yet and return how many those were.

    The dedupe key is unique in the database, so two nights or two workers plan each message once.
    """
    rows = [
        OutboundMessage(
            dedupe_key=plan.dedupe_key,
            community_id=plan.community_id,
            person_id=plan.person_id,
            kind=plan.kind,
            subjects=dict(plan.subjects),
            not_before=plan.not_before,
        )
        for plan in plans
    ]
    known = OutboundMessage.objects.filter(dedupe_key__in=[row.dedupe_key for row in rows])
    # Counted before and after: a bulk insert that passes over conflicts does not say what it wrote.
    before = known.count()
    OutboundMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return known.count() - before


@transaction.atomic
def withdraw_messages(*, keys_beginning: str, reason: str) -> int:
    """Drop what is still waiting under these dedupe keys and free the keys; return how many that was.

    What the messages spoke of may come again, and is then planned as something new.
    """
    waiting = OutboundMessage.objects.select_for_update().filter(
        dedupe_key__startswith=keys_beginning, state=MessageState.PLANNED
    )
    withdrawn = list(waiting)
    for message in withdrawn:
        message.state, message.reason = MessageState.DROPPED.value, reason
        message.dedupe_key = f"{reason}:{message.pk}"
    OutboundMessage.objects.bulk_update(withdrawn, ["state", "reason", "dedupe_key"])
    return len(withdrawn)


@transaction.atomic
def replan_message(*, message_id: int, now: datetime, by: User) -> OutboundMessage:
    """Put a failed message back in the queue, to be asked about and sent again.

    Raises:
        CannotReplanError: it is in any other state.
    """
    message = OutboundMessage.objects.select_for_update().get(pk=message_id)
    if not can_move(MessageState(message.state), MessageState.PLANNED):
        raise CannotReplanError(_("This message is not in a state from which it may be sent again."))
    message.state, message.reason, message.not_before = MessageState.PLANNED, "", now
    message.save(update_fields=["state", "reason", "not_before"])
    audit.record(action="messaging.replanned", target=message, by=by, community_id=message.community_id)
    return message
