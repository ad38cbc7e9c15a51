"""What an owner reads of shared costs: all of the pool, the own part, and nobody else's."""

from __future__ import annotations

from datetime import date

from django.test import Client
from django.utils import timezone

from billing.models import Bill, BillRun, FeeItem, PoolResult, RunState, TariffVersion
from tests.payments.world import World
from tests.portal.conftest import route


def test_show_pools_tells_the_own_part_and_nobody_elses(
    owner: Client, world: World, bills: list[Bill]
) -> None:
    mine, other = world.accounts[0].unit, world.accounts[2].unit
    make_pool(world, {mine.pk: 3000, other.pk: 7000})
    page = owner.get(route("pools")).content.decode()
    assert "30.00" in page
    assert "100.00" in page
    assert "70.00" not in page
    paper = owner.get(route("pools-pdf", world.community.code), {"year": "2026"})
    assert paper.headers["Content-Type"] == "application/pdf"


def test_show_pools_of_another_community_or_an_odd_year_is_404(owner: Client, bills: list[Bill]) -> None:
    assert owner.get(route("pools-pdf", "elsewhere")).status_code == 404
    assert owner.get(route("pools"), {"year": "soon"}).status_code == 404


def make_pool(world: World, shares: dict[int, int]) -> PoolResult:
    """A pool of September in an issued run, with these shares in fen."""
    item = FeeItem.objects.create(
        community=world.community, code="pool-lift", name="公摊电费", cycle="month", timing="arrears"
    )
    version = TariffVersion.objects.create(fee_item=item, method="pool", price=1, start=date(2020, 1, 1))
    run = BillRun.objects.create(
        community=world.community,
        period_start=date(2026, 10, 1),
        period_end=date(2026, 11, 1),
        due_on=date(2026, 10, 20),
        opened_at=timezone.now(),
        state=RunState.ISSUED,
    )
    return PoolResult.objects.create(
        run=run,
        fee_item=item,
        applies_to="*",
        meter_code="P1",
        period_start=date(2026, 9, 1),
        period_end=date(2026, 10, 1),
        opening=0,
        closing=100,
        use=100,
        price=1,
        amount=100,
        whole=100,
        key="area",
        rule="area",
        percents=["100"],
        tariff_version=version,
        unit_ids=list(shares),
        weights=list(shares.values()),
        shares_fen=list(shares.values()),
    )
