"""Races that do not hang on luck: everybody starts at once, and everybody has looked before anybody writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from core import failpoints

PATIENCE = 2.0


def all_at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment, each on its own connection; return results, or what was raised."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=120)
            return deed()
        except Exception as error:  # noqa: BLE001  the race's loser is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@contextmanager
def meeting_at(monkeypatch: pytest.MonkeyPatch, place: str, count: int) -> Iterator[None]:
    """Let those who pass a failpoint wait there for each other until ``count`` of them have come.

    Where something keeps the others out, whoever is inside goes on after PATIENCE seconds, and all who come
    later pass at once.
    """
    met = Barrier(count)

    def wait(name: str) -> None:
        if name == place:
            with suppress(BrokenBarrierError):
                met.wait(timeout=PATIENCE)

    with monkeypatch.context() as patch:
        patch.setenv("FAILPOINTS", f"{place}=meet")
        patch.setattr(failpoints, "_break_at", wait)
        yield


@contextmanager
def no_locks(monkeypatch: pytest.MonkeyPatch, place: str, count: int = 2) -> Iterator[None]:
    """Take row locks away, and let everybody look before anybody goes on from a failpoint."""
    with monkeypatch.context() as patch, meeting_at(monkeypatch, place, count):
        patch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows.all())
        yield


@contextmanager
def no_locks_and_between(
    monkeypatch: pytest.MonkeyPatch, place: str, deed: Callable[[], Any]
) -> Iterator[None]:
    """Take row locks away, and let somebody else do a deed, wholly, while the first to come is at a failpoint.

    What two threads would do if the second were quick enough, without a race: nobody waits for anybody's clock.
    """
    waiting = [deed]

    def let_pass(name: str) -> None:
        if name == place and waiting:
            (end,) = all_at_once(waiting.pop())
            if isinstance(end, Exception):
                raise end

    with monkeypatch.context() as patch:
        patch.setenv("FAILPOINTS", f"{place}=between")
        patch.setattr(failpoints, "_break_at", let_pass)
        patch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows.all())
        yield
