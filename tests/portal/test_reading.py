"""What an owner, a link and a stranger can read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing.links import make_pay_link
from tests.payments.world import World
from tests.portal.conftest import route


def token_for(*bill_ids: int) -> str:
    return make_pay_link(list(bill_ids), timezone.localdate()).rstrip("/").rsplit("/", 1)[1]


@pytest.fixture
def bills(world: World) -> list:
    """A bill of 210.47 + 80.00 on each of the first owner's flats, and one of 309.45 on the stranger's."""
    due = timezone.localdate() + timedelta(days=8)
    lines = [world.bill(account, "210.47", "80.00", due=due) for account in world.accounts[:2]]
    lines.append(world.bill(world.accounts[2], "309.45", due=due))
    return [line[0].bill for line in lines]


def test_show_home_sums_what_is_open_over_all_units(owner, bills):
    html = owner.get(route("home")).content.decode()
    assert "580.94" in html
    assert "309.45" not in html


def test_show_home_of_a_stranger_leads_to_the_log_in(bills):
    answer = Client().get(route("home"))
    assert (answer.status_code, answer.url) == (302, f"{route('login')}?next=/")


def test_show_bill_lists_its_lines(owner, bills):
    html = owner.get(route("bill", bills[0].number)).content.decode()
    assert "290.47" in html
    assert "210.47" in html


def test_show_bill_of_another_owner_is_not_found(owner, bills):
    assert owner.get(route("bill", bills[2].number)).status_code == 404


def test_link_opens_its_bill_without_a_log_in_and_masks_names(bills):
    html = Client().get(route("pay", token_for(bills[2].pk))).content.decode()
    assert "309.45" in html
    assert "李小明" not in html


def test_link_to_two_bills_sums_them(bills):
    html = Client().get(route("pay", token_for(bills[0].pk, bills[1].pk))).content.decode()
    assert "580.94" in html


def test_link_opens_no_other_bill(bills):
    token = token_for(bills[0].pk)
    assert Client().get(route("link-bill", token, bills[2].number)).status_code == 404


def test_link_altered_or_over_is_not_found(bills):
    over = make_pay_link([bills[0].pk], date(2024, 1, 1)).rstrip("/").rsplit("/", 1)[1]
    assert Client().get(route("pay", over)).status_code == 404
    altered = token_for(bills[0].pk)[:-2] + "xx"
    assert Client().get(route("pay", altered)).status_code == 404


@pytest.mark.parametrize("page", ["home", "bills", "receipts", "me"])
def test_lists_cost_the_same_with_one_bill_and_with_three(owner, world, page, django_assert_num_queries):
    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            assert owner.get(route(page)).status_code == 200
        return len(caught)

    world.bill(world.accounts[0], "210.47")
    queries()
    one = queries()
    world.bill(world.accounts[1], "80.00")
    world.bill(world.accounts[0], "90.00")
    assert queries() == one


def test_elder_switch_is_remembered_with_the_log_in(owner, bills):
    owner.post(route("elder"), {"elder": "1", "next": route("home")})
    assert 'class="elder"' in owner.get(route("home")).content.decode()
    owner.post(route("elder"), {"elder": "0", "next": route("home")})
    assert 'class="elder"' not in owner.get(route("home")).content.decode()


def test_elder_switch_leads_to_no_other_site(owner):
    answer = owner.post(route("elder"), {"elder": "1", "next": "https://evil.example/"})
    assert answer.url == route("home")
