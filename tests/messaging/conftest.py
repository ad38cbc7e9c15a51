"""A community with one reachable person, and a kind of message whose answer a test decides."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from estates.models import Community, Company, Person
from messaging import kinds
from messaging.channels import switchboard
from messaging.domain.verdict import Go, Verdict
from messaging.kinds import MessageKind, register_kind
from messaging.models import OutboundMessage
from messaging.services import MessagePlan, plan_messages

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class Owner:
    """Stands for the app above: answers ``Go`` unless the test says otherwise, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Verdict = Go({"amount": "309.45"})
        self.asked: list[str] = []

    def ask(self, messages: Sequence[OutboundMessage], now: datetime) -> Mapping[int, Verdict]:
        """Answer every message alike."""
        self.asked += [message.dedupe_key for message in messages]
        return {message.pk: self.answer for message in messages}


@pytest.fixture
def owner() -> Iterator[Owner]:
    """Two kinds owned by this test: ``test.notice`` and ``test.reminder``."""
    owner, before = Owner(), dict(kinds._KINDS)
    for name, is_reminder in (("test.notice", False), ("test.reminder", True)):
        kind = MessageKind(
            name, name, "Bill", "{{ amount }} {{ other }}", ("amount",), owner.ask, is_reminder=is_reminder
        )
        register_kind(kind)
    yield owner
    kinds._KINDS.clear()
    kinds._KINDS.update(before)


@pytest.fixture
def outbox(settings, tmp_path) -> Iterator[Path]:
    """The file channel in a folder of its own; yields its file."""
    settings.STATE_DIR = tmp_path
    settings.MESSAGE_CHANNELS = ["file"]
    switchboard.list_channels.cache_clear()
    yield tmp_path / "outbox" / "messages.jsonl"
    switchboard.list_channels.cache_clear()


@pytest.fixture
def person(db) -> Person:
    """Somebody with a phone."""
    company = Company.objects.create(name="暖邻物业")
    return Person.objects.create(company=company, name="李明", phone="13800001234")


@pytest.fixture
def community(person) -> Community:
    """The community the messages come from."""
    return Community.objects.create(company=person.company, code="ysy", name="云杉苑")


@pytest.fixture
def plan(community, person, owner, outbox):
    """Plan one message: ``plan("key", kind=…, at=…)``."""

    def plan_one(key: str, kind: str = "test.notice", at: datetime = NOON, to: Person = person) -> int:
        return plan_messages([MessagePlan(key, community.pk, to.pk, kind, {"bills": [1]}, at)])

    return plan_one
