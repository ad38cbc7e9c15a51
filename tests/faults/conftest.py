"""A community ready to be billed, and processes of ours that bill it until they are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import Count

from billing.models import Bill, ChargeLine
from billing.services.run import RunOutcome, bill_period
from config.local_servers.programs import accepts, make_short_folder, wait_until
from config.local_servers.valkey import start_valkey
from core.invariants import check_all
from core.periods import Period
from estates.models import Community
from estates.services.readings import import_readings
from simulation.domain.community import SyntheticCommunity, draw_community, draw_readings
from simulation.domain.files import reading_rows
from simulation.services.founding import Founded, as_csv, found_community
from tests.e2e.programs import open_broker

Start = Callable[..., "subprocess.Popen[bytes]"]

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
FIRST_NIGHT = datetime(2026, 10, 1, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
KILLED = 137
PATIENCE = 300
"""Seconds to wait for a process on a machine that does many things at once; no test measures time."""
CHUNK = 8
"""Accounts a chunk: small, so that a run of forty units has several."""


@pytest.fixture
def founded(transactional_db: None, settings: LazySettings, tmp_path: Any) -> Founded:
    """Forty units with their tariffs and meters, read so that October can be billed."""
    settings.STATE_DIR = settings.MERCHANT_SECRETS = tmp_path
    plan = draw_community(40, seed=3)
    founded = found_community(plan, start=date(2026, 9, 1))
    for day in (date(2026, 8, 31), date(2026, 9, 30)):
        read_meters(plan, founded, day)
    return founded


def read_meters(plan: SyntheticCommunity, founded: Founded, day: date) -> None:
    file = as_csv("readings.csv", reading_rows(draw_readings(plan, day)))
    import_readings(community=founded.community, file=file, by=founded.clerk, today=day + timedelta(days=1))


def bill(community: Community, *, chunk_size: int = CHUNK, **how: Any) -> RunOutcome:
    """Bill October in this process."""
    return bill_period(
        community=community,
        period=OCTOBER,
        now=FIRST_NIGHT,
        by=None,
        chunk_size=chunk_size,
        **how,
    )


BILLER = """
import django
django.setup()
from tests.faults.conftest import bill
from estates.models import Community
bill(Community.objects.get())
"""
QUEUED_BILLER = """
import django
django.setup()
from billing import tasks
from tests.faults.conftest import bill
from estates.models import Community
tasks.PATIENCE = 6
bill(Community.objects.get(), biller=tasks.queue_chunks)
"""
"""Sends the chunks to workers; when nothing moves for six seconds, it bills what is left itself."""

CELERY = ("-m", "celery", "-A", "config")
WORKER = (*CELERY, "worker", "--concurrency", "1", "--loglevel", "error")
BEAT = (*CELERY, "beat", "--loglevel", "error", "--pidfile=")


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process of ours on the database of the test; whatever still runs at the end is killed.

    What earlier tests left in the queue of this run is thrown away before.
    """
    with open_broker() as broker:
        broker.flushdb()
    started: list[subprocess.Popen[bytes]] = []

    def start_one(*command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                **on_this_database(),
                **environment,
            },
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process and the children it started, which would go on for a while without it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE)


@dataclass(frozen=True)
class Broker:
    """A Valkey of one test, which may be killed: other tests share the run's own."""

    folder: Path
    sockets: Path

    @property
    def url(self) -> str:
        """The address for `REDIS_URL`."""
        return f"unix://{self.sockets}/valkey.sock"

    def start(self) -> None:
        """Start it, with what its append-only file kept."""
        start_valkey(self.folder, self.sockets, durable=True)

    def kill(self) -> None:
        """Kill -9, and wait until nobody answers."""
        os.kill(int((self.folder / "valkey/valkey.pid").read_text()), signal.SIGKILL)
        wait_until(
            lambda: not accepts(self.sockets / "valkey.sock"), PATIENCE, "Valkey was killed and still answers"
        )

    def forget(self) -> None:
        """Lose the append-only file, as a broken disk would."""
        shutil.rmtree(self.folder / "valkey/appendonlydir")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running Valkey that belongs to the test."""
    (tmp_path / "logs").mkdir()
    broker = Broker(tmp_path, make_short_folder("nuanlin-"))
    broker.start()
    yield broker
    broker.kill()
    shutil.rmtree(broker.sockets)


def amounts() -> dict[tuple[str, str], Decimal]:
    """What every unit is charged for every fee item."""
    rows = ChargeLine.objects.values_list("bill__account__unit__code", "fee_item__code", "amount")
    return {(unit, fee): amount for unit, fee, amount in rows}


def assert_as_undisturbed(founded: Founded, expected: Any) -> None:
    outcome = bill(founded.community)
    assert (outcome.accounts, outcome.total) == (expected.accounts, expected.total)
    assert Bill.objects.count() == expected.bills_created
    twice = Bill.objects.values("account").annotate(bills=Count("pk")).filter(bills__gt=1)
    assert not twice.exists()
    assert len(amounts()) == ChargeLine.objects.count() == expected.lines
    assert check_all() == []


def wait_for(condition: Callable[[], bool]) -> None:
    """Look until it is so; fail when it never is."""
    for _ in range(PATIENCE * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def on_this_database() -> dict[str, str]:
    """The environment that sends a process to the database of this test."""
    settings = connection.settings_dict
    return {"DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"}
