"""Doing a thing that was asked for twice once (P-18)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidError
from payments.models import MoneyRequest

LONGEST_KEY = 80


class KeyMissingError(InvalidError):
    """A request about money came without a key, or with one that is too long."""

    code = "payments.idempotency_key_missing"
    status = 400
    message = _("A request about money needs an Idempotency-Key of at most 80 characters.")


class KeyReusedError(InvalidError):
    """The key came before with another request."""

    code = "payments.idempotency_key_reused"
    message = _("This Idempotency-Key was used for another request.")


@transaction.atomic
def once(
    *, asker: str, key: str, path: str, body: bytes, now: datetime, deed: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do the deed for this asker's key, or return what it did the first time.

    The key is written in the transaction of the deed: a deed that fails leaves its key free, one that was cut off
    never happened, and a second request at the same moment waits for the first and gets its outcome. The deed
    returns ids and other JSON primitives, and calls nobody outside.

    Raises KeyMissingError, and KeyReusedError when the key came with another path or body.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise KeyMissingError()
    request, is_new = MoneyRequest.objects.get_or_create(
        asker=asker,
        key=key,
        defaults={"path": path, "fingerprint": hashlib.sha256(body).hexdigest(), "asked_at": now},
    )
    if not is_new:
        return _recall(request, path, body)
    request.outcome = deed()
    request.save(update_fields=["outcome"])
    return dict(request.outcome)


def find_outcome(*, asker: str, key: str, path: str, body: bytes) -> dict[str, Any] | None:
    """Return what this asker's request did before, or None; for doors that check a form before they act.

    Raises KeyReusedError when the key came with another path or body.
    """
    request = MoneyRequest.objects.filter(asker=asker, key=key).first()
    return _recall(request, path, body) if request else None


def _recall(request: MoneyRequest, path: str, body: bytes) -> dict[str, Any]:
    if (request.path, request.fingerprint) != (path, hashlib.sha256(body).hexdigest()):
        raise KeyReusedError()
    return dict(request.outcome)
