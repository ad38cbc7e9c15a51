"""One community with open books, one account; and who looks at a village in a browser."""

import pytest
from django.test import Client

from billing.models import ChargeAccount
from estates.models import Community
from tests.billing.factories import make_account, make_community
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role


@pytest.fixture
def community(db: None) -> Community:
    return make_community()


@pytest.fixture
def account(community: Community) -> ChargeAccount:
    return make_account(community)


@pytest.fixture
def manager(village: Village) -> Client:
    """The manager of the village that the test is about."""
    return member(Role.MANAGER, village.community)


@pytest.fixture
def stranger(db: None) -> Client:
    """The head of another company."""
    return member(Role.COMPANY_ADMIN, Village("elsewhere").community, "stranger")
