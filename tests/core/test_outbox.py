"""Events reach their subscribers at least once, whatever dies on the way."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from core import events
from core.events import PublishedOutsideTransaction, publish, subscribe
from core.models import EventDelivery, OutboxEvent
from core.outbox import (
    MOST_ATTEMPTS,
    RUN_LEASE,
    SEND_LEASE,
    WAITS,
    NotDeadError,
    deliver,
    drain_outbox,
    relay_outbox,
    replay_delivery,
)
from tests.races import all_at_once, crowding_at, meeting_at

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
State = EventDelivery.State


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a registry of its own."""
    monkeypatch.setattr(events, "_subscribers", type(events._subscribers)(dict))


HEARD: list[int] = []


def hear(*, bill_id: int) -> None:
    HEARD.append(bill_id)


@pytest.fixture
def heard() -> list[int]:
    """The bills a subscriber heard of, in order."""
    HEARD.clear()
    subscribe("test.paid")(hear)
    return HEARD


@pytest.fixture
def poison() -> list[int]:
    """A subscriber that always fails, and how often it was called."""
    calls: list[int] = []

    @subscribe("test.paid")
    def choke(*, bill_id: int) -> None:
        calls.append(bill_id)
        raise ValueError("this bill is poison")

    return calls


def pay(bill_id: int = 1) -> OutboxEvent:
    with transaction.atomic():
        return publish("test.paid", bill_id=bill_id)


def relay(now: datetime = NOW) -> list[int]:
    sent: list[int] = []
    relay_outbox(now=now, send=sent.append)
    return sent


@pytest.mark.django_db(transaction=True)
class TestPublish:
    def test_outside_a_transaction_is_refused(self) -> None:
        with pytest.raises(PublishedOutsideTransaction):
            publish("test.paid", bill_id=1)

    def test_a_rolled_back_deed_is_never_told(self, heard: list[int]) -> None:
        with transaction.atomic():
            publish("test.paid", bill_id=1)
            transaction.set_rollback(True)
        assert drain_outbox(now=NOW) == 0
        assert heard == []

    def test_dates_become_iso_text(self) -> None:
        with transaction.atomic():
            event = publish("test.closed", day=date(2026, 9, 1))
        assert OutboxEvent.objects.get(pk=event.pk).payload == {"day": "2026-09-01"}


