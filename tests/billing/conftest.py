"""One community with open books, one account."""

import pytest

from billing.models import ChargeAccount
from estates.models import Community
from tests.billing.factories import make_account, make_community


@pytest.fixture
def community(db: None) -> Community:
    return make_community()


@pytest.fixture
def account(community: Community) -> ChargeAccount:
    return make_account(community)
