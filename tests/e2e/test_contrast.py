"""Every text of the main pages is readable by day and by night: its contrast is measured in a browser (WCAG AA)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from billing.links import make_pay_link
from billing.models import Bill
from tests.billing.factories import issue_bill, make_account, make_community
from tests.e2e.people import hire_with_passphrase, log_in
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)

TOO_FAINT = Path(__file__).with_name("contrast.js").read_text()
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def bill() -> Bill:
    """An unpaid bill of two lines, overdue for long."""
    account = make_account(make_community())
    return issue_bill(account, {"property": "240.00", "water": "89.00"})


def wait_for_scheme(page: Page, scheme: str) -> None:
    """Unfold's script marks a page that is drawn for the night."""
    night = re.compile(r"\bdark\b")
    marked = expect(page.locator("html"))
    marked.to_have_class(night) if scheme == "dark" else marked.not_to_have_class(night)


def faint_texts(page: Page, address: str) -> list[str]:
    """The texts of a page that are too faint, by day and by night."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(address)
        if address.startswith("/admin/"):
            wait_for_scheme(page, scheme)
        found += [f"{scheme} {text}" for text in page.evaluate(TOO_FAINT)]
    return found


def test_pages_of_an_owner_are_readable_by_day_and_by_night(phone: Page, bill: Bill) -> None:
    link = make_pay_link([bill.pk], timezone.localdate() + timedelta(days=1))
    home = "/p/" + link.rstrip("/").rpartition("/")[2] + "/"
    for address in (home, f"{home}bills/{bill.number}/", f"{home}choose/", "/login/"):
        assert faint_texts(phone, address) == [], address


def test_pages_of_staff_are_readable_by_day_and_by_night(desk: Page, bill: Bill) -> None:
    hire_with_passphrase(bill.community, zhao=Role.MANAGER)
    log_in(desk, "zhao")
    statement = f"/admin/accounts/{bill.account_id}/statement/"
    for address in (
        "/admin/",
        "/admin/runs/",
        f"/admin/bills/{bill.number}/",
        statement,
        "/admin/billing/bill/",
    ):
        assert faint_texts(desk, address) == [], address
