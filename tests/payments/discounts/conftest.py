"""Rules of discounts in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.models import DiscountKind
from payments.models import Receipt
from tests.billing.discounts import make_rule, twelve_and_one
from tests.payments.discounts.deeds import bill, pay, prepay
from tests.payments.world import World, make_world


@pytest.fixture
def year(world: World) -> Receipt:
    """100.00 a month of property fee, and on 20 November, that month being paid, 1,200.00 for a year ahead."""
    twelve_and_one(world.community)
    bill(world)
    pay(world, "100.00", date(2026, 11, 5))
    return prepay(world, "1200.00")


@pytest.fixture
def two_percent(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, percent=Decimal("2.00"))


@pytest.fixture
def town(transactional_db: None) -> World:
    """The community in a database that others see."""
    return make_world("town")
