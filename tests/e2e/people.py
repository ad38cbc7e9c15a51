"""The people of a story: members of staff with a passphrase, owners with a code on their telephone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from estates.models import Community
from tests.e2e import house
from tests.staff import hire
from users.models import User
from users.roles import Role


def hire_with_passphrase(community: Community, **roles: Role) -> None:
    """Let each of these people work in the community, by the name that is given."""
    for name, role in roles.items():
        user = hire(role, community, name)
        user.set_password(house.PASSPHRASE)
        user.save()


def hire_clerk() -> User:
    """The clerk who may do everything."""
    return User.objects.create_superuser(house.CLERK, password=house.PASSPHRASE)


def log_in(page: Page, name: str = house.CLERK) -> None:
    """Fill in the staff log-in as a person would, whoever was there before."""
    page.context.clear_cookies()
    page.goto("/admin/")
    page.get_by_label("用户名").fill(name)
    page.locator("input[name=password]").fill(house.PASSPHRASE)
    page.locator("button[type=submit]").first.click()
    expect(page).to_have_url("/admin/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def log_in_owner(page: Page, wanted: str, phone: str = house.OWNER) -> None:
    """By the code that the worker sends, to the page the owner wanted."""
    page.goto(wanted)
    page.get_by_label("手机号").fill(phone)
    read_before = len(house.list_letters(phone))
    page.locator("button.btn.go").click()
    page.get_by_label("验证码").fill(house.wait_for_code(phone, read_before=read_before))
    page.locator("button.btn.go").click()
    expect(page).to_have_url(wanted)
