"""Asking the platforms about orders whose callback was lost, late or never came (P-17)."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from core.failpoints import failpoint
from payments.domain.lifecycle import HUMAN_AFTER, next_query_at
from payments.gateways.interface import GatewayError, PaymentResult, PaymentState
from payments.models import Doubt, Intent
from payments.selectors.merchants import MerchantNotReadyError, get_gateway
from payments.services.doubts import open_doubt
from payments.services.settlement import settle

log = structlog.get_logger(__name__)

MOST_PER_SCAN = 1_000


def query_due_intents(*, now: datetime, limit: int = MOST_PER_SCAN) -> int:
    """Ask about every live order whose next question is due, and return how many were asked. Not in a transaction.

    An order is claimed first by moving its next question ahead (SKIP LOCKED), so two scans never ask about the same
    one, and an order that breaks the scan does not stop the next scan.
    """
    asked = 0
    while asked < limit and (intent_id := _claim_next(now)):
        query_intent(intent_id=intent_id, now=now)
        asked += 1
    return asked


def query_intent(*, intent_id: int, now: datetime) -> Intent:
    """Ask the platform about one order, apply its answer, and return the intent. Must not run in a transaction.

    An order that nobody paid in its time is closed at the platform, so that it cannot be paid later by surprise. No
    certain answer changes nothing; after a day the order goes on the desk as well.
    """
    intent = Intent.objects.select_related("merchant").get(pk=intent_id)
    if intent.is_live:
        result = _ask(intent, now)
        failpoint("payments.query.answered")
        if result:
            settle(merchant=intent.merchant, result=result, now=now)
        intent.refresh_from_db()
        _tell_a_person(intent, now)
    return intent


def _claim_next(now: datetime) -> int | None:
    with transaction.atomic():
        due = (
            Intent.objects.to_query(now).order_by("next_query_at").select_for_update(skip_locked=True).first()
        )
        if due is None:
            return None
        due.query_count += 1
        due.next_query_at = next_query_at(due.started_at or due.created_at, due.query_count)
        due.save(update_fields=["query_count", "next_query_at"])
        return int(due.pk)


def _ask(intent: Intent, now: datetime) -> PaymentResult | None:
    try:
        gateway = get_gateway(intent.merchant)
        result = gateway.query_order(intent.number)
        if now < intent.expires_at or result.state not in (PaymentState.PENDING, PaymentState.ABSENT):
            return result
        if result.state is PaymentState.PENDING:
            # Refused there before it is closed here, or it could still be paid.
            gateway.close_order(intent.number)
        return PaymentResult(intent.number, PaymentState.CLOSED)
    except (GatewayError, MerchantNotReadyError) as error:
        Intent.objects.filter(pk=intent.pk).update(last_word=str(error)[:200])
        log.warning("payments.no_answer", order=intent.number, error=str(error))
        return None


def _tell_a_person(intent: Intent, now: datetime) -> None:
    if intent.is_live and intent.started_at and now - intent.started_at >= HUMAN_AFTER:
        open_doubt(
            merchant=intent.merchant, kind=Doubt.NO_ANSWER, reference=intent.number, intent=intent, now=now
        )
