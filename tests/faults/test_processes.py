"""What stands around a run of bills is killed while it is billed: the broker, the relay, the beat (P-04, P-40)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from billing.models import Bill, BillRun
from core.models import EventDelivery, JobRun, OutboxEvent
from core.outbox import SEND_LEASE, drain_outbox
from messaging.models import OutboundMessage
from simulation.services.founding import Founded
from tests.faults.conftest import (
    BEAT,
    BILLER,
    KILLED,
    PATIENCE,
    QUEUED_BILLER,
    WORKER,
    Broker,
    Start,
    assert_as_undisturbed,
    bill,
    kill,
    wait_for,
)


@pytest.mark.parametrize("forgets", [False, True], ids=["keeps its queue", "loses its queue"])
def test_valkey_killed_with_the_run_half_done(
    founded: Founded, start: Start, broker: Broker, forgets: bool
) -> None:
    expected = bill(founded.community, dry_run=True)
    worker = start(*WORKER, REDIS_URL=broker.url, FAILPOINTS="billing.chunk.before_commit=sleep:15@2")
    biller = start("-c", QUEUED_BILLER, REDIS_URL=broker.url)
    wait_for(Bill.objects.exists)

    broker.kill()
    assert Bill.objects.count() < expected.bills_created
    if forgets:
        broker.forget()
    broker.start()

    assert biller.wait(timeout=PATIENCE) == 0
    assert worker.poll() is None
    assert_as_undisturbed(founded, expected)


@pytest.mark.parametrize("failpoint", ["outbox.relay.before_commit", "outbox.relay.before_send"])
def test_relay_killed_with_the_news_of_bills_in_hand(
    founded: Founded, start: Start, broker: Broker, failpoint: str
) -> None:
    expected = bill(founded.community, dry_run=True)
    biller = start("-c", BILLER, FAILPOINTS="billing.chunk.before_commit=sleep:1")
    wait_for(OutboxEvent.objects.filter(name="billing.bills_issued").exists)

    relay = start("manage.py", "relay", REDIS_URL=broker.url, FAILPOINTS=f"{failpoint}=exit")

    assert relay.wait(timeout=PATIENCE) == KILLED
    assert biller.wait(timeout=PATIENCE) == 0
    assert_as_undisturbed(founded, expected)
    assert_told_once()


def assert_told_once() -> None:
    """Once the lease of what the dead relay held is over, every payer of a bill has one notice of it."""
    drain_outbox(now=timezone.now() + SEND_LEASE + timedelta(seconds=1))
    assert not OutboxEvent.objects.filter(relayed_at=None).exists()
    assert set(EventDelivery.objects.values_list("state", flat=True)) == {EventDelivery.State.DONE}
    told = [bill for message in OutboundMessage.objects.all() for bill in message.subjects["bills"]]
    assert sorted(told) == sorted(Bill.objects.values_list("pk", flat=True))


def test_beat_killed_while_its_night_is_billed(founded: Founded, start: Start, broker: Broker) -> None:
    expected = bill(founded.community, dry_run=True)
    every_second = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(
        name="the first night",
        task="core.tasks.open_night",
        interval=every_second,
        args=json.dumps(["2026-10-01"]),
    )
    worker = start(*WORKER, REDIS_URL=broker.url, FAILPOINTS="billing.chunk.before_commit=sleep:15@1")
    first_beat = start(*BEAT, REDIS_URL=broker.url)
    wait_for(BillRun.objects.exists)

    kill(first_beat)
    assert not Bill.objects.exists()
    second_beat = start(*BEAT, REDIS_URL=broker.url)
    wait_for(JobRun.objects.filter(job="billing.runs", state=JobRun.State.DONE).exists)
    kill(second_beat)
    kill(worker)

    assert Bill.objects.count() == expected.bills_created
    assert_as_undisturbed(founded, expected)
