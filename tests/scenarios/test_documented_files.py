"""The example files of docs/import-formats.md come in as they are shown: every row, and a second time nothing."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from billing.services.changes import import_changes
from billing.services.opening import import_opening
from billing.services.tariffs import import_tariffs
from core.tables.reader import open_bytes
from estates.models import Community
from estates.services.communities import create_community
from estates.services.meter_register import import_meters
from estates.services.readings import import_readings
from estates.services.roster import import_roster
from tests.staff import hire
from users.roles import Role

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import-formats.md"
EXAMPLE = re.compile(r"^```csv (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 9, 1)
EXAMPLES = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))

Importer = Callable[..., Any]


@pytest.fixture
def importers(db: None) -> dict[str, Importer]:
    """For the first word of an example's name: the import that takes it, into one community."""
    community = create_community(code="garden", name="花园里", by=None)
    manager = hire(Role.MANAGER, community, "jingli")

    def bound(service: Importer, **facts: Any) -> Importer:
        return lambda file: service(community=community, file=file, **{"by": None, **facts})

    opening = bound(import_opening, as_of=AS_OF, now=NOW)
    return {
        "roster": bound(import_roster, today=TODAY, now=NOW),
        "meters": bound(import_meters, today=TODAY, now=NOW),
        "readings": bound(import_readings, today=TODAY),
        "tariffs": bound(import_tariffs),
        "receivable": opening,
        "arrears": opening,
        "history": opening,
        "changes": bound(import_changes, approved_by=manager, by="qiantai", now=NOW),
    }


def test_every_import_has_an_example(importers: dict[str, Importer]) -> None:
    assert {name.partition(".")[0].partition("-")[0] for name, _ in EXAMPLES} == set(importers)


def test_examples_come_in_whole_and_once(importers: dict[str, Importer]) -> None:
    for name, text in EXAMPLES:
        take = importers[name.partition(".")[0].partition("-")[0]]
        rows = text.count("\n") - 1
        first = take(open_bytes(text.encode(), name)).as_dict()
        assert (name, first["rejected"], [found for found in first["problems"] if found["blocks"]]) == (
            name,
            0,
            [],
        )
        assert (name, first["created"] >= rows) == (name, True)
        again = take(open_bytes(text.encode(), name)).as_dict()
        assert (name, again["created"], again.get("updated", 0), again["rejected"]) == (name, 0, 0, 0)
    assert Community.objects.get(code="garden").units.count() == 4
