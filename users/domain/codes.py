"""The rules of one-time codes (S-15, S-16): how long they live, how often they may be asked for and tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=5)
MOST_ATTEMPTS = 5
DIGITS = 6


@dataclass(frozen=True)
class Limit:
    """At most ``most`` codes within ``span``."""

    most: int
    span: timedelta


PER_PHONE = (Limit(1, timedelta(minutes=1)), Limit(5, timedelta(hours=1)), Limit(10, timedelta(days=1)))
PER_ADDRESS = (Limit(30, timedelta(hours=1)),)
IN_ALL = (Limit(2_000, timedelta(hours=1)),)


def wait_until(asked: Sequence[datetime], now: datetime, limits: Sequence[Limit]) -> datetime | None:
    """The moment from which another code may be asked for; None when it may be now.

    ``asked`` are the moments of earlier requests, oldest first.

    >>> noon = datetime(2026, 11, 20, 12)
    >>> wait_until([noon], noon + timedelta(seconds=59), PER_PHONE)
    datetime.datetime(2026, 11, 20, 12, 1)
    >>> wait_until([noon], noon + timedelta(seconds=60), PER_PHONE) is None
    True
    """
    waits = [_free_again(asked, now, limit) for limit in limits]
    return max((wait for wait in waits if wait is not None), default=None)


def _free_again(asked: Sequence[datetime], now: datetime, limit: Limit) -> datetime | None:
    recent = [moment for moment in asked if moment > now - limit.span]
    return recent[-limit.most] + limit.span if len(recent) >= limit.most else None
