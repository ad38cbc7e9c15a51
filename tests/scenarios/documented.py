"""The community of the example files in docs/import-formats.md, and the imports that take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from billing.services.changes import import_changes
from billing.services.opening import import_opening
from billing.services.tariffs import import_tariffs
from core.calendars import day_of
from core.tables.reader import OpenedFile, open_bytes
from estates.models import Community
from estates.services.communities import create_community
from estates.services.meter_register import import_meters
from estates.services.readings import import_readings
from estates.services.roster import import_roster
from tests.staff import hire
from users.models import User
from users.roles import Role

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import-formats.md"
EXAMPLE = re.compile(r"^```csv (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 9, 1)

Importer = Callable[[OpenedFile], Any]


def list_examples() -> list[tuple[str, str]]:
    """The example files in the order of the page: name and text."""
    return EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))


def kind_of(name: str) -> str:
    """The import an example is for: the first word of its name."""
    return re.split(r"[.-]", name)[0]


def importers(community: Community, now: datetime) -> dict[str, Importer]:
    """For each kind of file: the import that takes it into a community."""
    manager = User.objects.filter(username="agreed").first() or hire(Role.MANAGER, community, "agreed")

    def into(service: Callable[..., Any], **facts: Any) -> Importer:
        return lambda file: service(community=community, file=file, **{"by": None, **facts})

    opening = into(import_opening, as_of=AS_OF, now=now)
    return {
        "roster": into(import_roster, today=day_of(now), now=now),
        "meters": into(import_meters, today=day_of(now), now=now),
        "readings": into(import_readings, today=day_of(now)),
        "tariffs": into(import_tariffs),
        "receivable": opening,
        "arrears": opening,
        "history": opening,
        "changes": into(import_changes, approved_by=manager, by="qiantai", now=now),
    }


def make_garden() -> Community:
    """The community with nothing in it."""
    return create_community(code="garden", name="花园里", by=None)


def found_garden(*, now: datetime, but: Collection[str] = ()) -> Community:
    """The community with all example files in it, but for some kinds."""
    community = make_garden()
    take = importers(community, now)
    for name, text in list_examples():
        if kind_of(name) not in but:
            take[kind_of(name)](open_bytes(text.encode(), name))
    return community
