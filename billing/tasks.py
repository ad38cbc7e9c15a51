"""Celery doors of billing: chunks of a run for workers."""

from __future__ import annotations

import time

from celery import shared_task

from billing.models import BillRun, RunChunk
from billing.services.run import bill_chunk, bill_chunks
from billing.services.run.driving import Watch, unwatched
from core.context import request_context

PATIENCE = 20.0
POLL = 0.2


@shared_task(name="billing.tasks.bill_run_chunk")
def bill_run_chunk(run_id: int, number: int) -> None:
    """Bill one chunk. A chunk that is billed already, or twice at once, is billed once."""
    with request_context(request_id=f"run-{run_id}-{number}"):
        bill_chunk(run_id, number)


def send_chunks(run_id: int) -> int:
    """Send every waiting chunk of a run to the workers and return their number."""
    numbers = _waiting(run_id)
    for number in numbers:
        bill_run_chunk.delay(run_id, number)
    return len(numbers)


def queue_chunks(run: BillRun, watch: Watch = unwatched) -> None:
    """Have the chunks billed by workers and wait for them.

    When nothing moves for a while (no worker, or the broker lost its queue), the chunks are billed here: a run
    needs the database and nothing else to come to its end.
    """
    waiting = send_chunks(run.pk)
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