@pytest.mark.django_db
class TestRelay:
    def test_makes_one_delivery_for_each_subscriber(self, heard: list[int]) -> None:
        @subscribe("test.paid")
        def also(*, bill_id: int) -> None: ...

        pay()
        assert len(relay()) == 2
        assert relay() == []
        assert EventDelivery.objects.count() == 2

    def test_an_event_nobody_listens_to_is_done_with(self) -> None:
        pay()
        assert relay() == []
        assert OutboxEvent.objects.get().relayed_at == NOW

    def test_what_was_sent_but_never_started_is_sent_again_after_the_lease(self, heard: list[int]) -> None:
        pay()
        sent = relay()
        assert relay(NOW + SEND_LEASE - timedelta(seconds=1)) == []
        assert relay(NOW + SEND_LEASE) == sent

    def test_a_broken_broker_loses_nothing(self, heard: list[int]) -> None:
        def refuse(delivery_id: int) -> None:
            raise ConnectionError("Valkey is down")

        pay()
        with pytest.raises(ConnectionError):
            relay_outbox(now=NOW, send=refuse)
        drain_outbox(now=NOW + SEND_LEASE)
        assert heard == [1]

    def test_takes_no_more_than_its_limit(self, heard: list[int]) -> None:
        for bill_id in range(5):
            pay(bill_id)
        sent: list[int] = []
        assert [relay_outbox(now=NOW, send=sent.append, limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert len(set(sent)) == 5


@pytest.mark.django_db
class TestDeliver:
    def test_calls_the_subscriber_with_the_payload(self, heard: list[int]) -> None:
        pay(42)
        assert drain_outbox(now=NOW) == 1
        assert heard == [42]
        assert EventDelivery.objects.values_list("state", "attempts", "done_at").get() == (State.DONE, 1, NOW)

    def test_a_second_task_for_the_same_delivery_does_nothing(self, heard: list[int]) -> None:
        pay()
        (delivery_id,) = relay()
        assert deliver(delivery_id, now=NOW) == State.DONE
        assert deliver(delivery_id, now=NOW) is None
        assert heard == [1]

    def test_news_of_a_subscriber_is_delivered_too(self, heard: list[int]) -> None:
        @subscribe("test.first")
        def pass_on(*, bill_id: int) -> None:
            pay(bill_id)

        with transaction.atomic():
            publish("test.first", bill_id=7)
        assert drain_outbox(now=NOW) == 2
        assert heard == [7]

    def test_one_failing_subscriber_does_not_stop_the_other(
        self, poison: list[int], heard: list[int]
    ) -> None:
        pay()
        drain_outbox(now=NOW)
        assert (poison, heard) == ([1], [1])

    def test_a_subscriber_that_is_gone_is_a_failure_people_see(self, heard: list[int]) -> None:
        pay()
        (delivery_id,) = relay()
        events._subscribers["test.paid"].clear()
        assert deliver(delivery_id, now=NOW) == State.PENDING
        assert "does not listen" in EventDelivery.objects.get().last_error


@pytest.mark.django_db
class TestPoison:
    def test_is_tried_five_times_with_growing_waits_and_then_given_up(self, poison: list[int]) -> None:
        pay()
        now = NOW
        for wait in WAITS:
            drain_outbox(now=now)
            assert EventDelivery.objects.values_list("state", "next_try_at").get() == (
                State.PENDING,
                now + wait,
            )
            drain_outbox(now=now + wait - timedelta(seconds=1))
            now += wait
        drain_outbox(now=now)
        drain_outbox(now=LATER)
        assert len(poison) == MOST_ATTEMPTS
        delivery = EventDelivery.objects.get()
        assert delivery.state == State.DEAD
        assert "this bill is poison" in delivery.last_error

    def test_a_replayed_delivery_gets_five_new_tries(self, poison: list[int]) -> None:
        pay()
        EventDelivery.objects.filter(id__in=relay()).update(state=State.DEAD, attempts=MOST_ATTEMPTS)
        replay_delivery(EventDelivery.objects.get().pk, now=NOW)
        drain_outbox(now=NOW)
        assert EventDelivery.objects.values_list("state", "attempts").get() == (State.PENDING, 1)

    def test_only_the_dead_are_replayed(self, heard: list[int]) -> None:
        pay()
        drain_outbox(now=NOW)
        with pytest.raises(NotDeadError):
            replay_delivery(EventDelivery.objects.get().pk, now=NOW)
        assert heard == [1]


KILLED_CHILD = """
import sys, django
django.setup()
from core.events import subscribe
from core.outbox import deliver, relay_outbox
from tests.core.test_outbox import NOW, hear

subscribe("test.paid")(hear)
if sys.argv[1] == "relay":
    relay_outbox(now=NOW, send=print)
else:
    deliver(int(sys.argv[2]), now=NOW, worker=sys.argv[1])
"""


def die(failpoint: str, *arguments: str) -> None:
    """Run the relay, or one delivery, in a process that is killed at the failpoint."""
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    surroundings = {**os.environ, "DATABASE_URL": url, "FAILPOINTS": f"{failpoint}=exit"}
    surroundings["DJANGO_SETTINGS_MODULE"] = "config.settings"
    child = subprocess.run([sys.executable, "-c", KILLED_CHILD, *arguments], env=surroundings, check=False)
    assert child.returncode == 137


@pytest.mark.django_db(transaction=True)
class TestDeath:
    """Processes that end as kill -9 ends them."""

    @pytest.mark.parametrize("failpoint", ["outbox.relay.before_commit", "outbox.relay.before_send"])
    def test_a_relay_that_dies_loses_no_event(self, heard: list[int], failpoint: str) -> None:
        pay()
        die(failpoint, "relay")
        for _ in range(100):  # the database lets go of a dead process's rows a moment after its death
            if drain_outbox(now=NOW + SEND_LEASE):
                break
            time.sleep(0.05)
        assert heard == [1]

    def test_a_worker_that_dies_is_replaced_when_its_lease_ends(self, heard: list[int]) -> None:
        pay()
        (delivery_id,) = relay()
        die("outbox.deliver.before_call", "task-1", str(delivery_id))
        assert deliver(delivery_id, now=NOW, worker="task-2") is None
        assert drain_outbox(now=NOW + RUN_LEASE) == 1
        assert heard == [1]

    def test_the_task_of_a_dead_worker_is_renewed_at_once(self, heard: list[int]) -> None:
        pay()
        (delivery_id,) = relay()
        die("outbox.deliver.before_done", "task-1", str(delivery_id))
        assert deliver(delivery_id, now=NOW, worker="task-1") == State.DONE
        assert heard == [1]

    def test_poison_that_kills_its_worker_is_given_up_after_five_deaths(self, heard: list[int]) -> None:
        pay()
        (delivery_id,) = relay()
        die("outbox.deliver.before_call", "task-1", str(delivery_id))
        EventDelivery.objects.update(attempts=MOST_ATTEMPTS)  # four more deaths of the same kind
        assert drain_outbox(now=NOW + RUN_LEASE) == 1
        assert EventDelivery.objects.get().state == State.DEAD
        assert heard == []


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_relays_send_each_delivery_once(
        self, heard: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for bill_id in range(40):
            pay(bill_id)
        sent: list[int] = []
        with crowding_at(monkeypatch, "outbox.relay.before_commit", 4):
            all_at_once(*[partial(relay_outbox, now=NOW, send=sent.append, limit=15)] * 4)
        relay_outbox(now=NOW, send=sent.append)
        assert sorted(sent) == sorted(EventDelivery.objects.values_list("id", flat=True))
        assert len(sent) == 40

    def test_two_workers_run_a_delivery_once(self, heard: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        pay()
        (delivery_id,) = relay()
        with crowding_at(monkeypatch, "outbox.deliver.before_call", 4):
            all_at_once(*[partial(deliver, delivery_id, now=NOW)] * 4)
        assert heard == [1]

    def test_without_the_claim_it_would_run_twice(
        self, heard: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The twin with the protection off: a claim that reads and then writes."""

        def read_then_take(delivery_id: int, *, now: datetime, worker: str) -> EventDelivery | None:
            delivery = EventDelivery.objects.select_related("event").get(id=delivery_id)
            return delivery if delivery.state == State.PENDING else None

        monkeypatch.setattr("core.outbox._claim", read_then_take)
        pay()
        (delivery_id,) = relay()
        with meeting_at(monkeypatch, "outbox.deliver.before_call", 4):
            all_at_once(*[partial(deliver, delivery_id, now=NOW)] * 4)
        assert heard == [1, 1, 1, 1]
