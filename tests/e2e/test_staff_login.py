"""A clerk opens the staff pages: in Chinese although the browser asks for English, and without a script error."""

import pytest
from playwright.sync_api import Page, expect

from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clerk() -> User:
    """A member of staff who may see everything."""
    return User.objects.create_superuser("wang", password="a long enough phrase")


def log_in(page: Page) -> None:
    """Fill in the log-in form as a person would."""
    page.goto("/admin/")
    page.get_by_label("用户名").fill("wang")
    page.locator("input[name=password]").fill("a long enough phrase")
    page.locator("button[type=submit]").first.click()


def test_log_in_at_a_desk(desk: Page) -> None:
    log_in(desk)
    expect(desk).to_have_url("/admin/")
    expect(desk.locator("html")).to_have_attribute("lang", "zh-hans")


def test_log_in_on_a_phone(phone: Page) -> None:
    log_in(phone)
    expect(phone).to_have_url("/admin/")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
