"""Records that a message was opened, which means that its link was followed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from messaging.domain.lifecycle import MessageState, can_move
from messaging.models import DeliveryFact, OutboundMessage

OPENABLE = [state.value for state in MessageState if can_move(state, MessageState.OPENED)]


@transaction.atomic
def note_opened(*, message_id: int, now: datetime) -> None:
    """Record the first opening of a message; later ones, and messages that never left, change nothing.

    A message whose sending was unknown has evidently arrived.
    """
    opened = OutboundMessage.objects.filter(pk=message_id, state__in=OPENABLE)
    if opened.update(state=MessageState.OPENED):
        DeliveryFact.objects.create(message_id=message_id, state=MessageState.OPENED, happened_at=now)
