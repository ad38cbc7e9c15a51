"""A community, and rosters written on the spot."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from core.tables.reader import OpenedFile, open_bytes
from estates.models import Community, Company
from estates.services.roster import RosterOutcome, import_roster
from tests.core.workbooks import Rows, write_csv

TODAY = date(2026, 9, 1)
NOW = datetime(2026, 9, 1, 2, tzinfo=UTC)

Import = Callable[..., RosterOutcome]


def csv_file(rows: Rows, name: str = "名册.csv") -> OpenedFile:
    """Return rows as an opened text file."""
    return open_bytes(write_csv(rows), name)


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="暖邻物业")


@pytest.fixture
def community(company: Company) -> Community:
    return Community.objects.create(company=company, code="yunshan", name="云杉苑")


@pytest.fixture
def take_in(community: Community) -> Import:
    """Import rows, or a file, into the community."""

    def take(source: Rows | OpenedFile, into: Community | None = None) -> RosterOutcome:
        file = source if isinstance(source, OpenedFile) else csv_file(source)
        return import_roster(community=into or community, file=file, by=None, today=TODAY, now=NOW)

    return take
