"""A community ready to be billed, and processes of ours that bill it until they are killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection

from billing.services.run import RunOutcome, bill_period
from core.periods import Period
from estates.models import Community
from estates.services.readings import import_readings
from simulation.domain.community import SyntheticCommunity, draw_community, draw_readings
from simulation.domain.files import reading_rows
from simulation.services.founding import Founded, as_csv, found_community

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
FIRST_NIGHT = datetime(2026, 10, 1, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
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


def bill(community: Community, *, dry_run: bool = False, **how: Any) -> RunOutcome:
    """Bill October in this process."""
    return bill_period(
        community=community,
        period=OCTOBER,
        now=FIRST_NIGHT,
        by=None,
        dry_run=dry_run,
        chunk_size=CHUNK,
        **how,
    )


BILLER = """
import django
django.setup()
from tests.faults.conftest import bill
from estates.models import Community
bill(Community.objects.get())
"""


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a process of ours on the database of the test; whatever still runs at the end is killed."""
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
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait(timeout=30)


def on_this_database() -> dict[str, str]:
    """The environment that sends a process to the database of this test."""
    settings = connection.settings_dict
    return {"DATABASE_URL": f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"}
