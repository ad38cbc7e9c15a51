"""What the kernel does at night: it looks whether the audit trail is whole, and clears the outbox of old news."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.audit import verify_chain
from core.calendars import moment_of
from core.errors import ConflictError
from core.models import AuditRecord, EventDelivery, OutboxEvent
from core.nightly import nightly

KEEP_EVENTS = timedelta(days=60)


class AuditTrailBroken(ConflictError):
    """Records of the audit trail were altered or removed; somebody must look before the next night."""

    code = "audit.broken"
    message = _("The audit trail was altered.")


@nightly(order=900, name="core.audit_trail")
def verify_audit_trail(day: date) -> dict[str, Any]:
    """Verify the chain of every community and of the company.

    Raises AuditTrailBroken with the rows, so that the job shows as failed until the matter is settled.
    """
    chains = list(AuditRecord.objects.order_by().values_list("community_id", flat=True).distinct())
    problems = [problem for chain in chains for problem in verify_chain(chain)]
    if problems:
        raise AuditTrailBroken(problems=problems)
    return {"chains": len(chains)}


@nightly(order=910, name="core.sweep_outbox")
def sweep_outbox(day: date) -> dict[str, Any]:
    """Delete events that were delivered to everybody 60 days before; the dead and the waiting stay."""
    before = moment_of(day - KEEP_EVENTS)
    undone = EventDelivery.objects.filter(event=OuterRef("pk")).exclude(state=EventDelivery.State.DONE)
    old = OutboxEvent.objects.filter(~Exists(undone), relayed_at__lt=before)
    return {"deleted": old.delete()[1].get("core.OutboxEvent", 0)}
