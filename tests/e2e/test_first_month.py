"""The first month, as a clerk and an owner live it: from a roster file to a paid and receipted bill (Show 9)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from billing.selectors.outstanding import open_lines
from payments.models import Receipt
from tests.e2e import house
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import log_in
from tests.payments.gateways.program import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def open_house(worker: None, sandbox: Sandbox, settings: Any, tmp_path: Path) -> None:
    """A community before its first month, with a worker and two wallets."""
    settings.MERCHANT_SECRETS = tmp_path
    house.open_wallets(house.found_community(), sandbox, tmp_path)


def test_first_month(desk: Page, phone: Page, shoot: Shoot) -> None:
    log_in(desk)
    take_roster_in(desk, shoot)
    set_tariffs(desk, shoot)
    bill_the_month(desk, shoot)
    before = collection_rate(desk, shoot, "overview-before")

    phone.goto(house.read_link(house.OWNER))
    read_a_line(phone, shoot)
    pay_both(phone, shoot)
    read_the_receipt(phone, shoot)

    assert before == "0.0%"
    assert collection_rate(desk, shoot, "overview-after") == "65.5%"
    assert [line.unit for line in open_lines()] == ["8-2-401", "8-2-401"]


def press(page: Page) -> None:
    """Press the one primary button of a staff page."""
    page.locator("button.nl-btn.go").click()


def take_roster_in(page: Page, shoot: Shoot) -> None:
    """Upload, preview, confirm; the row with a letter in its area comes back with its reason."""
    page.goto("/admin/register/roster/")
    page.locator("input[type=file]").set_input_files(house.csv_file("名册.csv", house.ROSTER))
    press(page)
    expect(page.get_by_text("8九.56").first).to_be_visible()
    shoot(page, "roster-preview")
    press(page)
    expect(page.get_by_text("名册.csv").first).to_be_visible()
    shoot(page, "roster-result")


def set_tariffs(page: Page, shoot: Shoot) -> None:
    page.goto("/admin/tariffs/import/")
    page.locator("input[type=file]").set_input_files(house.csv_file("收费标准.csv", house.TARIFFS))
    press(page)
    expect(page.get_by_text("垃圾清运费").first).to_be_visible()
    shoot(page, "tariff-preview")
    press(page)


def bill_the_month(page: Page, shoot: Shoot) -> None:
    """Start a run, wait for the worker, read it, approve it, issue it."""
    page.goto("/admin/runs/start/")
    page.locator("input[name=period]").fill(f"{timezone.localdate():%Y-%m}")
    shoot(page, "run-start")
    press(page)
    page.get_by_role("button", name="批准").click()
    shoot(page, "run-approved")
    page.get_by_role("button", name="发出 3 张账单").click()
    run = house.wait_until_issued()
    assert run.bill_count == 3
    page.reload()
    shoot(page, "run-issued")


def collection_rate(page: Page, shoot: Shoot, name: str) -> str:
    """The first figure of the overview."""
    page.goto("/admin/")
    shoot(page, name)
    return page.locator("dd.v").first.inner_text().replace("\n", "")


def read_a_line(page: Page, shoot: Shoot) -> None:
    """Open a bill of the letter, and in it a line: its inputs, its step, its result."""
    expect(page.locator(".letter .sum")).to_have_text("¥476.03")
    shoot(page, "owner-link")
    page.get_by_role("link", name="8栋2单元301").click()
    line = page.locator("details.line").first
    expect(line.locator("summary")).to_contain_text("¥235.56")
    expect(line.locator(".calc")).not_to_be_visible()
    line.locator("summary").click()
    expect(line.locator(".calc")).to_contain_text("100.24 × 2.35 = 235.564")
    expect(line.locator(".calc")).to_contain_text("四舍五入到分")
    assert fits_its_window(page)
    shoot(page, "owner-bill")
    page.go_back()


def pay_both(page: Page, shoot: Shoot) -> None:
    """Two bills at once, in the wallet of the sandbox, and back."""
    page.get_by_role("link", name="交 ¥476.03").click()
    shoot(page, "owner-sum")
    page.get_by_label("微信支付").check()
    page.get_by_role("button", name="交 ¥476.03").click()
    expect(page.get_by_role("status")).to_contain_text("待交")
    shoot(page, "owner-to-pay")
    page.get_by_role("link", name="打开微信支付").click()
    page.get_by_role("button", name="付 ¥476.03").click()
    expect(page.get_by_role("status")).to_contain_text("收到了")
    shoot(page, "owner-paid")


def read_the_receipt(page: Page, shoot: Shoot) -> None:
    page.get_by_role("link", name="看收据").click()
    receipt = Receipt.objects.get()
    assert receipt.amount == Decimal("476.03")
    main = page.locator("main")
    for text in (receipt.number, "8栋2单元301", "8栋2单元302", "¥250.56", "¥225.47"):
        expect(main).to_contain_text(text)
    expect(main).to_contain_text("肆佰柒拾陆元零叁分")
    assert "李明" not in main.inner_text()
    shoot(page, "owner-receipt")
