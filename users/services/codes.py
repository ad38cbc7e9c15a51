"""One-time codes: asked for with a phone number, spent once in the same browser session.

A phone that nobody registered gets a code too, stored and never sent: the answer, the work and the time are the
same, so that nobody can find out who lives here (S-14).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from estates.models import Person
from users.domain.codes import DIGITS, IN_ALL, LIFETIME, MOST_ATTEMPTS, PER_ADDRESS, PER_PHONE, wait_until
from users.models import OneTimeCode

SendCode = Callable[[str, str], None]
_senders: list[SendCode] = []


class TooManyCodesError(DomainError):
    """Codes were asked for too often; ``retry_at`` says when the next may be."""

    code, status = "too_many_codes", 429
    message = _("A code was just sent. Please wait a moment before asking for another.")

    def __init__(self, retry_at: datetime) -> None:
        super().__init__()
        self.retry_at = retry_at


class WrongCodeError(DomainError):
    """The code is wrong, spent, too old, or was tried too often: the answer is the same for all of them."""

    code, status = "wrong_code", 422
    message = _("This code is not right or no longer valid. You can ask for a new one.")


def register_code_sender(send: SendCode) -> None:
    """Tell how a code reaches a phone; messaging, above us, registers its channels here."""
    _senders[:] = [send]


def send_code(*, phone: str, code: str) -> None:
    """Send a code to a phone that stands in the register; to any other phone nothing is sent."""
    if Person.objects.filter(phone=phone).exists():
        for send in _senders:
            send(phone, code)


@transaction.atomic
def issue_code(*, phone: str, session_key: str, purpose: str, address: str | None, now: datetime) -> str:
    """Store a new code for a phone, kill the older ones, and return it for sending in the background.

    Raises:
        TooManyCodesError: the phone, the address or the whole house asked too often (S-16).
    """
    phone_hash = _hash("phone", phone)
    # Two requests at once would both find themselves within the limit.
    _lock(phone_hash)
    _refuse_flood(phone_hash, address, now)
    OneTimeCode.objects.filter(phone_hash=phone_hash, purpose=purpose, spent_at=None).update(spent_at=now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    OneTimeCode.objects.create(
        phone_hash=phone_hash,
        session_hash=_hash("session", session_key),
        purpose=purpose,
        code_hash=_hash("code", phone_hash, code),
        address=address,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return code


def spend_code(*, phone: str, session_key: str, purpose: str, code: str, now: datetime) -> None:
    """Spend a code. The try is counted even when it fails, so it commits before the error is raised.

    Raises:
        WrongCodeError: there is no such living code for this phone, session and purpose.
    """
    if not _try_code(phone, session_key, purpose, code, now):
        raise WrongCodeError


@transaction.atomic
def _try_code(phone: str, session_key: str, purpose: str, code: str, now: datetime) -> bool:
    phone_hash = _hash("phone", phone)
    living = OneTimeCode.objects.select_for_update().filter(
        phone_hash=phone_hash,
        session_hash=_hash("session", session_key),
        purpose=purpose,
        spent_at=None,
        expires_at__gt=now,
        attempts__lt=MOST_ATTEMPTS,
    )
    row = living.order_by("-created_at").first()
    if row is None:
        return False
    is_right = hmac.compare_digest(row.code_hash, _hash("code", phone_hash, code))
    row.attempts += 1
    row.spent_at = now if is_right else None
    row.save(update_fields=["attempts", "spent_at"])
    return is_right


def _refuse_flood(phone_hash: str, address: str | None, now: datetime) -> None:
    recent = OneTimeCode.objects.filter(created_at__gt=now - timedelta(days=1)).order_by("created_at")
    for rows, limits in (
        (recent.filter(phone_hash=phone_hash), PER_PHONE),
        (recent.filter(address=address), PER_ADDRESS if address else ()),
        (recent, IN_ALL),
    ):
        asked = list(rows.values_list("created_at", flat=True)) if limits else []
        if (retry_at := wait_until(asked, now, limits)) is not None:
            raise TooManyCodesError(retry_at)


def _lock(phone_hash: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [phone_hash])


def _hash(*parts: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), "\0".join(parts).encode(), "sha256").hexdigest()
