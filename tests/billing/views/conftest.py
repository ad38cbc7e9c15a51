"""Three flats to be billed, and who looks at them in a browser."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.billing.village import Village
from tests.staff import member
from users.roles import Role


@pytest.fixture
def village() -> Village:
    """Two flats at 2.35, and one whose area nobody knows."""
    village = Village()
    village.unit("8-301", "89.56")
    village.unit("8-302", "120")
    village.unit("8-303", None)
    village.tariff(village.fee("物业费"), "area", "2.35")
    return village


@pytest.fixture
def manager(village: Village) -> Client:
    return member(Role.MANAGER, village.community)


@pytest.fixture
def stranger() -> Client:
    return member(Role.COMPANY_ADMIN, Village("elsewhere").community, "stranger")
