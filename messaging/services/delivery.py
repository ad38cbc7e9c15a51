"""Sending: claim what is due, ask whether it is still right, hand it over, record what happened.

1. Claim a batch: planned → sending, in its own transaction, skipping rows another sender holds.
2. Ask each kind about its messages; look at the hour and the caps.
3. Hand the right ones to a channel, outside any transaction.
4. Record each outcome with its fact.

A sender that dies between 3 and 4 leaves ``sending`` rows. Nobody knows whether they left, so after a while
they become ``unknown`` and are never sent again by themselves (P-49: no household hears the same thing twice).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from core.failpoints import failpoint
from messaging.channels.interface import ChannelError, Letter
from messaging.channels.switchboard import find_channel_for
from messaging.domain.lifecycle import MessageState
from messaging.domain.verdict import Drop, Go, Verdict, Wait
from messaging.models import DeliveryFact, OutboundMessage
from messaging.selectors import Wordings, contact_of, judge, wordings_for

BATCH = 200
"""Few questions to the database a message; what a sender that dies may leave unknown stays small."""
RECORDED = ("id", "state", "reason", "not_before", "subject", "body", "channel", "sent_at", "provider_id")
RECORD = """
    UPDATE messaging_outboundmessage AS message
    SET state = new.state, reason = new.reason, not_before = new.not_before, subject = new.subject,
        body = new.body, channel = new.channel, sent_at = new.sent_at, provider_id = new.provider_id
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
                %s::timestamptz[], %s::text[])
         AS new(id, state, reason, not_before, subject, body, channel, sent_at, provider_id)
    WHERE message.id = new.id
"""
"""One statement a batch: Django's bulk_update builds a CASE a field and costs ten times as much."""
STALLED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """What became of one claimed message."""

    message: OutboundMessage
    state: MessageState
    detail: str = ""


def deliver(*, now: datetime) -> dict[str, int]:
    """Send everything that is planned and allowed at this moment; return a count for each resulting state."""
    counts: Counter[str] = Counter(unknown=_give_up_stalled(now))
    while batch := _claim(now):
        failpoint("messaging.deliver.claimed")
        # Outside any transaction: a provider that takes its time must not hold rows.
        outcomes = _send(batch, now)
        failpoint("messaging.deliver.sent")
        _record(outcomes, now)
        counts.update(outcome.state.value for outcome in outcomes)
    return {state: count for state, count in counts.items() if count}


@transaction.atomic
def _claim(now: datetime) -> list[OutboundMessage]:
    due = OutboundMessage.objects.due(now).select_for_update(skip_locked=True, of=("self",))
    batch = list(due.select_related("person", "community").order_by("not_before", "id")[:BATCH])
    claimed = OutboundMessage.objects.filter(pk__in=[message.pk for message in batch])
    claimed.update(state=MessageState.SENDING, claimed_at=now)
    return batch


def _send(batch: Sequence[OutboundMessage], now: datetime) -> list[Outcome]:
    verdicts = judge(batch, timezone.localtime(now))
    wordings = wordings_for(batch)
    return [_follow(message, verdicts[message.pk], wordings, now) for message in batch]


def _follow(message: OutboundMessage, verdict: Verdict, wordings: Wordings, now: datetime) -> Outcome:
    match verdict:
        case Wait(until, reason):
            message.not_before = until
            return Outcome(message, MessageState.PLANNED, reason)
        case Drop(reason):
            return Outcome(message, MessageState.DROPPED, reason)
        case Go(values):
            message.subject, message.body = wordings.write(message, values)
            return _hand_over(message, now)


def _hand_over(message: OutboundMessage, now: datetime) -> Outcome:
    """Try the first channel that reaches the person. No address → failed, with that reason on the desk."""
    contact = contact_of(message.person)
    channel = find_channel_for(contact)
    if channel is None:
        return Outcome(message, MessageState.FAILED, "no_address")
    message.channel = channel.name
    letter = Letter(message.dedupe_key, channel.address_of(contact), message.subject, message.body)
    try:
        message.provider_id = channel.send(letter).provider_id
    except ChannelError as error:
        return _after_error(message, error, now)
    message.sent_at = now
    return Outcome(message, MessageState.SENT)


def _after_error(message: OutboundMessage, error: ChannelError, now: datetime) -> Outcome:
    """Silence → unknown; a refusal for good → failed; anything else is tried again in a quarter of an hour."""
    if error.unknown:
        return Outcome(message, MessageState.UNKNOWN, str(error)[:200])
    if error.permanent:
        return Outcome(message, MessageState.FAILED, str(error)[:200])
    message.not_before = now + timedelta(minutes=15)
    return Outcome(message, MessageState.PLANNED, str(error)[:200])


@transaction.atomic
def _record(outcomes: Sequence[Outcome], now: datetime) -> None:
    for outcome in outcomes:
        outcome.message.state, outcome.message.reason = outcome.state.value, outcome.detail
    messages = [outcome.message for outcome in outcomes]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [[getattr(message, field) for message in messages] for field in RECORDED])
    DeliveryFact.objects.bulk_create(
        _fact(outcome.message, outcome.state, outcome.detail, now) for outcome in outcomes
    )


@transaction.atomic
def _give_up_stalled(now: datetime) -> int:
    stalled = OutboundMessage.objects.filter(
        state=MessageState.SENDING, claimed_at__lt=now - STALLED_AFTER
    ).select_for_update(skip_locked=True)
    messages = list(stalled)
    OutboundMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
        state=MessageState.UNKNOWN, reason="sender_stopped"
    )
    DeliveryFact.objects.bulk_create(
        _fact(message, MessageState.UNKNOWN, "sender_stopped", now) for message in messages
    )
    return len(messages)


def _fact(message: OutboundMessage, state: MessageState, detail: str, now: datetime) -> DeliveryFact:
    return DeliveryFact(message=message, state=state.value, detail=detail, happened_at=now)
