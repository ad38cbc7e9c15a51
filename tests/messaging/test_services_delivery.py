"""Sending: once, at the right hour, only what is still right, and nothing lost in silence."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection

from core.failpoints import FailpointReached
from estates.models import Person
from messaging.channels.file import FileChannel
from messaging.channels.interface import ChannelError
from messaging.domain.verdict import Drop, Wait
from messaging.models import ContactPolicy, DeliveryFact, MessageTemplate, OutboundMessage
from messaging.services import deliver, replan_message
from tests.messaging.conftest import NOON
from users.models import User

TEN_AT_NIGHT = NOON.replace(hour=22)


def lines(outbox) -> list[dict]:
    return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []


def state_of(key: str) -> tuple[str, str]:
    return OutboundMessage.objects.values_list("state", "reason").get(dedupe_key=key)


def test_plan_messages_twice_is_one_row(plan):
    assert plan("bill:1") == 1
    assert plan("bill:1") == 0
    assert OutboundMessage.objects.count() == 1


def test_deliver_writes_the_words_of_that_moment(plan, outbox):
    plan("bill:1")

    assert deliver(now=NOON) == {"sent": 1}

    assert lines(outbox) == [
        {"key": "bill:1", "to": "13800001234", "subject": "Bill", "body": "309.45 {{ other }}"}
    ]
    assert state_of("bill:1") == ("sent", "")
    assert list(DeliveryFact.objects.values_list("state", "happened_at")) == [("sent", NOON)]


def test_deliver_twice_sends_once(plan, outbox):
    plan("bill:1")
    deliver(now=NOON)

    assert deliver(now=NOON + timedelta(hours=1)) == {}
    assert len(lines(outbox)) == 1


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON.replace(hour=8, minute=59), ("planned", "outside_hours")),
        (NOON.replace(hour=9, minute=0), ("sent", "")),
        (NOON.replace(hour=19, minute=59), ("sent", "")),
        (NOON.replace(hour=20, minute=0), ("planned", "outside_hours")),
        (TEN_AT_NIGHT, ("planned", "outside_hours")),
    ],
)
def test_deliver_keeps_the_hours(plan, moment, expected):
    plan("bill:1", at=NOON.replace(hour=0))
    deliver(now=moment)
    assert state_of("bill:1") == expected


def test_deliver_at_night_does_not_even_ask(plan, owner):
    plan("bill:1")
    deliver(now=TEN_AT_NIGHT)
    assert owner.asked == []


def test_deliver_no_policy_opens_the_night(plan, community):
    ContactPolicy.objects.create(community=community, opens="00:00", closes="23:59")
    plan("bill:1", at=NOON.replace(hour=0))
    deliver(now=NOON.replace(hour=7, minute=59))
    assert state_of("bill:1") == ("planned", "outside_hours")


def test_deliver_paid_a_second_before_is_dropped(plan, owner, outbox):
    plan("bill:1")
    owner.answer = Drop("paid")

    assert deliver(now=NOON) == {"dropped": 1}
    assert state_of("bill:1") == ("dropped", "paid")
    assert lines(outbox) == []


def test_deliver_waits_when_told_to(plan, owner):
    plan("bill:1")
    owner.answer = Wait(NOON + timedelta(days=2), "dispute_open")
    deliver(now=NOON)

    message = OutboundMessage.objects.get()
    assert (message.state, message.not_before) == ("planned", NOON + timedelta(days=2))


def test_deliver_second_reminder_of_a_day_waits_a_notice_does_not(plan):
    plan("reminder:1", kind="test.reminder")
    plan("reminder:2", kind="test.reminder")
    plan("notice:1")

    assert deliver(now=NOON) == {"sent": 2, "planned": 1}
    message = OutboundMessage.objects.get(state="planned")
    assert (message.reason, message.not_before) == (
        "contact_cap",
        NOON.replace(hour=0) + timedelta(days=1),
    )


def test_deliver_without_an_address_fails_with_that_reason(plan, community, outbox):
    stranger = Person.objects.create(company=community.company, name="王芳")
    plan("bill:1", to=stranger)
    plan("bill:2")

    assert deliver(now=NOON) == {"failed": 1, "sent": 1}
    assert state_of("bill:1") == ("failed", "no_address")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ChannelError("silence", unknown=True), "unknown"),
        (ChannelError("no such number", permanent=True), "failed"),
        (ChannelError("busy"), "planned"),
    ],
)
def test_deliver_after_an_error_of_the_provider(plan, monkeypatch, error, state):
    def refuse(self, letter):
        raise error

    monkeypatch.setattr(FileChannel, "send", refuse)
    plan("bill:1")
    deliver(now=NOON)
    assert state_of("bill:1") == (state, str(error))


def test_deliver_uses_the_communitys_own_words(plan, community, outbox):
    MessageTemplate.objects.create(
        community=community, kind="test.notice", subject="账单", body="一共 {{ amount }} 元"
    )
    plan("bill:1")
    deliver(now=NOON)
    assert lines(outbox)[0]["body"] == "一共 309.45 元"


def test_deliver_after_a_crash_never_sends_again(plan, outbox, monkeypatch):
    plan("bill:1")
    monkeypatch.setenv("FAILPOINTS", "messaging.deliver.sent=raise")
    with pytest.raises(FailpointReached):
        deliver(now=NOON)
    monkeypatch.delenv("FAILPOINTS")

    assert deliver(now=NOON + timedelta(minutes=11)) == {"unknown": 1}
    assert state_of("bill:1") == ("unknown", "sender_stopped")
    assert len(lines(outbox)) == 1


def test_replan_message_sends_a_failed_one_again(plan, community):
    by = User.objects.create(username="zhou")
    stranger = Person.objects.create(company=community.company, name="王芳")
    plan("bill:1", to=stranger)
    deliver(now=NOON)
    stranger.phone = "13900005678"
    stranger.save()

    replan_message(message_id=OutboundMessage.objects.get().pk, now=NOON, by=by)

    assert deliver(now=NOON) == {"sent": 1}


@pytest.mark.django_db(transaction=True)
def test_deliver_by_four_senders_at_once_sends_each_once(plan, outbox):
    for number in range(60):
        plan(f"notice:{number}")

    def send() -> None:
        deliver(now=NOON)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    keys = [line["key"] for line in lines(outbox)]
    assert sorted(keys) == sorted(f"notice:{number}" for number in range(60))


def test_deliver_asks_a_batch_in_a_fixed_number_of_queries(plan, django_assert_num_queries):
    for number in range(3):
        plan(f"notice:{number}")
    with django_assert_num_queries(17):
        deliver(now=NOON)
    plan("notice:last")
    with django_assert_num_queries(17):
        deliver(now=NOON)
