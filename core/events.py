"""News between apps: written in the transaction of the deed, delivered after it, at least once.

    publish("payments.received", payment_id=payment.pk)          # inside the service's transaction

    @subscribe("payments.received")                              # in an upper app's events.py
    def close_paid_cases(*, payment_id: int) -> None: ...

An event is a row of the outbox. The relay (`core.outbox`) turns it into one delivery for each subscriber, and
each delivery runs as its own Celery task. Lower apps never learn who listens. A
subscriber must be safe to run twice. Payloads carry ids and ISO dates only. No Django signal is involved.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection

from core.models import OutboxEvent

Subscriber = Callable[..., None]

_subscribers: defaultdict[str, dict[str, Subscriber]] = defaultdict(dict)


class PublishedOutsideTransaction(RuntimeError):
    """An event was published outside a transaction, where it could be lost or told too early."""


def publish(name: str, **payload: Any) -> OutboxEvent:
    """Write an event to be delivered once the open transaction commits; nothing is told when it rolls back.

    Dates become ISO text.

    Raises PublishedOutsideTransaction when no transaction is open.
    """
    if not connection.in_atomic_block:
        raise PublishedOutsideTransaction(name)
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in payload.items()}
    return OutboxEvent.objects.create(name=name, payload=plain)


def subscribe(name: str) -> Callable[[Subscriber], Subscriber]:
    """Register the decorated function for events of this name; it is called with the payload as keywords."""

    def register(subscriber: Subscriber) -> Subscriber:
        _subscribers[name][f"{subscriber.__module__}.{subscriber.__qualname__}"] = subscriber
        return subscriber

    return register


def list_subscribers(name: str) -> list[str]:
    """Return the dotted names of the functions that listen to this event, sorted."""
    return sorted(_subscribers[name])


def get_subscriber(name: str, subscriber: str) -> Subscriber:
    """Return the function behind a dotted name.

    Raises LookupError when nobody of that name listens to the event any more.
    """
    if subscriber not in _subscribers[name]:
        raise LookupError(f"{subscriber} does not listen to {name}.")
    return _subscribers[name][subscriber]
