"""A pool shared again from its page: one person asks, another one agrees, and everybody's shares are seen before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import ChargeLine, PoolResharing, PoolResult, Waiver
from billing.selectors.outstanding import open_lines
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    """A pool of 90.00 that two units share by household; a third one came into the register late."""
    village = Village()
    formula = {"pool_meter": "P1", "pool_key": "household", "agreement": "决议 7"}
    village.tariff(village.fee("lift"), "pool", "1", formula=formula)
    village.meter("P1", {date(2026, 10, 31): "0", date(2026, 11, 30): "90"})
    village.unit("8-301")
    village.unit("8-302")
    bill(village)
    village.unit("8-303")
    bill(village)
    return village


def bill(village: Village) -> None:
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="t", issue=True)


@pytest.fixture
def cashier(village: Village) -> Client:
    return member(Role.CASHIER, village.community, "shouyin")


@pytest.fixture
def manager(village: Village) -> Client:
    return member(Role.MANAGER, village.community, "jingli")


def page(name: str, pk: int) -> str:
    return reverse(f"billing:{name}", args=[pk])


def test_both_splits_are_seen_and_another_person_decides(cashier: Client, manager: Client) -> None:
    pool = PoolResult.objects.get()
    shown = cashier.get(page("reshare", pool.pk)).context
    assert [
        (row.unit.code, str(row.before), str(row.after), str(row.difference)) for row in shown["rows"]
    ] == [
        ("8-301", "45.00", "30.00", "-15.00"),
        ("8-302", "45.00", "30.00", "-15.00"),
        ("8-303", "None", "30.00", "30.00"),
    ]
    assert [str(sum_) for sum_ in shown["total"].values()] == ["90.00", "90.00", "0.00"]
    cashier.post(page("reshare", pool.pk), {"reason": "303 漏了"})
    asked = PoolResharing.objects.get()
    assert not cashier.get(page("reshare", pool.pk)).context["may_decide"]
    assert manager.get(page("reshare", pool.pk)).context["may_decide"]
    manager.post(page("approve_resharing", asked.pk))
    asked.refresh_from_db()
    assert (asked.state, asked.requested_by, asked.decided_by) == ("approved", "shouyin", "jingli")
    effects = manager.get(page("reshare", pool.pk)).context["effects"]
    assert [str(row.amount) for row in effects.reductions] == ["15.00", "15.00"]
    assert [str(made.total) for made in effects.bills] == ["30.00"]


def test_a_second_request_and_one_without_a_reason_are_refused(cashier: Client) -> None:
    pool = PoolResult.objects.get()
    for reason in ("", "303 漏了", "再来一次"):
        cashier.post(page("reshare", pool.pk), {"reason": reason})
    assert PoolResharing.objects.get().reason == "303 漏了"


def test_who_asked_does_not_decide(manager: Client) -> None:
    pool = PoolResult.objects.get()
    manager.post(page("reshare", pool.pk), {"reason": "303 漏了"})
    asked = PoolResharing.objects.get()
    manager.post(page("approve_resharing", asked.pk))
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_refused_nothing_changes(cashier: Client, manager: Client) -> None:
    pool = PoolResult.objects.get()
    cashier.post(page("reshare", pool.pk), {"reason": "303 漏了"})
    manager.post(page("refuse_resharing", PoolResharing.objects.get().pk))
    assert PoolResharing.objects.get().state == "refused"
    assert ChargeLine.objects.count() == 2


def share_again(cashier: Client, manager: Client, reason: str) -> None:
    pool = PoolResult.objects.get()
    cashier.post(page("reshare", pool.pk), {"reason": reason})
    manager.post(page("approve_resharing", PoolResharing.objects.latest("pk").pk))


def test_shared_again_there_is_nothing_more_to_share(cashier: Client, manager: Client) -> None:
    pool = PoolResult.objects.get()
    assert manager.get(page("what_if", pool.pk)).context["may_reshare"]
    share_again(cashier, manager, "303 漏了")
    shown = manager.get(page("reshare", pool.pk)).context
    assert (shown["rows"], bool(shown["why_not"])) == ([], True)
    share_again(cashier, manager, "再来一次")
    assert PoolResharing.objects.get().reason == "303 漏了"
    assert Waiver.objects.count() == 2
    assert ChargeLine.objects.count() == 3


def test_the_next_who_joins_begins_from_the_split_that_holds(
    village: Village, cashier: Client, manager: Client
) -> None:
    share_again(cashier, manager, "303 漏了")
    village.unit("8-304")
    bill(village)
    rows = cashier.get(page("reshare", PoolResult.objects.get().pk)).context["rows"]
    assert [(row.unit.code, str(row.before), str(row.after)) for row in rows] == [
        ("8-301", "30.00", "22.50"),
        ("8-302", "30.00", "22.50"),
        ("8-303", "30.00", "22.50"),
        ("8-304", "None", "22.50"),
    ]
    share_again(cashier, manager, "304 漏了")
    open_now = {line.unit: line.outstanding for line in open_lines()}
    assert open_now == dict.fromkeys(("8-301", "8-302", "8-303", "8-304"), Decimal("22.50"))
