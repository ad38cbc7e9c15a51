"""The same key and the same request happen once (P-18).

P-18's full size is 10,000 cases:

    NUANLIN_PROOF_CASES=10000 .venv/bin/python -m pytest tests/payments/test_requests.py -k order
"""

from __future__ import annotations

import os
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import Channel, MoneyRequest, Receipt
from payments.services.booking import Incoming, book_receipt
from payments.services.requests import KeyMissingError, KeyReusedError, once
from tests.payments.world import NOW, World, make_world
from tests.races import all_at_once

CASES = int(os.environ.get("NUANLIN_PROOF_CASES", "60"))


def ask(world: World, key: str = "k1", body: bytes = b"{}", **changes: Any) -> dict[str, Any]:
    """Take one fen, once for the key."""

    def take() -> dict[str, Any]:
        money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("0.01"), NOW)
        return {"receipt": book_receipt(incoming=money, now=NOW).pk}

    asked: dict[str, Any] = {"asker": "user:1", "path": "/api/desk/receipts/", "deed": take}
    return once(key=key, body=body, now=NOW, **asked | changes)


def test_once_gives_the_second_request_the_first_ones_outcome(world: World) -> None:
    assert ask(world) == ask(world)
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("changes", [{"body": b'{"amount": "2"}'}, {"path": "/api/intents/"}])
def test_once_refuses_a_key_that_came_with_another_request(world: World, changes: dict[str, Any]) -> None:
    ask(world)
    with pytest.raises(KeyReusedError) as refused:
        ask(world, **changes)
    assert refused.value.status == 422
    assert Receipt.objects.count() == 1


def test_once_keeps_askers_apart(world: World) -> None:
    assert ask(world) != ask(world, asker="user:2")
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 81])
def test_once_wants_a_key(world: World, key: str) -> None:
    with pytest.raises(KeyMissingError):
        ask(world, key=key)


def test_once_leaves_the_key_free_when_the_deed_fails(world: World) -> None:
    def fail() -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(world, deed=fail)
    assert not MoneyRequest.objects.exists()
    ask(world)
    assert Receipt.objects.count() == 1


@settings(max_examples=CASES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([b"1", b"2"])), max_size=12))
def test_once_has_one_effect_a_key_whatever_the_order(
    world: World, requests: list[tuple[str, bytes]]
) -> None:
    first: dict[str, bytes] = {}
    before, run = Receipt.objects.count(), MoneyRequest.objects.count()
    for key, body in requests:
        expected = first.setdefault(key, body)
        if body == expected:
            ask(world, key=f"{run}{key}", body=body)
        else:
            with pytest.raises(KeyReusedError):
                ask(world, key=f"{run}{key}", body=body)
    assert Receipt.objects.count() - before == len(first)


def test_once_makes_the_second_of_two_at_the_same_moment_wait(transactional_db: None) -> None:
    world, inside = make_world("town"), Event()

    def slow() -> dict[str, Any]:
        inside.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
        money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("0.01"), NOW)
        return {"receipt": book_receipt(incoming=money, now=NOW).pk}

    first, second = all_at_once(lambda: ask(world, deed=slow), lambda: ask(world, deed=slow))
    assert inside.is_set()
    assert first == second
    assert Receipt.objects.count() == 1
