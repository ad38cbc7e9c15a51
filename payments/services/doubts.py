"""Putting things on the desk, and taking them off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError
from payments.models import Doubt, Intent, IntentState, MerchantAccount, PaymentException
from users.models import User


class AlreadyClosedError(ConflictError):
    """Somebody else has settled it."""

    code = "payments.exception_closed"
    message = _("This has already been settled.")


def open_doubt(
    *,
    merchant: MerchantAccount,
    kind: Doubt,
    reference: str,
    now: datetime,
    intent: Intent | None = None,
    heard: Decimal | None = None,
    details: Mapping[str, Any] | None = None,
) -> PaymentException:
    """Put something on the desk; seen again it is counted, not doubled, whatever became of it."""
    found, is_new = PaymentException.objects.get_or_create(
        merchant=merchant,
        kind=kind,
        reference=reference,
        defaults={
            "community_id": merchant.community_id,
            "intent": intent,
            "expected": intent.amount if intent else None,
            "heard": heard,
            "details": dict(details or {}),
            "opened_at": now,
        },
    )
    if not is_new:
        PaymentException.objects.filter(pk=found.pk).update(count=F("count") + 1)
    return found


@transaction.atomic
def close_exception(*, exception_id: int, outcome: str, by: User, now: datetime) -> PaymentException:
    """Take something off the desk with the outcome a person found; an order it held open is closed with it.

    Raises AlreadyClosedError when it is off the desk already.
    """
    exception: PaymentException = PaymentException.objects.select_for_update().get(pk=exception_id)
    if exception.closed_at:
        raise AlreadyClosedError()
    exception.closed_at, exception.closed_by, exception.outcome = now, by.get_username(), outcome
    exception.save(update_fields=["closed_at", "closed_by", "outcome"])
    _release(exception.intent_id, now)
    audit.record(
        action="payments.close_exception",
        target=exception,
        by=by,
        community_id=exception.community_id,
        after={"kind": exception.kind, "reference": exception.reference},
        reason=outcome,
    )
    return exception


def _release(intent_id: int | None, now: datetime) -> None:
    """Let the bills of an uncertain order be paid anew. Money that still arrives for it is settled all the same."""
    live = Intent.objects.live().filter(pk=intent_id)
    live.update(state=IntentState.CLOSED, finished_at=now, next_query_at=None)
