"""A reader walks a building with a phone: last value, instant check, a slip looked at again, a skipped flat, done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from estates.models import Building, Meter, Reading, ReadingCheck, Unit
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.house import CLERK, PASSPHRASE, found_community

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def building() -> Building:
    """Three flats on one stair, each with a water meter read every month: 10 m³ a month."""
    community = found_community()
    building = Building.objects.create(community=community, code="8", sort_key="0008")
    for room in ("301", "302", "401"):
        unit = Unit.objects.create(
            community=community, building=building, code=f"8-2-{room}", stair="2", room=room,
            kind="high_rise", sort_key=f"8-2-{room}",
        )  # fmt: skip
        meter = Meter.objects.create(community=community, unit=unit, code=f"W{room}", kind="water")
        for number in range(7):
            day = timezone.localdate() - timedelta(days=40 + 30 * number)
            Reading.objects.create(meter=meter, read_on=day, value=160 - 10 * number)
    return building


def test_readers_round_on_a_phone(phone: Page, building: Building, shoot: Shoot) -> None:
    phone.goto("/round/")
    phone.get_by_label("用户名").fill(CLERK)
    phone.locator("input[name=password]").fill(PASSPHRASE)
    phone.locator("button[type=submit]").first.click()
    phone.get_by_role("link", name="8栋").click()
    phone.locator("a.btn.go").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("8栋2单元301")
    expect(phone.get_by_text("160").first).to_be_visible()
    assert fits_its_window(phone)

    phone.get_by_label("现在读数").fill("150")
    expect(phone.locator("#say")).to_contain_text("比上次低")
    shoot(phone, "round-check")
    phone.get_by_label("现在读数").fill("172.5")
    expect(phone.locator("#say")).to_have_text("读数正常。")
    phone.locator("input[type=file]").set_input_files(
        {"name": "dial.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"0" * 64}
    )
    phone.get_by_role("button", name="保存，下一户").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("8栋2单元302")
    phone.get_by_label("现在读数").fill("1750")
    phone.get_by_role("button", name="保存，下一户").click()
    expect(phone.get_by_role("alert")).to_contain_text("比平时多很多")
    shoot(phone, "round-again")
    phone.get_by_label("现在读数").fill("175")
    phone.locator("button.go").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("8栋2单元401")
    phone.get_by_role("button", name="家里没人").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("这栋抄完了")
    assert fits_its_window(phone)
    shoot(phone, "round-done")

    today = timezone.localdate()
    read = Reading.objects.filter(read_on=today).order_by("meter__code")
    assert [(str(row.value), bool(row.photo)) for row in read] == [("172.5000", True), ("175.0000", False)]
    assert [row.reason for row in ReadingCheck.objects.filter(closed_at=None)] == ["skipped"]
