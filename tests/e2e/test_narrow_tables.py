"""A table on a telephone: each row a card whose figures carry the names of their columns, at a desk a table still."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.billing.factories import issue_bill, make_account, make_community
from tests.e2e.conftest import Shoot, fits_its_window
from tests.e2e.people import hire_with_passphrase, log_in
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def statement() -> str:
    """The statement of an account with a bill, and a member of staff who may read it."""
    account = make_account(make_community())
    hire_with_passphrase(account.community, zhao=Role.MANAGER)
    issue_bill(account, {"property": "240.00", "water": "89.00"})
    return f"/admin/accounts/{account.pk}/statement/"


def test_a_row_is_a_card_on_a_phone_and_a_row_at_a_desk(
    phone: Page, desk: Page, shoot: Shoot, statement: str
) -> None:
    for page, shown in ((phone, "block"), (desk, "table-cell")):
        log_in(page, "zhao")
        page.goto(statement)
        table = page.locator(".nl-table").first
        expect(table).to_have_role("table")
        cell = table.locator("tbody tr").first.locator("td.r").first
        expect(cell).to_have_css("display", shown)
        expect(cell).to_have_attribute("data-head", table.locator("thead th.r").first.inner_text())
        assert fits_its_window(page)
        shoot(page, "statement")
