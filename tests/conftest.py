"""What every test may rely on: its servers run, the books balance after it, nothing is left in the cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config.local_servers import Servers
from core.invariants import check_all
from core.triggers import ALLOW_TRUNCATE, FORBID_TRUNCATE

# No test asserts on wall time, and a green run stays green: `pytest --hypothesis-profile wide` looks elsewhere.
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("house", derandomize=True, **UNHURRIED)
hypothesis_settings.register_profile("wide", **UNHURRIED)
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    servers: Servers, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """The servers run before pytest-django creates the test database."""


@pytest.fixture(scope="session", autouse=True)
def dropped_in_any_case() -> Iterator[None]:
    """The test database goes in the end, even when a browser's last request still holds a connection to it."""

    def drop(creation: Any, name: str, verbosity: int) -> None:
        creation.connection.close_pool()
        with creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "_destroy_test_db", drop)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_between_tests() -> Iterator[None]:
    """The flush after a transactional test may empty append-only tables; nothing else may (P-01, P-02)."""
    original = DatabaseOperations.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        return [ALLOW_TRUNCATE, *original(*args, **kwargs), FORBID_TRUNCATE]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def books_in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that used the database, every registered invariant must hold.

    A test that breaks the books on purpose says so: `@pytest.mark.broken_books("why")`.
    """
    if not uses_database(request):
        yield
        return
    request.getfixturevalue("db")  # so that this fixture ends before the database is rolled back
    yield
    cache.clear()
    if not request.node.get_closest_marker("broken_books") and not connection.needs_rollback:
        assert check_all() == []


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test alone for what is uploaded and printed."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def uses_database(request: pytest.FixtureRequest) -> bool:
    """Whether pytest-django gives this test a database."""
    asked = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    return bool(asked) or request.node.get_closest_marker("django_db") is not None
