"""What every test may rely on: its servers run, the books balance after it, nothing is left in the cache."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from config.local_servers import Servers
from core.invariants import check_all


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    servers: Servers, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """The servers run before pytest-django creates the test database."""


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


def uses_database(request: pytest.FixtureRequest) -> bool:
    """Whether pytest-django gives this test a database."""
    asked = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    return bool(asked) or request.node.get_closest_marker("django_db") is not None
