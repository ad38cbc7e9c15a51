"""How a bill reached its payer: messages with their states, and prints (B11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.models import Bill
from core.models import AuditRecord
from messaging.kinds import get_kind
from messaging.models import OutboundMessage

PRINTED = "billing.print_bills"


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


def _messages(bill: Bill) -> list[DeliveryRow]:
    about = OutboundMessage.objects.filter(
        person=bill.account.payer_id, subjects__bills__contains=[bill.pk]
    ).prefetch_related("facts")
    return [row for message in about for row in _facts(message)]


def _facts(message: OutboundMessage) -> list[DeliveryRow]:
    """What happened to a message; one to which nothing has happened yet is told by its own state."""
    label = str(get_kind(message.kind).label)
    facts = list(message.facts.all())
    if not facts:
        state = str(message.get_state_display())
        return [DeliveryRow(label, state, message.channel, message.sent_at or message.not_before)]
    return [
        DeliveryRow(label, str(fact.get_state_display()), message.channel, fact.happened_at) for fact in facts
    ]


def _prints(bill: Bill) -> list[DeliveryRow]:
    records = AuditRecord.objects.filter(
        action=PRINTED, community_id=bill.community_id, after__bills__contains=[bill.pk]
    )
    return [DeliveryRow(_("On paper"), _("printed"), record.actor, record.at) for record in records]
