"""A discount: proposed, approved by another, earned by an owner who pays ahead, and read on the next bill."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from billing.models import Bill, DiscountRule
from billing.services.run import bill_period
from core.periods import Period
from estates.models import Person
from payments.models import Channel, PrepaymentEntry
from payments.services.booking import Incoming, book_receipt
from payments.services.prepayment import use_prepayments
from tests.billing.village import Village
from tests.e2e import house
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_with_passphrase, log_in, log_in_owner
from tests.payments.gateways.program import Sandbox
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

EARLIER = Period.month("2026-01")


@pytest.fixture
def village(worker: None, transactional_db: None, sandbox: Sandbox, settings: Any, tmp_path: Path) -> Village:
    """300.00 a month, billed and paid once before; WeChat Pay at the sandbox."""
    settings.MERCHANT_SECRETS = tmp_path
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    village.unit("8-2-301", "100", owner="李明")
    Person.objects.update(phone=house.OWNER)
    house.open_wallets(village.community, sandbox, tmp_path)
    earlier = bill(village, EARLIER)
    paid = Incoming(earlier.account_id, Channel.CASH, Decimal("300.00"), timezone.now())
    book_receipt(incoming=paid, now=timezone.now())
    hire_with_passphrase(village.community, zhao=Role.MANAGER, qian=Role.FINANCE)
    return village


def bill(village: Village, month: Period) -> Bill:
    bill_period(community=village.community, period=month, now=timezone.now(), by="夜间", issue=True)
    made: Bill = Bill.objects.get(period_start=month.start)
    return made


def test_a_discount_from_the_desk_to_the_bill(
    desk: Page, phone: Page, village: Village, shoot: Shoot
) -> None:
    propose(desk, shoot)
    approve(desk, shoot)
    pay_ahead(phone, shoot)
    read_the_bill(phone, village, shoot)


def propose(page: Page, shoot: Shoot) -> None:
    """Three months ahead, one free, from today on."""
    log_in(page, "zhao")
    page.goto("/admin/discounts/new/")
    page.locator("select[name=community]").select_option(label="云杉苑")
    page.locator("select[name=kind]").select_option(value="months")
    page.locator("select[name=fee_item]").select_option(label="物业费")
    page.locator("input[name=name]").fill("交三送一")
    page.locator("input[name=months]").fill("3")
    page.locator("input[name=gift_months]").fill("1")
    page.locator("input[name=start]").fill(timezone.localdate().isoformat())
    page.locator("[name=reason]").fill("业主大会第 7 号决议")
    shoot(page, "discount-propose")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("这一项由另一位同事审批")).to_be_visible()
    expect(page.get_by_role("button", name="批准")).to_have_count(0)


def approve(page: Page, shoot: Shoot) -> None:
    log_in(page, "qian")
    page.goto("/admin/discounts/?tab=waiting")
    page.get_by_role("link", name="交三送一").click()
    page.get_by_role("button", name="批准").click()
    expect(page.get_by_text("规则已批准")).to_be_visible()
    shoot(page, "discount-approved")
    rule = DiscountRule.objects.get()
    assert (rule.requested_by, rule.decided_by) == ("zhao", "qian")


def pay_ahead(page: Page, shoot: Shoot) -> None:
    """900.00 earn a month of 300.00."""
    log_in_owner(page, "/prepayment/")
    page.get_by_label("存入金额（元）").fill("900")
    page.locator("label.tick", has_text="送 1 个月").click()
    page.get_by_label("微信支付").check()
    assert fits_its_window(page)
    shoot(page, "discount-offer")
    page.get_by_role("button", name="存入").click()
    page.get_by_role("link", name="打开微信支付").click()
    page.get_by_role("button", name="付 ¥900.00").click()
    expect(page.get_by_role("status")).to_contain_text("收到了")
    page.goto("/prepayment/")
    expect(page.get_by_text("¥300.00").first).to_be_visible()
    shoot(page, "discount-paid-ahead")
    assert PrepaymentEntry.objects.balance() == Decimal("900.00")


def read_the_bill(page: Page, village: Village, shoot: Shoot) -> None:
    """Of the next 300.00 a quarter is the gift: 900.00 of 1,200.00 were paid."""
    this_month = Period.of_month(timezone.localdate())
    made = bill(village, this_month)
    use_prepayments(day=timezone.localdate(), now=timezone.now())
    page.goto(f"/bills/{made.number}/")
    gift = page.locator("details.line", has_text="交三送一")
    expect(gift.locator("summary")).to_contain_text("75.00")
    gift.locator("summary").click()
    expect(gift.locator(".calc")).to_contain_text("900.00")
    shoot(page, "discount-bill")
    assert PrepaymentEntry.objects.balance() == Decimal("675.00")
