"""Two clerks import one roster at the same moment: it comes in once. Without the lock it would not."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db.models import QuerySet
from psycopg.errors import UniqueViolation

from estates.models import Community, Company, Person, Unit
from estates.services import roster as roster_service
from estates.services.roster import import_roster
from tests.estates.conftest import NOW, TODAY, csv_file
from tests.estates.test_services_roster import HEAD, row
from tests.races import KEPT_OUT, PATIENCE, all_at_once

CLERKS = 4


def import_at_once(community: Community, monkeypatch: pytest.MonkeyPatch, *, patience: float) -> list[Any]:
    """Let four clerks import; each waits so long for the others once it has looked. Return what they got."""
    file = csv_file([HEAD, row(), row(房号="302", 业主="李四", 手机="13800138001")])
    met = Barrier(CLERKS)
    get_register = roster_service.selectors.get_register

    def get_register_together(community: Community) -> Any:
        register = get_register(community)
        with suppress(BrokenBarrierError):  # the lock keeps the others out
            met.wait(timeout=patience)
        return register

    def write_in() -> int:
        done = import_roster(community=community, file=file, by=None, today=TODAY, now=NOW)
        return done.counts["created"]

    monkeypatch.setattr(roster_service.selectors, "get_register", get_register_together)
    return all_at_once(*[write_in] * CLERKS)


@pytest.fixture
def shared(transactional_db: None) -> Community:
    company = Company.objects.create(name="暖邻物业")
    return Community.objects.create(company=company, code="yunshan", name="云杉苑")


def test_imports_at_once_are_one(shared: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    results = import_at_once(shared, monkeypatch, patience=KEPT_OUT)
    assert sorted(results) == [0, 0, 0, 2]
    assert (Unit.objects.count(), Person.objects.count()) == (2, 2)


def test_imports_at_once_collide_without_the_lock(shared: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    results = import_at_once(shared, monkeypatch, patience=PATIENCE)
    assert any(isinstance(result, UniqueViolation) for result in results)
