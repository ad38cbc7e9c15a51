"""The audit trail: who, when, what before, what after, why (P-50).

`record` belongs in the same transaction as the change: when one fails, neither stays. The rows of a
community form a hash chain that the database closes at commit; `verify_chain` finds a row that was
altered, removed or put in between.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils.translation import gettext as _

from core.context import current_context
from core.errors import Problem
from core.logs import mask_text
from core.models import AuditRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGNED = (
    "action", "actor_id", "actor", "community_id", "target_type", "target_id",
    "before", "after", "reason", "request_id",
)  # fmt: skip


class AuditOutsideTransaction(RuntimeError):
    """An audit record was asked for outside a transaction, where it could stay while its change does not."""


def record(
    *,
    action: str,
    target: models.Model | str,
    by: Any = None,
    community_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    request_id: str | None = None,
) -> AuditRecord:
    """Write one audit record in the transaction of the change it describes.

    `action` is app and verb ("billing.void_bill"); `target` is the row or a text "kind:id". Without `by`
    and `request_id` those of the current request are taken; no actor at all means the system itself.
    Amounts, dates and the like in `before` and `after` are stored as text. An owner's log-in is named by a phone:
    it is masked, the number of the actor says who it was.

    Raises AuditOutsideTransaction when no transaction is open.
    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransaction(action)
    context = current_context()
    actor = by if by is not None else context.actor
    target_type, target_id = _name_of(target)
    row = AuditRecord(
        action=action,
        actor_id=getattr(actor, "pk", None),
        actor=mask_text(str(actor))[:200] if actor is not None else "",
        community_id=community_id,
        target_type=target_type,
        target_id=target_id,
        before=_as_json(before),
        after=_as_json(after),
        reason=reason,
        request_id=context.request_id if request_id is None else request_id,
    )
    row.digest = digest_of(row)
    row.save(force_insert=True)
    return row


def digest_of(row: AuditRecord) -> str:
    """Return the SHA-256 of what the record says, in a canonical form that survives the database."""
    content = json.dumps([getattr(row, name) for name in SIGNED], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def verify_chain(community_id: int | None) -> list[Problem]:
    """Return what is wrong with the chain of a community (None: of the company); an empty list is good.

    Finds altered rows (`audit.altered`), gaps where rows were removed (`audit.missing`) and rows that do
    not follow from the one before (`audit.broken`). Only committed records are part of the chain.
    """
    rows = AuditRecord.objects.filter(community_id=community_id, number__isnull=False).order_by("number")
    return list(_find_breaks(rows.iterator(chunk_size=2000)))


def _find_breaks(rows: Iterable[AuditRecord]) -> Iterator[Problem]:
    number, previous = 0, ""
    for row in rows:
        found = row.number or 0
        where = {"record": row.pk, "number": found}
        if found != number + 1:
            gone = {"first": number + 1, "last": found - 1}
            yield Problem("audit.missing", _("Records %(first)d to %(last)d are gone.") % gone, where)
        elif row.previous_hash != previous:
            message = _("Record %(number)d does not follow from the one before.")
            yield Problem("audit.broken", message % where, where)
        if row.digest != digest_of(row) or row.hash != _seal(row):
            yield Problem("audit.altered", _("Record %(number)d was altered.") % where, where)
        number, previous = found, row.hash or ""


def _seal(row: AuditRecord) -> str:
    microseconds = (row.at - EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(f"{row.previous_hash}{row.digest}{microseconds}".encode()).hexdigest()


def _name_of(target: models.Model | str) -> tuple[str, str]:
    if isinstance(target, models.Model):
        return target._meta.label_lower, str(target.pk)
    kind, _, name = target.partition(":")
    return kind, name


def _as_json(values: Mapping[str, Any] | None) -> Any:
    return None if values is None else json.loads(json.dumps(values, cls=DjangoJSONEncoder))
