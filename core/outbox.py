"""From the outbox to the subscribers: the relay, the claim, the tries and the dead letters.

1. `relay_outbox` turns new events into deliveries, one for each subscriber (unique), and hands those that are
   due to `send`: a Celery task, or `deliver` itself where no worker runs.
2. `deliver` claims one delivery, calls the subscriber, and notes the outcome:

       claimed → done                          the subscriber returned
               → pending, later                it raised: again after 10 s, 1, 5 and 30 minutes
               → dead                          it raised for the fifth time
       running, lease over → claimed again     its worker died; a death counts as a try (P-42)

A delivery is lost at no point: what was not sent, or not finished, is due again when its lease ends. Any
number of relays and workers may run; locked rows are skipped, and a claim is an UPDATE that names the
state it expects.
"""

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core.errors import ConflictError
from core.events import get_subscriber, list_subscribers
from core.failpoints import failpoint
from core.models import EventDelivery, OutboxEvent

MOST_ATTEMPTS = 5
WAITS = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
SEND_LEASE = timedelta(minutes=2)
RUN_LEASE = timedelta(minutes=30)

State = EventDelivery.State

Send = Callable[[int], Any]

log: Any = structlog.get_logger(__name__)


class NotDeadError(ConflictError):
    """Only a delivery that was given up can be played again."""

    code = "outbox.not_dead"


def relay_outbox(*, now: datetime, send: Send, limit: int = 500) -> int:
    """Spread new events over their subscribers, send the deliveries that are due, return how many.

    At most `limit` of each. `send` gets the id of a delivery after it has been committed; when it fails, the
    delivery is due again after the send lease. An event without a subscriber needs nothing more.
    """
    _spread_events(now=now, limit=limit)
    due = _take_due(now=now, limit=limit)
    failpoint("outbox.relay.before_send")
    for delivery_id in due:
        send(delivery_id)
    return len(due)


@transaction.atomic
def _spread_events(*, now: datetime, limit: int) -> None:
    new = OutboxEvent.objects.filter(relayed_at=None).order_by("id")
    events = list(new.select_for_update(skip_locked=True)[:limit])
    EventDelivery.objects.bulk_create(
        [
            EventDelivery(event=event, subscriber=subscriber, next_try_at=now)
            for event in events
            for subscriber in list_subscribers(event.name)
        ],
        ignore_conflicts=True,
    )
    failpoint("outbox.relay.before_commit")
    OutboxEvent.objects.filter(id__in=[event.id for event in events]).update(relayed_at=now)


@transaction.atomic
def _take_due(*, now: datetime, limit: int) -> list[int]:
    due = EventDelivery.objects.filter(
        state__in=[State.PENDING, State.RUNNING], next_try_at__lte=now
    ).order_by("next_try_at", "id")
    # The lease is committed before anything is sent: a relay that dies in between costs a wait, not a
    # delivery.
    taken = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit])
    EventDelivery.objects.filter(id__in=taken).update(state=State.PENDING, next_try_at=now + SEND_LEASE)
    return taken


def deliver(delivery_id: int, *, now: datetime, worker: str = "") -> State | None:
    """Run the subscriber of one delivery and return the new state, or None when it was not ours to run.

    `worker` names the task: when a broker hands the same task out again because its worker died, the
    claim of the same name is renewed at once. The subscriber runs outside any transaction of ours.
    """
    delivery = _claim(delivery_id, now=now, worker=worker)
    if delivery is None:
        return None
    # A worker that dies notes nothing, so the claim itself counts as a try.
    if delivery.attempts > MOST_ATTEMPTS:
        return _note(delivery, State.DEAD, error=delivery.last_error or "Its worker died each time.")
    try:
        failpoint("outbox.deliver.before_call")
        get_subscriber(delivery.event.name, delivery.subscriber)(**delivery.event.payload)
    except Exception:  # noqa: BLE001 - a subscriber may fail in any way; the outcome is a row that people see
        return _note_failure(delivery, now=now, error=traceback.format_exc(limit=-8))
    failpoint("outbox.deliver.before_done")
    return _note(delivery, State.DONE, done_at=now)


def _claim(delivery_id: int, *, now: datetime, worker: str) -> EventDelivery | None:
    """Take the delivery by an UPDATE that names what it must be: waiting, out of its lease, or ours."""
    free = Q(state=State.PENDING) | Q(state=State.RUNNING, next_try_at__lte=now)
    if worker:
        free |= Q(state=State.RUNNING, claimed_by=worker)
    claimed = EventDelivery.objects.filter(free, id=delivery_id).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        claimed_by=worker,
        next_try_at=now + RUN_LEASE,
    )
    return EventDelivery.objects.select_related("event").get(id=delivery_id) if claimed else None


def _note_failure(delivery: EventDelivery, *, now: datetime, error: str) -> State:
    log.warning(
        "outbox.failed", delivery=delivery.pk, subscriber=delivery.subscriber, attempt=delivery.attempts
    )
    if delivery.attempts >= MOST_ATTEMPTS:
        return _note(delivery, State.DEAD, error=error)
    wait = WAITS[delivery.attempts - 1]
    return _note(delivery, State.PENDING, error=error, next_try_at=now + wait)


def _note(delivery: EventDelivery, state: State, *, error: str = "", **changes: Any) -> State:
    """Write the outcome, unless somebody else has claimed the delivery since."""
    if state == State.DEAD:
        log.error(
            "outbox.dead",
            delivery=delivery.pk,
            event_name=delivery.event.name,
            subscriber=delivery.subscriber,
        )
    ours = EventDelivery.objects.filter(id=delivery.pk, state=State.RUNNING, attempts=delivery.attempts)
    ours.update(state=state, last_error=error, **changes)
    return state


def drain_outbox(*, now: datetime) -> int:
    """Deliver in this process all that is due, news of subscribers included; return how many.

    For the shell and for tests, where no worker runs. A subscriber that fails is tried again later like
    any other.
    """
    count = 0
    while sent := relay_outbox(now=now, send=lambda delivery_id: deliver(delivery_id, now=now)):
        count += sent
    return count


def replay_delivery(delivery_id: int, *, now: datetime) -> None:
    """Give a dead delivery five new tries; it is due at once.

    Raises NotDeadError when it was not given up.
    """
    dead = EventDelivery.objects.filter(id=delivery_id, state=State.DEAD)
    if not dead.update(state=State.PENDING, attempts=0, next_try_at=now):
        raise NotDeadError(_("Delivery %(number)d was not given up.") % {"number": delivery_id})
