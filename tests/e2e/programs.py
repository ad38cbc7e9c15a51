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

from tests.payments.web import database_url

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds to wait for a worker on a machine that does many things at once; no test measures time."""

Found = TypeVar("Found")


@contextmanager
def running_worker() -> Iterator[None]:
    """Run a Celery worker until the end."""
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
        process.wait(timeout=40)


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    """Look until something is there. Raises AssertionError when it never comes."""
    for _ in range(PATIENCE * 5):
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} never came")
