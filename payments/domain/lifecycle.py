"""The life of an intent, and when the platform is asked about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from payments.gateways.interface import PaymentState


class IntentState(StrEnum):
    """Where an intent stands. UNKNOWN is a time-out: money may have moved; it is never called failed (P-10)."""

    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    CLOSED = "closed"


TRANSITIONS: dict[IntentState, frozenset[IntentState]] = {
    IntentState.CREATED: frozenset(
        {IntentState.PENDING, IntentState.UNKNOWN, IntentState.PAID, IntentState.CLOSED}
    ),
    IntentState.PENDING: frozenset({IntentState.UNKNOWN, IntentState.PAID, IntentState.CLOSED}),
    IntentState.UNKNOWN: frozenset(
        {IntentState.CREATED, IntentState.PENDING, IntentState.PAID, IntentState.CLOSED}
    ),
    IntentState.CLOSED: frozenset({IntentState.PAID}),
    IntentState.PAID: frozenset(),
}
"""What may follow what. Late money is still money: a closed intent can be paid, a paid one never unpaid."""

_HEARD: dict[PaymentState, IntentState] = {
    PaymentState.SUCCESS: IntentState.PAID,
    PaymentState.REFUNDED: IntentState.PAID,
    PaymentState.PENDING: IntentState.PENDING,
    PaymentState.CLOSED: IntentState.CLOSED,
    PaymentState.ABSENT: IntentState.CREATED,
    PaymentState.UNKNOWN: IntentState.UNKNOWN,
}


def next_state(current: IntentState, heard: PaymentState) -> IntentState:
    """Return the state after the platform's word; a word that may not follow, such as a late CLOSED, changes nothing.

    ABSENT takes an UNKNOWN intent back to CREATED: the order never arrived, so the same number may be sent again.

    >>> next_state(IntentState.PAID, PaymentState.CLOSED)
    <IntentState.PAID: 'paid'>
    """
    wanted = _HEARD[heard]
    return wanted if wanted in TRANSITIONS[current] else current


QUERY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=day) for day in range(1, 7)),
)
"""When a lost callback is looked for, counted from the moment the order was sent (P-17)."""

HUMAN_AFTER = timedelta(days=1)
"""An intent still uncertain by then goes on the desk."""


def next_query_at(started_at: datetime, asked: int) -> datetime | None:
    """Return when to ask the platform again after ``asked`` questions, or None when only a person can help.

    >>> next_query_at(datetime(2026, 11, 20, 9, 0), 2)
    datetime.datetime(2026, 11, 20, 9, 15)
    """
    return started_at + QUERY_AFTER[asked] if asked < len(QUERY_AFTER) else None
