"""The portal's one act of its own: asking a platform again while somebody looks at the payment (C13)."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from redis.exceptions import RedisError

from payments.models import Intent
from payments.services.queries import query_intent

ASK_AGAIN_AFTER = 3
"""Seconds between two questions about one payment, however many people look at it."""


def ask_platform(*, intent: Intent, now: datetime) -> Intent:
    """Ask the platform how a payment stands that is under way, unless it was asked a moment ago.

    Must not run in a transaction. Without Valkey nobody counts the moments: then the page shows what is known, and
    callbacks and the beat go on finding out.
    """
    if not (intent.is_live and intent.started_at and _is_our_turn(intent)):
        return intent
    return query_intent(intent_id=intent.pk, now=now)


def _is_our_turn(intent: Intent) -> bool:
    try:
        return bool(cache.add(f"portal.asked:{intent.pk}", 1, timeout=ASK_AGAIN_AFTER))
    except RedisError:
        return False
