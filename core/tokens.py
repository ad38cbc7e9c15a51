"""Signed tokens for links that open one thing without a log-in: a bill, a document, a download (S-27).

A token carries a purpose, a few primitives and perhaps a last moment. It is signed, not secret: put ids
in it, never names or amounts. A token for one purpose opens nothing else.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core import signing
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class TokenError(DomainError):
    """The link is altered, meant for something else, or no longer open. All three answer the same."""

    code = "token"
    status = 404
    message = _("This link is not valid, or no longer.")


@dataclass(frozen=True)
class Opened:
    """What a token carries, and the moment from which it no longer works (None: it always does)."""

    payload: Any
    until: datetime | None


def sign(purpose: str, payload: Any, *, expires_on: date | datetime | None = None) -> str:
    """Return a short URL-safe token for this payload (JSON primitives).

    `expires_on` is the last day the link works, until midnight where we are, or an exact aware moment;
    without it the link does not expire.
    """
    until = None if expires_on is None else int(_moment_after(expires_on).timestamp())
    return _signer(purpose).sign_object([payload, until], compress=True)


def read(purpose: str, token: str, now: datetime) -> Any:
    """Return the payload of a token that was signed for this purpose and is open at `now`.

    Raises TokenError when it was altered, belongs to another purpose, or its time is over.
    """
    return open_token(purpose, token, now).payload


def open_token(purpose: str, token: str, now: datetime) -> Opened:
    """Return the payload of a token as `read` does, with the end of its time. Raises TokenError as `read`."""
    try:
        payload, until = _signer(purpose).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise TokenError from error
    if until is not None and now.timestamp() >= until:
        raise TokenError
    return Opened(payload, None if until is None else datetime.fromtimestamp(until, UTC))


def _moment_after(expires_on: date | datetime) -> datetime:
    if isinstance(expires_on, datetime):
        return expires_on
    return datetime.combine(expires_on + timedelta(days=1), time.min, tzinfo=get_default_timezone())


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"nuanlin.token.{purpose}")
