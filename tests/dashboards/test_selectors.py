"""The overview's figures against amounts counted by hand, and against what every other page calls outstanding."""

from collections import Counter
from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from billing.models import Bill
from billing.selectors.outstanding import bill_balances
from billing.services.bills import void_bill
from core.money import to_fen
from core.periods import Period
from dashboards.domain.cuts import Cut
from dashboards.domain.figures import Figures
from dashboards.domain.kinds import KindGroup
from dashboards.selectors.facts import Sight
from dashboards.selectors.overview import Overview, get_overview, list_billed_months
from tests.billing.factories import issue_bill, make_account, waive
from tests.dashboards.world import NOVEMBER, NOW, OCTOBER, SEPTEMBER, TODAY, World


def overview(
    world: World, today: date = TODAY, month: Period = NOVEMBER, kind: KindGroup | None = None
) -> Overview:
    kinds = {"kinds": kind.kinds} if kind else {}
    return get_overview(Sight([world.spruce.pk], **kinds), Cut.of_month(month, today))


def test_get_overview_of_november(world: World) -> None:
    assert overview(world).now == Figures(
        receivable=42000,  # four households at 100.00, the parking space at 20.00
        received=20000,  # 301 and 302
        recovered=10000,  # the shop's September
        old_open=35000,  # 302 October 100, 2602 September and October 200, shop October 50
        arrears=57000,  # and of November: 2602 100, shop 100, parking 20
        arrears_current=22000,
        not_due=0,
        billed_households=4,
        paid_households=1,  # 301 alone
        arrears_households=3,
        arrears_spaces=1,
        oldest_days=71,  # 2602: due 20 September, 30 November
    )


def test_get_overview_compares_with_the_month_before(world: World) -> None:
    before = overview(world).before
    assert before == overview(world, month=OCTOBER).now
    assert (before.receivable, before.received, before.recovered, before.old_open) == (40000, 15000, 0, 20000)


def test_get_overview_on_a_day_knows_nothing_of_later_money(world: World) -> None:
    now = overview(world, date(2026, 11, 19)).now
    assert (now.received, now.arrears, now.not_due) == (10000, 35000, 32000)


def test_months_stand_on_the_same_day_of_each_month(world: World) -> None:
    whole = {month.cut.month: month.received for month in overview(world).months}
    assert [whole[month] for month in (SEPTEMBER, OCTOBER, NOVEMBER)] == [20000, 15000, 20000]
    running = {month.cut.month: month.received for month in overview(world, date(2026, 11, 10)).months}
    assert [running[month] for month in (SEPTEMBER, OCTOBER, NOVEMBER)] == [10000, 10000, 10000]


def test_months_end_with_the_figure_of_the_page(world: World) -> None:
    for today in (date(2026, 11, 10), TODAY):
        found = overview(world, today)
        assert (found.months[-1].receivable, found.months[-1].received) == (
            found.now.receivable,
            found.now.received,
        )
        assert (found.months[-2].received, len(found.months)) == (found.before.received, 12)


def test_ageing_adds_up_to_the_arrears(world: World) -> None:
    found = overview(world)
    assert [bucket.amount for bucket in found.ageing] == [22000, 35000, 0, 0, 0]
    assert [bucket.households for bucket in found.ageing] == [0, 3, 0, 0, 0]


def test_kinds_narrow_every_figure(world: World) -> None:
    shops = overview(world, kind=KindGroup.SHOPS)
    assert (shops.now.receivable, shops.now.recovered, shops.now.arrears) == (10000, 10000, 15000)
    assert shops.months[-1].receivable == 10000
    assert list(shops.kinds) == ["shop"]


@pytest.mark.parametrize("day", [1, 5, 20, 21, 30])
def test_open_amounts_are_those_of_every_other_page(world: World, day: int) -> None:
    as_of = date(2026, 11, day)
    bills = Bill.objects.filter(community=world.spruce)
    places = {pk: (unit, due_on) for pk, unit, due_on in bills.values_list("pk", "account__unit", "due_on")}
    owed: Counter[int] = Counter()
    overdue = 0
    for bill_id, balance in bill_balances(bills, as_of).items():
        unit, due_on = places[bill_id]
        owed[unit] += to_fen(balance.outstanding)
        overdue += to_fen(balance.outstanding) if due_on < as_of else 0
    units = overview(world, as_of).units
    found = units["arrears"] + units["not_due"]
    assert found[found > 0].to_dict() == +owed
    assert overview(world, as_of).now.arrears == overdue


def test_waived_is_no_longer_receivable(world: World) -> None:
    line = world.accounts["8-1-2602"].bills.get(period_start=NOVEMBER.start).lines.get()
    waive(line, "42.09", date(2026, 11, 25), NOW)
    assert (overview(world).now.receivable, overview(world).now.arrears) == (37791, 52791)
    assert overview(world, date(2026, 11, 24)).now.receivable == 42000


def test_voided_bill_counted_until_it_was_voided(world: World) -> None:
    bill = world.accounts["8-1-2602"].bills.get(period_start=NOVEMBER.start)
    void_bill(bill=bill, reason="面积错了", day=date(2026, 11, 25), by="王芳")
    assert overview(world, date(2026, 11, 24)).now.receivable == 42000
    assert overview(world).now.receivable == 32000
    assert overview(world).months[-1].receivable == 32000


def test_queries_do_not_grow_with_the_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        overview(world)
    for room in range(401, 404):
        issue_bill(make_account(world.spruce, f"8-2-{room}", f"新{room}"), {"property": "1.00"})
    with django_assert_num_queries(2):
        assert overview(world).now.billed_households == 7


def test_list_billed_months_newest_first(world: World) -> None:
    assert list_billed_months(Sight([world.spruce.pk]), TODAY) == [NOVEMBER, OCTOBER, SEPTEMBER]
    assert list_billed_months(Sight([world.spruce.pk]), date(2026, 10, 3)) == [OCTOBER, SEPTEMBER]
    assert list_billed_months(Sight([]), TODAY) == []
