"""Callbacks: stored raw, then verified, then applied, then answered (P-11, P-12, P-14)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from core.failpoints import failpoint
from payments.gateways.interface import Answer, ForgedNotice, GatewayError, Notice
from payments.models import Doubt, GatewayNotice, MerchantAccount, NoticeState
from payments.selectors.merchants import get_gateway
from payments.services.doubts import open_doubt
from payments.services.settlement import Settled, settle

log = structlog.get_logger(__name__)

LEFT_BEHIND = timedelta(minutes=1)
"""A stored notice still unread after this was left by a process that died."""


def receive_notice(
    *, merchant: MerchantAccount, headers: Mapping[str, str], body: bytes, now: datetime
) -> Answer:
    """Take one callback and return what to answer. Must not run inside a transaction.

    1. The raw bytes are stored and committed: from here on nothing is lost, whoever dies.
    2. Signature, stamp and merchant are checked over those bytes. A forged one changes nothing and raises an alarm.
    3. In one transaction: the order's row is locked, the payment settled, the notice marked. A copy of a notice that
       was applied before is marked as a copy.
    4. Only then the platform is told to stop repeating itself.
    """
    notice = store_notice(merchant=merchant, headers=headers, body=body, now=now)
    failpoint("payments.notice.stored")
    answer = apply_notice(notice=notice, now=now)
    failpoint("payments.notice.applied")
    return answer


def store_notice(
    *, merchant: MerchantAccount, headers: Mapping[str, str], body: bytes, now: datetime
) -> GatewayNotice:
    """Store a callback exactly as it arrived."""
    return GatewayNotice.objects.create(
        merchant=merchant,
        headers=dict(headers),
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        received_at=now,
    )


def apply_notice(*, notice: GatewayNotice, now: datetime) -> Answer:
    """Verify a stored notice as of the moment it arrived, apply it once, and return what to answer."""
    gateway = get_gateway(notice.merchant)
    try:
        heard = gateway.read_notice(notice.headers, bytes(notice.body), notice.received_at)
    except ForgedNotice as error:
        _refuse(notice, error, now)
        return gateway.refuse()
    except GatewayError as error:
        _mark(notice, NoticeState.DOUBTED, reason=str(error))
        log.warning("payments.notice_not_understood", notice=notice.pk, error=str(error))
        return gateway.acknowledge()
    failpoint("payments.notice.verified")
    _apply(notice, heard, now)
    return gateway.acknowledge()


def apply_left_notices(*, now: datetime) -> int:
    """Apply the notices that were stored and then left by a process that died. Returns their number."""
    left = GatewayNotice.objects.filter(state=NoticeState.NEW, received_at__lt=now - LEFT_BEHIND)
    notices = list(left.select_related("merchant").order_by("pk"))
    for notice in notices:
        apply_notice(notice=notice, now=now)
    return len(notices)


@transaction.atomic
def _apply(notice: GatewayNotice, heard: Notice, now: datetime) -> None:
    settled = settle(merchant=notice.merchant, result=heard.payment, now=now)
    failpoint("payments.notice.settled")
    notice.notice_id, notice.intent = heard.notice_id, settled.intent
    state = NoticeState.DOUBTED if settled.doubt else NoticeState.APPLIED
    try:
        with transaction.atomic():
            _mark(notice, state, reason=_reason(settled))
    except IntegrityError:
        _mark(notice, NoticeState.COPY)


def _reason(settled: Settled) -> str:
    return str(settled.doubt.kind) if settled.doubt else ""


def _refuse(notice: GatewayNotice, error: ForgedNotice, now: datetime) -> None:
    """Mark a forged notice and raise the alarm: one thing on the desk a day, counting."""
    with transaction.atomic():
        _mark(notice, NoticeState.REFUSED, reason=str(error))
        open_doubt(merchant=notice.merchant, kind=Doubt.FORGED, reference=f"{now:%Y-%m-%d}", now=now)
    log.warning("payments.notice_refused", notice=notice.pk, reason=error.reason)


def _mark(notice: GatewayNotice, state: NoticeState, *, reason: str = "") -> None:
    notice.state, notice.reason = state, reason[:200]
    notice.save(update_fields=["state", "reason", "notice_id", "intent"])
