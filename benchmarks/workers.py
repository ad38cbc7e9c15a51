"""The billing run over Celery workers: a month of as many accounts by one, two and, with the cores, four processes.

The limit is the same run in the calling process, on the same database, just before each. A worker process pays for its
own loading and for the queue, and takes turns with its PostgreSQL session: one of them works while the other waits. So
one worker is no quicker than the calling process, and each further one gains as long as a core is free for the pair.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from celery import current_app
from django.utils import timezone

from benchmarks.billing import MONTH, fill
from benchmarks.protocol import Measurement, Wanted, bench, stopwatch
from billing.services.run import RunOutcome, bill_period
from billing.tasks import queue_chunks
from config.programs import worker
from config.supervisor import python

SIZES = (100_000,)
COUNTS = tuple(count for count in (1, 2, 4) if count <= max(2, os.cpu_count() or 2))


@bench("billing.workers")
def measure_workers(wanted: Wanted) -> Iterator[Measurement]:
    """Bill a month in this process, then one of an equal community with workers."""
    for size, count in product(SIZES, COUNTS):
        if wanted(name := f"billing.workers.{size}.{count}"):
            here = bill(f"here{count}x{size}", size)
            with working(count):
                there = bill(f"by{count}x{size}", size, biller=queue_chunks)
            note = f"{here / there:.2f} × as quick as the calling process; {os.cpu_count()} cores"
            yield Measurement(name, size, there, here, note=note)


def bill(code: str, size: int, **how: Any) -> float:
    """Seconds to bill and issue a month of a new community of this size."""
    community = fill(code, size)
    with stopwatch() as watch:
        outcome: RunOutcome = bill_period(
            community=community, period=MONTH, now=timezone.now(), by="bench", **how
        )
    assert outcome.bills_created == size, f"{outcome.bills_created} bills for {size} accounts"
    return watch.seconds


@contextmanager
def working(count: int) -> Iterator[None]:
    """Run a worker of so many processes until the end; it has answered before anything is measured."""
    program = worker()
    command = [*python("-m", "celery", "-A", "config.celery", "worker"), "--concurrency", str(count)]
    environment = os.environ | program.environment
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            while not current_app.control.ping(timeout=1):
                assert process.poll() is None, "the worker died at its start"
            yield
        finally:
            process.send_signal(signal.SIGTERM)
