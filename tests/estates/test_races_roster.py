"""Two clerks import one roster at the same moment: it comes in once. Without the lock it would not."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from psycopg.errors import UniqueViolation

from estates.models import Community, Company, Person, Unit
from estates.services import roster as roster_service
from estates.services.roster import import_roster
from tests.estates.conftest import NOW, TODAY, csv_file
from tests.estates.test_services_roster import HEAD, row

CLERKS = 4


def import_at_once(community: Community, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let four clerks import; each waits for the others where the plan begins. Return what they got."""
    file = csv_file([HEAD, row(), row(房号="302", 业主="李四", 手机="13800138001")])
    start, met = threading.Barrier(CLERKS), threading.Barrier(CLERKS)
    results: list[Any] = []
    get_register = roster_service.selectors.get_register

    def get_register_together(community: Community) -> Any:
        register = get_register(community)
        with suppress(threading.BrokenBarrierError):  # the lock keeps the others out
            met.wait(timeout=1)
        return register

    def clerk() -> None:
        start.wait()
        try:
            outcome = import_roster(community=community, file=file, by=None, today=TODAY, now=NOW)
            results.append(outcome.counts["created"])
        except UniqueViolation:
            results.append("collided")
        finally:
            connection.close()

    monkeypatch.setattr(roster_service.selectors, "get_register", get_register_together)
    threads = [threading.Thread(target=clerk) for _ in range(CLERKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def shared(transactional_db: None) -> Community:
    company = Company.objects.create(name="暖邻物业")
    return Community.objects.create(company=company, code="yunshan", name="云杉苑")


def test_imports_at_once_are_one(shared: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    results = import_at_once(shared, monkeypatch)
    assert sorted(results) == [0, 0, 0, 2]
    assert (Unit.objects.count(), Person.objects.count()) == (2, 2)


def test_imports_at_once_collide_without_the_lock(shared: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert "collided" in import_at_once(shared, monkeypatch)
