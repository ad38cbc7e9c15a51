"""Discounts on staff pages: proposed, decided by another, ended; refused in words where they overlap."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from billing.explaining.discounts import tell_rule
from billing.forms.discounts import DiscountRuleForm
from billing.models import ChargeAccount, DiscountKind, DiscountRule, RequestState
from estates.models import Community
from tests.billing.discounts import make_rule, twelve_and_one
from tests.billing.factories import make_community, make_fee_item
from tests.payments.world import World, make_world
from tests.staff import hire
from users.models import User
from users.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """A small community with three fee items."""
    return make_world()


@pytest.fixture
def manager(world: World) -> User:
    return hire(Role.MANAGER, world.community, "manager")


@pytest.fixture
def finance(world: World) -> User:
    return hire(Role.FINANCE, world.community, "finance")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(world: World, **changes: Any) -> dict[str, Any]:
    """Two percent for paying on time, from 2027 on."""
    return {
        "community": world.community.pk,
        "kind": DiscountKind.ON_TIME,
        "name": "按时交优惠",
        "percent": "2.00",
        "start": "2027-01-01",
        "reason": "第 8 号决议",
    } | changes


def test_a_rule_is_proposed_by_one_and_approved_by_another(
    world: World, manager: User, finance: User
) -> None:
    proposed: Any = signed_in(manager).post(reverse("billing:propose_discount"), typed(world))
    rule = DiscountRule.objects.get()
    assert proposed.url == reverse("billing:discount", args=[rule.pk])
    assert signed_in(manager).get(proposed.url).context["waits_for_another"]
    waiting = signed_in(finance).get(reverse("billing:discounts") + "?tab=waiting")
    assert [row["rule"] for row in waiting.context["rows"]] == [rule]
    signed_in(manager).post(reverse("billing:approve_discount", args=[rule.pk]))
    rule.refresh_from_db()
    assert rule.state == RequestState.REQUESTED
    signed_in(finance).post(reverse("billing:approve_discount", args=[rule.pk]))
    rule.refresh_from_db()
    assert (rule.state, rule.decided_by) == (RequestState.APPROVED, "finance")


def test_a_proposal_begins_with_the_only_community_and_asks_for_days(world: World, manager: User) -> None:
    form = signed_in(manager).get(reverse("billing:propose_discount")).context["form"]
    assert form["community"].value() == world.community.pk
    assert [form.fields[name].widget.input_type for name in ("start", "last_day")] == ["date", "date"]


def test_a_rule_is_refused(world: World, manager: User, finance: User) -> None:
    signed_in(manager).post(reverse("billing:propose_discount"), typed(world))
    rule = DiscountRule.objects.get()
    signed_in(finance).post(reverse("billing:refuse_discount", args=[rule.pk]))
    rule.refresh_from_db()
    assert rule.state == RequestState.REFUSED


def test_a_rule_is_ended_on_a_day(world: World, finance: User) -> None:
    rule = make_rule(world.community, DiscountKind.ON_TIME, percent=Decimal(2))
    today = timezone.localdate().isoformat()
    signed_in(finance).post(reverse("billing:end_discount", args=[rule.pk]), {"last_day": today})
    rule.refresh_from_db()
    assert rule.last_day == timezone.localdate()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": ""}, "percent"),
        ({"amount": "5.00"}, "percent"),  # one of the two
        ({"kind": DiscountKind.MONTHS}, "fee_item"),
        ({"kind": DiscountKind.MONTHS}, "months"),
        ({"kind": DiscountKind.PERCENT}, "months"),
        ({"last_day": "2026-12-31"}, "last_day"),
        ({"reason": ""}, "reason"),
    ],
)
def test_rule_form_says_what_is_missing(
    world: World, manager: User, changes: dict[str, Any], field: str
) -> None:
    form = DiscountRuleForm(typed(world, **changes), user=manager)
    assert not form.is_valid()
    assert field in form.errors


def test_rule_form_clears_what_the_kind_does_not_use(world: World, manager: User) -> None:
    item = world.community.fee_items.get(code="property")
    facts = {"kind": DiscountKind.MONTHS, "fee_item": item.pk, "months": "12", "gift_months": "1"}
    form = DiscountRuleForm(typed(world, **facts), user=manager)
    assert form.is_valid(), form.errors
    assert (form.instance.percent, form.instance.amount) == (None, None)


def test_rule_form_refuses_overlapping_rules_in_words(world: World, manager: User) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, percent=Decimal(1), name="老规则")
    form = DiscountRuleForm(typed(world), user=manager)
    assert not form.is_valid()
    assert "“老规则”" in form.errors["start"][0]


def test_rule_form_knows_only_items_of_the_community(world: World, manager: User) -> None:
    elsewhere = make_fee_item(make_community("lushan"), "property")
    form = DiscountRuleForm(typed(world, fee_item=elsewhere.pk), user=manager)
    assert not form.is_valid()
    assert "fee_item" in form.errors


@pytest.mark.parametrize("count", [1, 3])
def test_discounts_are_listed_in_as_many_queries(
    world: World, finance: User, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        twelve_and_one(world.community, start=date(2026 + number, 1, 1), end=date(2026 + number, 12, 31))
    client = signed_in(finance)
    client.get(reverse("billing:discounts"))
    with django_assert_max_num_queries(24):
        assert len(client.get(reverse("billing:discounts")).context["rows"]) == count


@pytest.fixture
def community(account: ChargeAccount) -> Community:
    return account.community


@pytest.mark.parametrize(
    ("kind", "item", "terms", "told"),
    [
        ("months", "property", {"months": 12, "gift_months": 1}, "property预交 12 个月，送 1 个月"),
        ("percent", "property", {"months": 6, "percent": Decimal("2.50")}, "property预交 6 个月，优惠 2.5%"),
        ("on_time", "", {"percent": Decimal("2.00")}, "到期日前整张账单交清，优惠 2%"),
        ("on_time", "property", {"amount": Decimal("5.00")}, "property：到期日前整张账单交清，减 ¥5.00"),
    ],
)
def test_tell_rule_in_chinese(
    community: Community, kind: str, item: str, terms: dict[str, Any], told: str
) -> None:
    rule = make_rule(community, DiscountKind(kind), item, **terms)
    with translation.override("zh-hans"):
        assert tell_rule(rule) == told
