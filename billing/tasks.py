"""Celery doors of billing: runs billed in chunks and issued by workers."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as BrokerError

from billing.models import BillRun, RunChunk
from billing.services.run import bill_chunks, issue_run
from billing.services.run.driving import Watch, unwatched
from billing.services.run.issuing import close_run
from billing.services.run.reminding import remind_reviewers
from core.context import request_context
from core.errors import ConflictError

log: Any = structlog.get_logger(__name__)

SHARES = 16
PATIENCE = 20.0  # not money: seconds
POLL = 0.2  # not money: seconds


class QueueAwayError(ConflictError):
    """The broker cannot be reached: the run is kept, and its chunks wait."""

    code = "billing.queue_away"
    message = _(
        "The run is kept, but the workers cannot be reached now. Open it in a minute and go on with it."
    )


@shared_task(name="billing.tasks.bill_run_chunks")
def bill_run_chunks(run_id: int, numbers: list[int]) -> None:
    """Bill some chunks of a run, and close the run after the last one. A chunk sent twice is billed once."""
    with request_context(request_id=f"run-{run_id}-{numbers[0]}"):
        run = BillRun.objects.get(pk=run_id)
        bill_chunks(run, numbers=numbers)
        close_run(run=run, now=timezone.now())


@shared_task(name="billing.tasks.issue_reviewed_run")
def issue_reviewed_run(run_id: int, day: str, by: str) -> None:
    """Issue a reviewed run on a business day (ISO); safe to run twice."""
    with request_context(request_id=f"issue-{run_id}"):
        run = BillRun.objects.get(pk=run_id)
        issue_run(run=run, day=date.fromisoformat(day), now=timezone.now(), by=by)


@shared_task(name="billing.tasks.remind_reviewers")
def remind_of_reviews(day: str | None = None) -> int:
    """Announce the drafts that have waited too long on a day in ISO form, today's by default; twice a day is once."""
    business_day = date.fromisoformat(day) if day else timezone.localdate()
    with request_context(request_id=f"reviews-{business_day}"):
        return remind_reviewers(business_day)


def send_chunks(run_id: int) -> int:
    """Send every waiting chunk of a run to the workers, in some shares, and return the number of chunks.

    A worker loads plan and pools once a share, so shares are few; and they are more than the workers, so that none of
    them ends long before the others.

    Raises QueueAwayError, with some shares sent or none; a chunk sent twice is billed once.
    """
    numbers = _waiting(run_id)
    size = max(1, -(-len(numbers) // SHARES))
    try:
        for start in range(0, len(numbers), size):
            bill_run_chunks.delay(run_id, numbers[start : start + size])
    except BrokerError as error:
        raise QueueAwayError from error
    return len(numbers)


def queue_chunks(run: BillRun, watch: Watch = unwatched) -> None:
    """Have the chunks billed by workers and wait for them.

    When nothing moves for a while (no worker, no broker, or it lost its queue), the chunks are billed here: a run
    needs the database and nothing else to come to its end.
    """
    waiting = len(_waiting(run.pk))
    try:
        send_chunks(run.pk)
    except QueueAwayError:
        log.warning("billing.queue_away", run=run.pk)
    with watch(waiting) as advance:
        moved = time.monotonic()
        while waiting and time.monotonic() - moved < PATIENCE:
            time.sleep(POLL)
            left = len(_waiting(run.pk))
            if left < waiting:
                advance(waiting - left)
                waiting, moved = left, time.monotonic()
    if waiting:
        bill_chunks(run)


def _waiting(run_id: int) -> list[int]:
    waiting = RunChunk.objects.filter(run_id=run_id, is_billed=False).order_by("number")
    return list(waiting.values_list("number", flat=True))
