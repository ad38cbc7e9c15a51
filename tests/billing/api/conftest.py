"""A village on 5 November 2026, the people at its desks, and somebody of another company."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)


@pytest.fixture
def noon() -> Iterator[None]:
    """It is 10:00 in Beijing on 5 November 2026, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def village(noon: None) -> Village:
    """Two units that pay 3.00 a square metre a month."""
    village = Village()
    village.unit("8-301", "100")
    village.unit("8-302", "120")
    village.tariff(village.fee("物业费"), "area", "3.00")
    return village


@pytest.fixture
def cashier(village: Village) -> Client:
    return member(Role.CASHIER, village.community, "shouyin")


@pytest.fixture
def manager(village: Village) -> Client:
    return member(Role.MANAGER, village.community, "jingli")


@pytest.fixture
def finance(village: Village) -> Client:
    return member(Role.FINANCE, village.community, "caiwu")


@pytest.fixture
def stranger(village: Village) -> Client:
    """An administrator of another company, who may do everything there."""
    return member(Role.COMPANY_ADMIN, Village("elsewhere").community, "stranger")
