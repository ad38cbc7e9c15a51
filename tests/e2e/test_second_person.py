"""A waiver that needs a second person: asked for at one desk, decided at the other, read by the owner (B9, S-19)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from billing.models import Bill
from billing.selectors.outstanding import account_balance
from tests.billing.factories import issue_bill, make_account, make_community
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_with_passphrase, log_in
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "电梯停了 6 天"


@pytest.fixture
def bill() -> Bill:
    """A bill of 329.00, a cashier and a manager."""
    account = make_account(make_community())
    hire_with_passphrase(account.community, chen=Role.CASHIER, zhao=Role.MANAGER)
    return issue_bill(account, {"property": "240.00", "water": "89.00"})


def test_a_waiver_needs_a_second_person(desk: Page, phone: Page, shoot: Shoot, bill: Bill) -> None:
    log_in(desk, "chen")
    desk.goto(f"/admin/bills/{bill.number}/")
    desk.get_by_role("link", name="减免或更正").click()
    desk.get_by_label("property").fill("40")
    desk.get_by_label("为什么").fill(REASON)
    shoot(desk, "ask-waiver")
    desk.get_by_role("button", name="提交申请").click()

    expect(desk.get_by_text("您的角色不审批减免与更正")).to_have_count(0)
    expect(desk.get_by_text("这是您提的申请，由另一位同事审批")).to_be_visible()
    expect(desk.get_by_role("button", name="批准")).to_have_count(0)
    assert account_balance(bill.account_id).outstanding == Decimal("329.00")

    log_in(phone, "zhao")
    phone.goto("/admin/corrections/")
    phone.get_by_role("link", name="减免", exact=True).click()
    expect(phone.get_by_text(REASON)).to_be_visible()
    shoot(phone, "decide-waiver")
    assert fits_its_window(phone)
    phone.get_by_role("button", name="批准").click()

    expect(phone.get_by_text("已批准并入账")).to_be_visible()
    assert account_balance(bill.account_id).outstanding == Decimal("289.00")
    desk.goto(f"/admin/bills/{bill.number}/")
    expect(desk.get_by_text(REASON)).to_be_visible()
    shoot(desk, "waived-bill")
