"""Programs of the house that a page needs behind it, on the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import redis
from django.conf import settings
from django.db import connection

from config.databases import redis_database
from tests.payments.web import database_url

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds to wait for a worker on a machine that does many things at once; no test measures time."""

BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend' AND state <> 'idle'
"""

Found = TypeVar("Found")


@contextmanager
def running_worker() -> Iterator[None]:
    """Run a Celery worker until the end; what earlier tests left for one is thrown away."""
    with open_broker() as broker:
        broker.flushdb()
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--pool", "solo"]
    process = subprocess.Popen(
        [*command, "--loglevel", "error", "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "NUANLIN_PROCESS": "worker"},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def open_broker() -> redis.Redis:
    """The queue of this run's worker of tests."""
    return redis.Redis.from_url(redis_database(settings.REDIS_URL, settings.REDIS_FIRST_DATABASE))


def is_at_rest() -> bool:
    """Whether the worker has done all there was to do, and nobody else is busy in the test's database."""
    with open_broker() as broker, connection.cursor() as cursor:
        cursor.execute(BUSY)
        return not broker.llen("celery") and not broker.hlen("unacked") and cursor.fetchone() == (0,)


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    """Look until something is there. Raises AssertionError when it never comes."""
    for _ in range(PATIENCE * 5):
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} never came")
