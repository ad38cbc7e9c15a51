"""Reads for sending: the judgement over a batch, the words of each community, how to reach a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone, translation

from estates.models import Person
from messaging.domain.hours import next_opening, next_turn
from messaging.domain.verdict import Go, Verdict, Wait
from messaging.domain.wording import fill
from messaging.kinds import get_kind, list_kinds
from messaging.models import ContactPolicy, MessageTemplate, OutboundMessage

Policies = Mapping[int, ContactPolicy]


def contact_of(person: Person) -> dict[str, str]:
    """The person's addresses by sort; an empty text where there is none."""
    return {"phone": person.phone, "email": person.email}


def judge(batch: Sequence[OutboundMessage], now: datetime) -> dict[int, Verdict]:
    """Say for each message whether it may leave at this local moment.

    The hour comes first, so that nothing is asked at night; then the app that owns the reason; then, for a
    reminder, the caps over everything the person was sent, in this batch too.
    """
    policies = _policies_of(batch)
    verdicts = {message.pk: _judge_hour(message, policies, now) for message in batch}
    awake = [message for message in batch if verdicts[message.pk] is None]
    answers = _ask_owners(awake, now)
    turns = _Turns(awake, policies, now)
    return {
        message.pk: verdicts[message.pk] or turns.judge(message, answers[message.pk]) for message in batch
    }


def _policies_of(batch: Iterable[OutboundMessage]) -> Policies:
    ids = {message.community_id for message in batch}
    stored = {policy.community_id: policy for policy in ContactPolicy.objects.filter(community_id__in=ids)}
    return {pk: stored.get(pk) or ContactPolicy(community_id=pk) for pk in ids}


def _judge_hour(message: OutboundMessage, policies: Policies, now: datetime) -> Wait | None:
    opening = next_opening(now, policies[message.community_id].window)
    return None if opening == now else Wait(opening, "outside_hours")


def _ask_owners(batch: Iterable[OutboundMessage], now: datetime) -> dict[int, Verdict]:
    by_kind: dict[str, list[OutboundMessage]] = defaultdict(list)
    for message in batch:
        by_kind[message.kind].append(message)
    answers: dict[int, Verdict] = {}
    for kind, messages in by_kind.items():
        answers.update(get_kind(kind).ask(messages, now))
    return answers


class _Turns:
    """Counts what each person was reminded of, the messages of this batch included."""

    def __init__(self, batch: Iterable[OutboundMessage], policies: Policies, now: datetime) -> None:
        self._policies, self._now = policies, now
        self._sent: dict[int, list[datetime]] = defaultdict(list)
        earlier = OutboundMessage.objects.filter(
            person_id__in={message.person_id for message in batch},
            kind__in=[kind.name for kind in list_kinds() if kind.is_reminder],
            sent_at__gt=now - timedelta(days=8),
        )
        for person_id, sent_at in earlier.order_by("sent_at").values_list("person_id", "sent_at"):
            self._sent[person_id].append(timezone.localtime(sent_at))

    def judge(self, message: OutboundMessage, answer: Verdict) -> Verdict:
        """Keep the answer, unless it is a reminder whose turn has not come."""
        if not isinstance(answer, Go) or not get_kind(message.kind).is_reminder:
            return answer
        sent = self._sent[message.person_id]
        turn = next_turn(sent, self._now, self._policies[message.community_id].caps)
        if turn is not None:
            return Wait(turn, "contact_cap")
        sent.append(self._now)
        return answer


@dataclass(frozen=True)
class Wordings:
    """The communities' own templates for one batch; a kind's default words stand in for what is missing."""

    templates: Mapping[tuple[int, str, str], MessageTemplate]

    def write(self, message: OutboundMessage, values: Mapping[str, str]) -> tuple[str, str]:
        """The subject and text of a message with its values filled in."""
        template = self.templates.get((message.community_id, message.kind, message.language))
        with translation.override(message.language):
            source = template or get_kind(message.kind)
            return fill(str(source.subject), values), fill(str(source.body), values)


def wordings_for(batch: Iterable[OutboundMessage]) -> Wordings:
    """Load the templates that the messages of a batch may use."""
    rows = MessageTemplate.objects.filter(community_id__in={message.community_id for message in batch})
    return Wordings({(row.community_id, row.kind, row.language): row for row in rows})
