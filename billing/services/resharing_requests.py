"""Sharing a pool again: one person asks, another one agrees, and the corrections are made (S-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import PoolResharing, PoolResult
from billing.services.approval import Approval
from billing.services.corrections import Corrected
from billing.services.deciding import check_decision, write_decision
from billing.services.resharing import preview_resharing, reshare_pool
from core import audit
from core.calendars import day_of
from core.errors import ConflictError
from core.reasons import require_reason


class AskedAlreadyError(ConflictError):
    """One request a pool waits at a time."""

    code = "billing.resharing_asked"
    message = _("Somebody has asked for this already; it waits for another person.")


@transaction.atomic
def request_resharing(*, pool: PoolResult, reason: str, by: Any, now: datetime) -> PoolResharing:
    """Let the second split of a pool wait for another person.

    Raises ReasonMissingError, AskedAlreadyError, NobodyJoinedError (there is nothing to divide anew).
    """
    words = require_reason(reason)
    PoolResult.objects.select_for_update(of=("self",), no_key=True).get(pk=pool.pk)
    if PoolResharing.objects.filter(pool=pool).waiting().exists():
        raise AskedAlreadyError()
    preview_resharing(pool)
    asked = PoolResharing.objects.create(
        community=pool.fee_item.community,
        pool=pool,
        reason=words,
        requested_by=str(by),
        requested_at=now,
    )
    _audit("billing.request_resharing", asked, by)
    return asked


@transaction.atomic
def approve_resharing(*, asked: PoolResharing, by: Any, now: datetime) -> Corrected:
    """Agree, and divide the pool by the register of this moment; paid shares stay.

    Raises RequestDecidedError, SamePersonError, NobodyJoinedError.
    """
    asked = _lock(asked)
    check_decision(asked, by)
    approval = Approval(asked.source, asked.reason, asked.requested_by, by, day_of(now), now)
    corrected = reshare_pool(pool=asked.pool, approval=approval)
    _decide(asked, "approve", by, now)
    return corrected


@transaction.atomic
def refuse_resharing(*, asked: PoolResharing, by: Any, now: datetime) -> None:
    """Say no; every share stays as it is. Raises RequestDecidedError, SamePersonError."""
    asked = _lock(asked)
    check_decision(asked, by)
    _decide(asked, "refuse", by, now)


def _lock(asked: PoolResharing) -> PoolResharing:
    rows = PoolResharing.objects.select_for_update(of=("self",)).select_related("pool__fee_item", "pool__run")
    return rows.get(pk=asked.pk)


def _decide(asked: PoolResharing, step: str, by: Any, now: datetime) -> None:
    write_decision(asked, step, by=str(by), now=now)
    _audit(f"billing.{asked.state}_resharing", asked, by)


def _audit(action: str, asked: PoolResharing, by: Any) -> None:
    audit.record(
        action=action,
        target=asked,
        by=by,
        community_id=asked.community_id,
        after={"pool": asked.pool_id},
        reason=asked.reason,
    )
