"""A company with open books and one community."""

import pytest

from estates.models import Community, Company
from ledger.services import open_books


@pytest.fixture
def community(db: None) -> Community:
    company = Company.objects.create(name="暖邻物业")
    open_books(company=company)
    return Community.objects.create(company=company, code="yunshan", name="云杉苑")
