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

PATIENCE = 120
"""Seconds to wait for those who are sure to come, on a machine that does many things at once."""
KEPT_OUT = 2
"""Seconds after which whoever has not come is taken to be kept out. No result may hang on it."""


def all_at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment, each on its own connection; return results, or what was raised."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=PATIENCE)
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

    All of them must be sure to come. Raises BrokenBarrierError, in each of them, when one never does.
    """
    met = Barrier(count)
    with stopping_at(monkeypatch, place, lambda: met.wait(timeout=PATIENCE)):
        yield


@contextmanager
def crowding_at(monkeypatch: pytest.MonkeyPatch, place: str, count: int) -> Iterator[None]:
    """Give others a while to come to a failpoint too, where a lock should keep them out.

    Whoever is there first goes on after KEPT_OUT seconds, and all who come later pass at once: with the lock the
    result is the same whoever comes when.
    """
    met = Barrier(count)

    def wait_a_while() -> None:
        with suppress(BrokenBarrierError):
            met.wait(timeout=KEPT_OUT)

    with stopping_at(monkeypatch, place, wait_a_while):
        yield


@contextmanager
def stopping_at(monkeypatch: pytest.MonkeyPatch, place: str, stop: Callable[[], object]) -> Iterator[None]:
    """Let everybody who passes a failpoint do something there."""

    def pass_by(name: str) -> None:
        if name == place:
            stop()

    with monkeypatch.context() as patch:
        patch.setenv("FAILPOINTS", f"{place}=meet")
        patch.setattr(failpoints, "_break_at", pass_by)
        yield


@contextmanager
def no_locks(monkeypatch: pytest.MonkeyPatch, place: str, count: int = 2) -> Iterator[None]:
    """Take row locks away, and let everybody look before anybody goes on from a failpoint.

    The failpoint must lie between the look and the first write: a unique key would keep the second one from a later
    place until the first has committed.
    """
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
