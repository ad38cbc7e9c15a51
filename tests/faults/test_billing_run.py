"""A run of bills is killed wherever it can be, and ends as if nothing had happened (P-04, P-40, P-43).

Exactly one bill an account, every amount as in the undisturbed run, the books in balance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from billing.models import Bill, BillRun
from billing.tasks import queue_chunks, send_chunks
from config.celery import app
from simulation.services.founding import Founded
from tests.faults.conftest import (
    BILLER,
    KILLED,
    PATIENCE,
    QUEUED_BILLER,
    WORKER,
    Start,
    assert_as_undisturbed,
    bill,
    kill,
    wait_for,
)

FAILPOINTS = [
    "billing.run.opened",
    "billing.chunk.started",
    "billing.chunk.looked",
    "billing.chunk.bills_written",
    "billing.chunk.lines_written",
    "billing.chunk.items_written",
    "billing.chunk.posted",
    "billing.chunk.before_commit",
    "billing.chunk.committed",
    "billing.run.before_close",
    "billing.run.closed",
]


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_biller_killed_at_a_failpoint_is_taken_over(founded: Founded, start: Start, failpoint: str) -> None:
    expected = bill(founded.community, dry_run=True)
    hit = "" if failpoint.startswith("billing.run") else "@3"

    process = start("-c", BILLER, FAILPOINTS=f"{failpoint}=exit{hit}")

    assert process.wait(timeout=PATIENCE) == KILLED
    assert_as_undisturbed(founded, expected)


def test_database_connection_killed_in_the_middle(founded: Founded, start: Start) -> None:
    expected = bill(founded.community, dry_run=True)
    process = start("-c", BILLER, FAILPOINTS="billing.chunk.before_commit=sleep:30@3")
    wait_for(lambda: Bill.objects.count() > 0)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    kill(process)

    assert_as_undisturbed(founded, expected)


def test_worker_killed_with_the_run_half_done(founded: Founded, start: Start) -> None:
    expected = bill(founded.community, dry_run=True)
    worker = start(*WORKER, FAILPOINTS="billing.chunk.before_commit=exit@2")

    outcome = bill(founded.community, biller=queue_chunks)

    kill(worker)
    assert outcome.total == expected.total
    assert_as_undisturbed(founded, expected)


def test_broker_that_lost_its_queue_only_delays(founded: Founded) -> None:
    expected = bill(founded.community, dry_run=True)

    def lose_the_queue(run: BillRun, _watch: Any) -> None:
        assert send_chunks(run.pk) > 1
        assert app.control.purge() > 1

    bill(founded.community, biller=lose_the_queue)

    assert not Bill.objects.exists()
    assert_as_undisturbed(founded, expected)


def test_broker_that_is_away_only_delays(founded: Founded, start: Start, tmp_path: Path) -> None:
    expected = bill(founded.community, dry_run=True)

    biller = start("-c", QUEUED_BILLER, REDIS_URL=f"unix://{tmp_path}/nobody.sock")

    assert biller.wait(timeout=PATIENCE) == 0
    assert_as_undisturbed(founded, expected)


def test_night_killed_before_it_was_done_is_finished_by_the_next(founded: Founded, start: Start) -> None:
    expected = bill(founded.community, dry_run=True)
    night = ("manage.py", "nightly", "--date", "2026-10-01", "--json")

    killed = start(*night, FAILPOINTS="night.before_done=exit")
    assert killed.wait(timeout=PATIENCE) == KILLED
    again = start(*night)
    assert again.wait(timeout=PATIENCE) == 0

    assert Bill.objects.count() == expected.bills_created
    assert_as_undisturbed(founded, expected)


def test_two_beats_on_one_night_have_one_effect(founded: Founded, start: Start) -> None:
    expected = bill(founded.community, dry_run=True)
    beats = [start("manage.py", "nightly", "--date", "2026-10-01", "--json") for _ in range(2)]
    for beat in beats:
        beat.wait(timeout=PATIENCE)

    assert Bill.objects.count() == expected.bills_created
    assert_as_undisturbed(founded, expected)
