"""A vacancy: the owner applies on the telephone, one looks, another approves, and the next bill asks for the share."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from billing.models import Bill, FeeItem
from billing.services.run import bill_period
from core.periods import Period
from estates.models import Person, VacancyEntitlement, VacancyPolicy
from tests.billing.village import Village
from tests.e2e import house
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_with_passphrase, log_in, log_in_owner
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village(worker: None, transactional_db: None) -> Village:
    """100 square metres at 3.00; the contract leaves 70 % due after six months, from the application on."""
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    FeeItem.objects.update(honours_vacancy=True)
    flat = village.unit("8-2-301", "100", owner="李明")
    Person.objects.update(phone=house.OWNER)
    village.meter("W-301", {date(2026, 1, 1): "100"}, unit=flat)
    VacancyPolicy.objects.create(
        community=village.community, start=date(2020, 1, 1), share="0.7", months=6, clause="合同第十二条"
    )
    hire_with_passphrase(village.community, lin=Role.ENGINEER, zhao=Role.MANAGER)
    return village


def test_a_vacancy_from_the_telephone_to_the_bill(
    desk: Page, phone: Page, village: Village, shoot: Shoot
) -> None:
    apply(phone, shoot)
    inspect(desk, shoot)
    approve(desk, shoot)
    read_the_bill(phone, village, shoot)


def apply(page: Page, shoot: Shoot) -> None:
    log_in_owner(page, "/vacancies/")
    long_ago = timezone.localdate() - timedelta(days=300)
    page.get_by_label("从哪天起空置").fill(long_ago.isoformat())
    page.get_by_label("为什么空着？").fill("在外地工作")
    shoot(page, "vacancy-apply")
    assert fits_its_window(page)
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="已申请")).to_be_visible()
    shoot(page, "vacancy-applied")


def inspect(page: Page, shoot: Shoot) -> None:
    log_in(page, "lin")
    page.goto("/admin/vacancies/")
    page.get_by_role("link", name="301").click()
    expect(page.get_by_text("合同第十二条")).to_be_visible()
    page.get_by_label("W-301").fill("100.3")
    page.get_by_label("查验情况").fill("家具盖着布，水表关着")
    shoot(page, "vacancy-inspect")
    page.get_by_role("button", name="登记查验").click()
    expect(page.get_by_text("查验已登记，由另一位同事审批")).to_be_visible()
    expect(page.get_by_role("button", name="批准")).to_have_count(0)


def approve(page: Page, shoot: Shoot) -> None:
    log_in(page, "zhao")
    page.goto("/admin/vacancies/")
    page.get_by_role("link", name="301").click()
    expect(page.get_by_text("家具盖着布")).to_be_visible()
    page.get_by_role("button", name="批准").click()
    expect(page.get_by_text("已批准")).to_have_count(2)  # what was done, and the state
    shoot(page, "vacancy-approved")
    vacancy = VacancyEntitlement.objects.get()
    assert (vacancy.share, vacancy.inspected_by, vacancy.decided_by) == (Decimal("0.7000"), "lin", "zhao")


def read_the_bill(page: Page, village: Village, shoot: Shoot) -> None:
    """The month after the application is billed: 100 m² × 3.00 × 70 %."""
    month = Period.of_month(VacancyEntitlement.objects.get().start).next()
    bill_period(community=village.community, period=month, now=timezone.now(), by="夜间", issue=True)
    bill = Bill.objects.get()
    assert bill.total == Decimal("210.00")
    page.goto(f"/bills/{bill.number}/")
    line = page.locator("details.line").first
    expect(line.locator("summary")).to_contain_text("¥210.00")
    line.locator("summary").click()
    expect(line.locator(".calc")).to_contain_text("70%")
    shoot(page, "vacancy-bill")
    page.goto("/vacancies/")
    expect(page.get_by_text("70%").first).to_be_visible()
