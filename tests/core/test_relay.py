"""The relay as a process: it carries on when servers are away, and ends when it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO

import pytest
from django.db import connection, transaction

from core.events import publish
from core.models import OutboxEvent

PATIENCE = 120.0


@pytest.fixture
def relay(transactional_db: None) -> Iterator[subprocess.Popen[str]]:
    """`manage.py relay` on the database of the test."""
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "relay", "--every", "0.05"],
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_FORMAT": "json",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def tell() -> int:
    """Publish an event that nobody listens to: all the relay has to do is to mark it."""
    with transaction.atomic():
        return publish("test.relay").pk


def wait_until_relayed(event_id: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while OutboxEvent.objects.get(pk=event_id).relayed_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def read_until(lines: IO[str], word: str) -> None:
    for line in lines:
        if word in line:
            return
    raise AssertionError(word)


def test_relays_until_it_is_told_to_stop(relay: subprocess.Popen[str]) -> None:
    wait_until_relayed(tell())
    relay.send_signal(signal.SIGTERM)
    assert relay.wait(PATIENCE) == 0


def test_lost_connections_only_make_it_wait(relay: subprocess.Popen[str]) -> None:
    wait_until_relayed(tell())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert relay.stderr is not None
    read_until(relay.stderr, "relay.waiting")
    wait_until_relayed(tell())
