"""The menu shows each role what it may open, all of it, and nothing that would be refused."""

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from billing.models import BillRun, RunProblem, RunState
from config.menu import MENU, find_current, list_groups, may_open
from core.staff import ScopedAdmin
from estates.models import Community
from tests.billing.factories import make_community
from tests.dashboards.world import NOVEMBER, NOW
from tests.staff import sign_in
from users.models import User
from users.roles import Role

STAFF = [role for role in Role if role is not Role.OWNER]
ITEMS = [item for group in MENU for item in group.items]


@pytest.fixture
def spruce(db: None) -> Community:
    return make_community("spruce")


def links(client: Client) -> dict[str, dict[str, object]]:
    """The menu as the home page has it, by the address of each link."""
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    return {item["link"]: item for group in groups for item in group["items"]}


@pytest.mark.parametrize("role", STAFF)
def test_every_link_opens_for_the_role_that_sees_it(spruce: Community, role: Role) -> None:
    client = sign_in(role, spruce)
    answers = {link: client.get(link, follow=True).status_code for link in links(client)}
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("role", STAFF)
def test_what_is_not_shown_is_refused(spruce: Community, role: Role) -> None:
    client = sign_in(role, spruce)
    shown = links(client)
    hidden = [reverse(item.route) for item in ITEMS if reverse(item.route) not in shown]
    assert {client.get(link).status_code for link in hidden} <= {403}


def test_every_list_of_ours_is_in_the_menu() -> None:
    lists = {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, ScopedAdmin)
    }
    assert lists - {item.route for item in ITEMS} == set()


def test_every_link_is_open_to_somebody(spruce: Community) -> None:
    for role in STAFF:
        sign_in(role, spruce)
    users = list(User.objects.all())
    assert [item.route for item in ITEMS if not any(may_open(user, item) for user in users)] == []


def test_routes_exist_and_are_named_once() -> None:
    routes = [item.route for item in ITEMS]
    assert len(set(routes)) == len(routes)
    for route in routes:
        try:
            reverse(route)
        except NoReverseMatch:
            pytest.fail(route)


def test_parked_accounts_are_counted_in_her_communities_until_issue(spruce: Community) -> None:
    elsewhere = make_community("elsewhere")
    for community, state in (
        (spruce, RunState.DRAFT),
        (spruce, RunState.ISSUED),
        (elsewhere, RunState.DRAFT),
    ):
        run = BillRun.objects.create(
            community=community,
            schedule=f"{community.code}-{state}",
            state=state,
            period_start=NOVEMBER.start,
            period_end=NOVEMBER.end,
            due_on=NOVEMBER.last_day,
            opened_at=NOW,
        )
        for blocks in (True, False):
            RunProblem.objects.create(
                run=run, unit="8-2-301", code="tariff.none", message="没有收费标准", blocks=blocks
            )
    client = sign_in(Role.MANAGER, spruce)
    assert links(client)[reverse("admin:billing_runproblem_changelist")]["badge"] == "1"


def test_nothing_waiting_has_no_badge(spruce: Community) -> None:
    assert all("badge" not in item for item in links(sign_in(Role.MANAGER, spruce)).values())


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/admin/", "dashboards:overview"),
        ("/admin/overview/how/arrears/", "dashboards:overview"),
        ("/admin/estates/unit/7/change/", "admin:estates_unit_changelist"),
        ("/admin/runs/7/", "billing:runs"),
        ("/admin/bills/2611000000017/", "admin:billing_bill_changelist"),
        ("/admin/register/people/7/contact/", "admin:estates_person_changelist"),
    ],
)
def test_find_current_is_the_longest_address(path: str, route: str) -> None:
    found = find_current(path, ITEMS)
    assert found is not None
    assert found.route == route


def test_groups_without_links_are_left_out(spruce: Community) -> None:
    sign_in(Role.ENGINEER, spruce)
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get()
    assert [str(group["title"]) for group in list_groups(request)] == ["房屋", "业主", "设置"]
