"""An owner at a computer: logs in by a code, scans the sum with the telephone, watches it arrive; large print too."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from payments.models import Intent
from tests.e2e import house
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import log_in_owner
from tests.payments.gateways.program import Sandbox
from tests.payments.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(worker: None, sandbox: Sandbox, settings: Any, tmp_path: Path) -> World:
    """Two flats of one owner with a bill each, and WeChat Pay at the sandbox."""
    settings.MERCHANT_SECRETS = tmp_path
    world = make_world()
    config = sandbox.config("wechat")
    world.wechat.merchant_id, world.wechat.app_id = config.merchant_id, config.app_id
    world.wechat.save()
    (tmp_path / f"{world.wechat.secret_name}.json").write_text(json.dumps(asdict(config)))
    payer = world.accounts[0].payer
    payer.phone = house.OWNER
    payer.save()
    for account in world.accounts[:2]:
        world.bill(account, "210.47", "80.00", due=timezone.localdate() + timedelta(days=8))
    return world


def test_owner_at_a_desk(desk: Page, sandbox: Sandbox, world: World, shoot: Shoot) -> None:
    log_in_owner(desk, "/receipts/")
    desk.goto("/")
    shoot(desk, "desk-home")
    desk.get_by_role("link", name="交 ¥580.94").click()
    shoot(desk, "desk-sum")
    desk.get_by_role("button", name="交 ¥580.94").click()
    expect(desk.locator("svg.qr")).to_be_visible()
    shoot(desk, "desk-scan")

    sandbox.turn("pay", number=Intent.objects.get().number)
    expect(desk.get_by_role("status")).to_contain_text("收到了")  # the page asked by itself
    assert desk.locator("svg.qr").count() == 0
    shoot(desk, "desk-paid")
    desk.get_by_role("link", name="看收据").click()
    expect(desk.locator("main")).to_contain_text("¥580.94")
    shoot(desk, "desk-receipt")


def test_owner_changes_the_way_of_paying(phone: Page, sandbox: Sandbox, world: World, shoot: Shoot) -> None:
    log_in_owner(phone, "/receipts/")
    phone.goto("/choose/")
    phone.get_by_label("只交一部分").fill("300")
    phone.locator("button.btn.go").click()
    phone.get_by_role("button", name="交 ¥300.00").click()
    expect(phone.get_by_role("status")).to_contain_text("待交")
    first = Intent.objects.get()
    phone.get_by_role("button", name="换一种方式付").click()
    expect(phone.get_by_role("button", name="交 ¥300.00")).to_be_visible()
    expect(phone.locator(".sum")).to_have_text("¥300.00")
    first.refresh_from_db()
    assert first.state == "closed"
    phone.get_by_role("button", name="交 ¥300.00").click()
    phone.get_by_role("link", name="打开微信支付").click()
    phone.get_by_role("button", name="先不付").click()
    expect(phone.get_by_role("status")).to_contain_text("确认中")
    shoot(phone, "phone-back-unpaid")


def test_owner_reads_in_large_print(phone: Page, world: World, shoot: Shoot) -> None:
    log_in_owner(phone, "/receipts/")
    phone.goto("/")
    phone.get_by_role("button", name="大字版").click()
    expect(phone.locator("html.elder")).to_be_visible()
    assert fits_its_window(phone)
    shoot(phone, "elder-home")
    phone.get_by_role("link", name="交费").first.click()
    assert fits_its_window(phone)
    shoot(phone, "elder-sum")
