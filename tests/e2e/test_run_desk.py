"""A pool read wrongly is caught on the desk of the run, by its cause, before anybody gets a bill (issue 3, Show 6)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from billing.models import BillRun, RunSample
from billing.services.run import bill_period
from core.periods import Period
from estates.models import Reading
from tests.billing.village import Village
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_clerk, log_in

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 10, 1, 1, tzinfo=UTC)
MISREAD = date(2026, 10, 30)


@pytest.fixture
def run(transactional_db: None) -> BillRun:
    """Four flats; in October somebody read the lift's meter as 3,300 where it stood at 2,300."""
    hire_clerk()
    village = Village()
    property_fee, lift = village.fee("物业费", rank=1), village.fee("电梯电费", timing="arrears", rank=2)
    village.tariff(property_fee, "area", "2.35")
    village.tariff(lift, "pool", "0.80", formula={"pool_meter": "P1", "pool_key": "area"})
    for room, area in {"301": "100.24", "302": "89.56", "401": "100.24", "402": "89.56"}.items():
        village.unit(f"8-2-{room}", area)
    readings = {date(2026, 8, 31): "1700", date(2026, 9, 30): "2000", MISREAD: "3300"}
    village.meter("P1", readings, kind="electricity")
    bill(village, "2026-10", issue=True)
    return bill(village, "2026-11", issue=False)


def bill(village: Village, month: str, *, issue: bool) -> BillRun:
    outcome = bill_period(
        community=village.community, period=Period.month(month), now=NOW, by="测试", issue=issue
    )
    return BillRun.objects.get(pk=outcome.run_id)


@pytest.fixture(params=["desk", "phone"])
def page(request: Any) -> Page:
    """The same story on a clerk's screen and on a telephone."""
    opened: Page = request.getfixturevalue(request.param)
    return opened


def test_wrong_pool_is_caught_by_its_cause(page: Page, run: BillRun, shoot: Shoot) -> None:
    log_in(page)
    page.goto(f"/admin/runs/{run.pk}/")
    shoot(page, "run-desk")
    causes = page.locator("#causes")
    # 300 kWh last month, 1,300 this month: 1,000 × 0.80 more
    expect(causes.get_by_role("row", name="公摊总用量")).to_contain_text("+800.00")
    expect(causes.get_by_role("row", name="P1")).to_contain_text("1,300")
    assert fits_its_window(page)

    outlier = page.locator("#outliers tbody tr").first
    expect(outlier).to_contain_text("公摊总用量")
    outlier.get_by_role("link").click()
    page.locator("summary", has_text="电梯电费").click()
    expect(page.get_by_text("2,000 → 3,300").first).to_be_visible()
    shoot(page, "run-desk-bill")

    sign_what_is_wrong(page, run, shoot)
    Reading.objects.filter(read_on=MISREAD).update(value=Decimal(2300))
    page.get_by_role("button", name="清除草稿").click()
    expect(page.get_by_text("草稿已清除")).to_be_visible()
    assert not BillRun.objects.filter(pk=run.pk).exists()


def sign_what_is_wrong(page: Page, run: BillRun, shoot: Shoot) -> None:
    """Draw two bills, leave them unticked, say why, sign."""
    page.goto(f"/admin/runs/{run.pk}/")
    page.locator("#sample input[name=count]").fill("2")
    page.get_by_role("button", name="抽样").click()
    page.locator("input[name=note]").fill("电梯表抄错了一位")
    shoot(page, "run-sample")
    assert fits_its_window(page)
    page.get_by_role("button", name="签字").click()
    expect(page.locator("#sample")).to_contain_text("电梯表抄错了一位")
    assert RunSample.objects.get().is_right is False
    shoot(page, "run-desk-signed")
