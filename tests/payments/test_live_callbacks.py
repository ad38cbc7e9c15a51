"""Show 8: callbacks against the running product, in crowds, and through deaths at every step."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from core.failpoints import KILLED
from core.models import OutboxEvent
from ledger.models import JournalEntry
from payments.models import GatewayNotice, Intent, NoticeState, Receipt
from payments.services.intents import create_intent
from payments.services.notices import receive_notice
from tests.payments.gateways.platforms import Platform, Vector
from tests.payments.gateways.program import Sandbox
from tests.payments.web import post_all, running_web
from tests.payments.world import World, make_world

COPIES, AT_ONCE = 100, 20

FAILPOINTS = (
    "payments.notice.stored",
    "payments.notice.verified",
    "payments.settle.locked",
    "payments.book.decided",
    "payments.book.written",
    "payments.book.allocated",
    "payments.book.posted",
    "payments.notice.settled",
    "payments.notice.applied",
)


@pytest.fixture(scope="module")
def secrets(sandbox: Sandbox) -> dict[str, str]:
    """The merchants' keys, as a process finds them in its environment."""
    return {
        f"MERCHANT_TOWN_{name.upper()}": json.dumps(asdict(sandbox.config(name)))
        for name in ("wechat", "alipay")
    }


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: Any, secrets: dict[str, str]) -> Iterator[str]:
    """The running product: two processes of ten threads."""
    with django_db_blocker.unblock(), running_web(workers=2, env=secrets) as address:
        yield address


@pytest.fixture
def town(
    transactional_db: None, sandbox: Sandbox, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> World:
    """The community in a database other processes see."""
    world = make_world("town")
    for merchant in (world.wechat, world.alipay):
        config = sandbox.config(merchant.gateway)
        merchant.merchant_id, merchant.app_id = config.merchant_id, config.app_id
        merchant.save()
    for name, secret in secrets.items():
        monkeypatch.setenv(name, secret)
    return world


def order(town: World, gateway: str) -> Intent:
    (line,) = town.bill(town.accounts[0], "309.45")
    return create_intent(wanted={line.pk: None}, gateway=gateway, now=timezone.now())


def sign(platform: Platform, intent: Intent) -> Vector:
    return platform.payment(
        intent.merchant.gateway, number=intent.number, amount=30945, sent_at=timezone.now()
    )


def address(web: str, intent: Intent) -> str:
    return f"{web}/payments/notices/{intent.merchant.gateway}/{intent.merchant.slug}/"


@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
def test_a_hundred_copies_of_one_callback_are_one_payment(
    town: World, platform: Platform, web: str, gateway: str
) -> None:
    """P-12: 20 at a time over two processes; one receipt, one entry, one piece of news, 100 times success."""
    intent = order(town, gateway)
    vector = sign(platform, intent)
    answers = post_all(address(web, intent), vector.headers, vector.body, copies=COPIES, at_once=AT_ONCE)
    assert [status for status, _ in answers] == [200] * COPIES
    assert Receipt.objects.get().amount == Decimal("309.45")
    assert JournalEntry.objects.filter(kind="receipt").count() == 1
    assert OutboxEvent.objects.filter(name="payments.received").count() == 1
    states = list(GatewayNotice.objects.values_list("state", flat=True))
    assert (len(states), states.count(NoticeState.APPLIED), states.count(NoticeState.COPY)) == (100, 1, 99)
    assert town.open_amounts() == []


def test_without_its_lock_the_crowd_breaks_in(town: World, platform: Platform) -> None:
    """The red twin: no row locks, a pause between look and write. The database still keeps one receipt, but
    callers get errors for a payment that was made.
    """
    intent = order(town, "wechat")
    vector = sign(platform, intent)
    slow = {"FAILPOINTS": "payments.settle.locked=sleep:2"}
    with running_web(
        workers=2, application="tests.payments.unlocked_wsgi:make_application()", env=slow
    ) as unlocked:
        answers = post_all(address(unlocked, intent), vector.headers, vector.body, copies=20, at_once=AT_ONCE)
    assert [status for status, _ in answers] != [200] * 20
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("name", FAILPOINTS)
@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
def test_a_death_at_any_step_loses_nothing(
    town: World, platform: Platform, web: str, gateway: str, name: str
) -> None:
    """P-11: the process dies as by kill -9; the platform repeats itself to a healthy one."""
    intent = order(town, gateway)
    vector = sign(platform, intent)

    assert die_receiving(intent, vector, name) == KILLED
    assert GatewayNotice.objects.count() == 1
    again = post_all(address(web, intent), vector.headers, vector.body, copies=2, at_once=2)

    assert [status for status, _ in again] == [200, 200]
    assert Receipt.objects.count() == 1
    assert town.open_amounts() == []


def die_receiving(intent: Intent, vector: Vector, name: str) -> int:
    """Take the callback in a child process that dies at a failpoint; return its exit code."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    os.environ["FAILPOINTS"] = f"{name}=exit"
    connection.connection = None  # the parent's; the child opens its own
    receive_notice(merchant=intent.merchant, headers=vector.headers, body=vector.body, now=timezone.now())
    os._exit(0)


def test_callback_door_says_nothing_to_strangers(town: World, web: str) -> None:
    door = address(web, order(town, "wechat"))
    assert requests.get(door, timeout=60).status_code == 405
    assert requests.post(door + "x", timeout=60).status_code == 404
    assert requests.post(f"{web}/payments/notices/wechat/no-such-slug/", timeout=60).status_code == 404
    assert requests.post(door, data=b"0" * 70_000, timeout=60).status_code == 413
    assert requests.post(door, data=b"{}", timeout=60).status_code == 400
    assert not Receipt.objects.exists()
