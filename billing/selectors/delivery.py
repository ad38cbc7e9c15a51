"""How a bill reached its payer: messages with their states, and prints (B11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.models import Bill, BillRun
from billing.notices.bills import notices_of
from core.models import AuditRecord
from messaging.channels.switchboard import tell_channel
from messaging.domain.lifecycle import MessageState
from messaging.kinds import get_kind
from messaging.models import OutboundMessage

PRINTED = "billing.print_bills"
LEFT = [
    MessageState.SENDING.value,
    MessageState.SENT.value,
    MessageState.DELIVERED.value,
    MessageState.OPENED.value,
    MessageState.UNKNOWN.value,
]
"""States of a message that has left, or may have."""


@dataclass(frozen=True)
class DeliveryRow:
    """One fact: what happened, how, when; ``detail`` is the channel or who printed."""

    what: str
    state: str
    detail: str
    at: datetime


def list_deliveries(bill: Bill) -> list[DeliveryRow]:
    """Every message about the bill with what became of it, and every print, oldest first."""
    return sorted([*_messages(bill), *_prints(bill)], key=lambda row: row.at)


def count_delivered(run: BillRun) -> int:
    """How many messages about a run have left, or may have, and how often its bills were printed."""
    return find_notices(run).filter(state__in=LEFT).count() + list_prints(run).count()


def find_notices(run: BillRun) -> QuerySet[OutboundMessage]:
    """The notices that the bills of a run are ready, one a payer."""
    return OutboundMessage.objects.filter(
        community_id=run.community_id, dedupe_key__startswith=notices_of(run)
    )


def list_prints(run: BillRun) -> QuerySet[AuditRecord]:
    """Every time bills of a run were printed."""
    return AuditRecord.objects.filter(action=PRINTED, target_type="billing.billrun", target_id=str(run.pk))


def _messages(bill: Bill) -> list[DeliveryRow]:
    about = OutboundMessage.objects.filter(
        person=bill.account.payer_id, subjects__bills__contains=[bill.pk]
    ).prefetch_related("facts")
    return [row for message in about for row in _facts(message)]


def _facts(message: OutboundMessage) -> list[DeliveryRow]:
    """What happened to a message; one to which nothing has happened yet is told by its own state."""
    label, channel = str(get_kind(message.kind).label), tell_channel(message.channel)
    facts = list(message.facts.all())
    if not facts:
        state = str(message.get_state_display())
        return [DeliveryRow(label, state, channel, message.sent_at or message.not_before)]
    return [DeliveryRow(label, str(fact.get_state_display()), channel, fact.happened_at) for fact in facts]


def _prints(bill: Bill) -> list[DeliveryRow]:
    records = AuditRecord.objects.filter(
        action=PRINTED, community_id=bill.community_id, after__bills__contains=[bill.pk]
    )
    return [DeliveryRow(_("On paper"), _("printed"), record.actor, record.at) for record in records]
