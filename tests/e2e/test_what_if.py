"""Before the owners decide: a manager looks at what sharing the lift's power otherwise would change, at a desk."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing.models import ChargeLine, PoolResult
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import Village
from tests.e2e.people import hire_clerk, log_in

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 10, 1, 1, tzinfo=UTC)
READ = {date(2026, 8, 31): "18000", date(2026, 9, 30): "19250", date(2026, 10, 31): "20410"}
AREAS = ("89.56", "100.24", "128.60")


@pytest.fixture(autouse=True)
def village() -> Village:
    """Two buildings of six flats; the lift's power 60 % by area and 40 % by household, two months issued."""
    hire_clerk()
    village = Village()
    for number in range(12):
        code = f"{8 + number // 6}-{1 + number % 6}01"
        unit = village.unit(code, AREAS[number % 3], floor=1 + number % 6)
        showing = {day: str(100 * place * (number % 5)) for place, day in enumerate(READ)}
        village.meter(f"E{code}", showing, unit=unit, kind="electricity")
    village.meter("DT-1", READ, kind="electricity")
    item = village.fee("公摊电费", timing="arrears")
    village.tariff(
        item,
        "pool",
        "0.6283",
        formula={
            "pool_meter": "DT-1",
            "pool_key": "area:60+household:40",
            "pool_rules": ["floor=1*0.5"],
            "agreement": "业主大会 2025-03 号决议",
        },
    )
    for month in ("2026-10", "2026-11"):
        bill_period(community=village.community, period=Period.month(month), now=NOW, by="tests")
    return village


def picture(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look, where NUANLIN_PICTURES says."""
    if folder := os.environ.get("NUANLIN_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_what_if_at_a_desk(desk: Page) -> None:
    before = (PoolResult.objects.count(), ChargeLine.objects.count())
    log_in(desk)
    desk.goto("/admin/pools/")
    expect(desk.locator(".nl-head h1")).to_contain_text("公摊")
    expect(desk.get_by_text("业主大会 2025-03 号决议")).to_be_visible()
    picture(desk, "pools-1440")
    desk.get_by_role("link", name="分摊方式试算").first.click()
    expect(desk.locator(".nl-head h1")).to_contain_text("分摊方式试算：公摊电费")
    expect(desk.get_by_role("heading", name="按户", exact=True)).to_be_visible()
    picture(desk, "what-if-1440")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="下载全部房屋").click()
    assert download.value.suggested_filename == "what-if-DT-1-2026-09.xlsx"
    assert (PoolResult.objects.count(), ChargeLine.objects.count()) == before


def test_what_if_on_a_phone(phone: Page) -> None:
    log_in(phone)
    phone.goto("/admin/pools/")
    picture(phone, "pools-390")
    phone.get_by_role("link", name="分摊方式试算").first.click()
    expect(phone.locator(".nl-head h1")).to_contain_text("分摊方式试算")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(phone, "what-if-390")
