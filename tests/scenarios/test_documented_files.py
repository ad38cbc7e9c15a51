"""The example files of docs/import-formats.md come in as they are shown: every row, and a second time nothing."""

import pytest

from core.tables.reader import open_bytes
from estates.models import Community
from tests.scenarios.documented import NOW, importers, kind_of, list_examples, make_garden

pytestmark = pytest.mark.django_db


@pytest.fixture
def garden() -> Community:
    return make_garden()


def test_every_import_has_an_example(garden: Community) -> None:
    assert {kind_of(name) for name, _ in list_examples()} == set(importers(garden, NOW))


def test_examples_come_in_whole_and_once(garden: Community) -> None:
    take = importers(garden, NOW)
    for name, text in list_examples():
        first = take[kind_of(name)](open_bytes(text.encode(), name)).as_dict()
        assert (name, first["rejected"], first["problems"]) == (name, 0, [])
        assert (name, first["created"]) == (name, text.count("\n") - 1)
        again = take[kind_of(name)](open_bytes(text.encode(), name)).as_dict()
        assert (name, again["created"], again.get("updated", 0), again["rejected"]) == (name, 0, 0, 0)
    assert garden.units.count() == 4
