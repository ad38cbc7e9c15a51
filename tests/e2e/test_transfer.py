"""A flat is sold in the middle of a billed month: asked for, decided by another, on paper (A4; issue 3, Show 6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from billing.models import ChargeAccount, UnitChange
from billing.selectors.outstanding import account_balance
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import Village
from tests.core.pdf import count_pages
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_with_passphrase, log_in
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


@pytest.fixture
def village(transactional_db: None) -> Village:
    """November is billed: 235.56 by area and 15.00 a household; a cashier and somebody of finance."""
    village = Village()
    village.tariff(village.fee("物业费", rank=1), "area", "2.35")
    village.tariff(village.fee("垃圾清运费", rank=2), "fixed", "15")
    village.unit("8-2-301", "100.24", owner="李明")
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="测试")
    hire_with_passphrase(village.community, chen=Role.CASHIER, zhao=Role.FINANCE)
    return village


@pytest.fixture(params=["desk", "phone"])
def page(request: Any) -> Page:
    """The same story on a clerk's screen and on a telephone."""
    opened: Page = request.getfixturevalue(request.param)
    return opened


def test_transfer_in_mid_month(page: Page, village: Village, shoot: Shoot, shots: Path) -> None:
    log_in(page, "chen")
    ask(page, shoot)
    expect(page.get_by_text("这一项由另一位同事审批")).to_be_visible()
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    seller = ChargeAccount.objects.get()
    assert account_balance(seller.pk).outstanding == Decimal("250.56")

    log_in(page, "zhao")
    page.goto("/admin/changes/")
    shoot(page, "changes")
    page.get_by_role("link", name="产权过户").click()
    shoot(page, "decide-transfer")
    page.get_by_role("button", name="批准").click()

    expect(page.get_by_text("变更已生效")).to_be_visible()
    effects = page.locator("section", has=page.get_by_role("heading", name="结果"))
    # 16 of 30 days stay with the seller: 125.63 of 235.56 and 8.00 of 15.00
    expect(effects.get_by_role("row", name="物业费")).to_contain_text("−109.93")
    expect(effects.get_by_role("row", name="垃圾清运费")).to_contain_text("−7.00")
    expect(effects.get_by_role("row", name="更正账单")).to_contain_text("116.93")
    shoot(page, "transferred")
    assert fits_its_window(page)
    buyer = ChargeAccount.objects.exclude(pk=seller.pk).get()
    parts = [account_balance(account.pk).outstanding for account in (seller, buyer)]
    assert (parts, sum(parts)) == ([Decimal("133.63"), Decimal("116.93")], Decimal("250.56"))

    read_the_paper(page, shots)
    effects.get_by_role("link").click()
    expect(page.get_by_text("109.93").first).to_be_visible()
    shoot(page, "buyers-bill")


def ask(page: Page, shoot: Shoot) -> None:
    """Write down the sale as the contract says it."""
    page.goto("/admin/changes/")
    page.get_by_role("link", name="申请变更").first.click()
    page.locator("[name=kind]").select_option(label="产权过户")
    page.locator("[name=unit_code]").fill("8-2-301")
    page.locator("[name=first_day]").fill("2026-11-17")
    page.locator("[name=name]").fill("王芳")
    page.locator("[name=phone]").fill("139 0000 5678")
    page.locator("[name=deposits]").select_option(label="退还")
    page.locator("[name=reason]").fill("网签合同 2026-1108")
    shoot(page, "ask-transfer")
    assert fits_its_window(page)
    page.get_by_role("button", name="提交申请").click()


def read_the_paper(page: Page, shots: Path) -> None:
    """The statement for seller and buyer opens as one sheet of PDF."""
    address = page.get_by_role("link", name="过户交接单").get_attribute("href")
    assert address == f"/admin/changes/{UnitChange.objects.get().pk}/statement/"
    answer = page.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    (shots / "hand-over.pdf").write_bytes(answer.body())
    assert count_pages(answer.body()) == 1
