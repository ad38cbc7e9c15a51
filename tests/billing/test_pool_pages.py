"""Shared costs on the staff pages: what if, a year disclosed on page and paper; other people's pools are not there."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from billing.models import ChargeLine, PoolResult
from billing.selectors.disclosure import Held, list_disclosed, list_years, year_of
from billing.selectors.what_if import compare_pool
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import LONG_AGO, Village
from tests.core.pdf import count_pages
from tests.staff import member
from users.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
POOL: dict[str, Any] = {
    "pool_meter": "P1",
    "pool_key": "area:60+household:40",
    "agreement": "业主大会 2025-03",
}


@pytest.fixture
def village() -> Village:
    """Flats of 50, 100 and 150 m² in two buildings; 300.00 in September, 60 % by area and 40 % by household."""
    village = Village()
    for code, area, use in (("8-201", "50", "10"), ("8-301", "100", "0"), ("9-101", "150", "30")):
        unit = village.unit(code, area)
        village.meter(f"E{code}", {AUGUST: "5", SEPTEMBER: str(5 + int(use))}, unit=unit, kind="electricity")
    village.meter("P1", {AUGUST: "0", SEPTEMBER: "1000", OCTOBER: "1100"}, kind="electricity")
    village.tariff(village.fee("lift"), "pool", "0.30", formula=POOL)
    bill(village, "2026-09")
    return village


def bill(village: Village, month: str, *, issue: bool = True) -> None:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="test", issue=issue)


def shared() -> PoolResult:
    return PoolResult.objects.order_by("period_start", "place")[0]


def test_compare_pool_shows_who_gains_and_who_loses(village: Village) -> None:
    found = compare_pool(shared())
    assert (found.whole, found.codes) == (Decimal("300.00"), ["8-201", "8-301", "9-101"])
    assert found.names == ["8栋201", "8栋301", "9栋101"]
    assert found.now_fen.tolist() == [7000, 10000, 13000]
    assert {one.key: one.shares_fen.tolist() for one in found.alternatives} == {
        "area": [5000, 10000, 15000],
        "household": [10000, 10000, 10000],
        "use": [7500, 0, 22500],
    }
    assert [one.moved_fen for one in found.alternatives] == [2000, 3000, 10000]


def test_compare_pool_leaves_a_key_out_that_nobody_has_a_figure_for(village: Village) -> None:
    village.community.meters.filter(unit__isnull=False).update(kind="water")
    found = compare_pool(shared())
    assert [one.key for one in found.alternatives] == ["area", "household"]
    assert found.lacking == {"area": 0, "household": 0, "use": 3}


def test_compare_pool_writes_nothing(village: Village) -> None:
    before = (PoolResult.objects.count(), ChargeLine.objects.count())
    with CaptureQueriesContext(connection) as queries:
        compare_pool(shared())
    assert not [q for q in queries.captured_queries if not q["sql"].lstrip().startswith("SELECT")]
    assert (PoolResult.objects.count(), ChargeLine.objects.count()) == before


def test_list_disclosed_has_readings_price_amount_and_participants(village: Village) -> None:
    (pool,) = list_disclosed(village.community.pk, year_of(2026))
    (month,) = pool.months
    assert (pool.name, pool.meter, pool.agreements) == ("lift", "P1", ("业主大会 2025-03",))
    assert [month.opening, month.closing, month.use, month.price] == [0, 1000, 1000, Decimal("0.30")]
    assert [
        (share.key, share.percent, share.amount, share.participants, share.own) for share in month.shares
    ] == [
        ("area", "60", Decimal("180.00"), 3, None),
        ("household", "40", Decimal("120.00"), 3, None),
    ]
    assert list_years(village.community.pk) == [2026]


def test_list_disclosed_leaves_drafts_and_other_years_out(village: Village) -> None:
    bill(village, "2026-10", issue=False)
    (pool,) = list_disclosed(village.community.pk, year_of(2026))
    assert [month.period for month in pool.months] == [Period.month("2026-09")]
    assert list_disclosed(village.community.pk, year_of(2025)) == []


def test_list_disclosed_for_an_owner_says_the_own_share_while_held_and_nobody_elses(village: Village) -> None:
    unit = village.community.units.get(code="8-301")
    bill(village, "2026-10")
    (pool,) = list_disclosed(village.community.pk, year_of(2026), [Held(unit.pk, date(2026, 10, 1), None)])
    assert [month.own for month in pool.months] == [None, Decimal("10.00")]
    assert pool.own == Decimal("10.00")
    gone = [Held(unit.pk, LONG_AGO, date(2026, 9, 1))]
    assert [pool.own for pool in list_disclosed(village.community.pk, year_of(2026), gone)] == [None]


@pytest.mark.parametrize("extra", [0, 3])
def test_list_disclosed_asks_twice_however_many_months(village: Village, extra: int) -> None:
    for month in range(10, 10 + extra):
        bill(village, f"2026-{month}")
    with CaptureQueriesContext(connection) as queries:
        list_disclosed(village.community.pk, year_of(2026))
    assert len(queries) == 2


def test_what_if_page_and_workbook(village: Village) -> None:
    manager = member(Role.MANAGER, village.community)
    page = manager.get(reverse("billing:what_if", args=[shared().pk])).content.decode()
    assert "60% by building area" in page
    assert page.count("20.00") > 0
    assert "Building 8, 201" in page
    answer = manager.get(reverse("billing:what_if_xlsx", args=[shared().pk]))
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1] == ["8-201", "8", 70.0, 50.0, -20.0, 100.0, 30.0, 75.0, 5.0]
    assert len(rows) == 4


def test_pools_of_a_year_on_page_and_paper(village: Village) -> None:
    manager = member(Role.MANAGER, village.community)
    code = village.community.code
    assert manager.get(reverse("billing:pools")).headers["Location"] == reverse(
        "billing:community_pools", args=[code]
    )
    page = manager.get(reverse("billing:community_pools", args=[code])).content.decode()
    assert "业主大会 2025-03" in page
    assert "300.00" in page
    paper = manager.get(reverse("billing:pools_pdf", args=[code]))
    assert (paper.headers["Content-Type"], count_pages(paper.content)) == ("application/pdf", 1)


@pytest.mark.parametrize(
    ("pack", "told"),
    [
        (
            "lishui",
            "Shared costs are disclosed every year in the first quarter, the newest of these by 31 Mar 2027",
        ),
        ("shanghai", "Shared costs are disclosed at regular times (《民法典》第九百四十三条)."),
    ],
)
def test_pools_of_a_year_say_when_the_local_rule_wants_them_disclosed(
    village: Village, pack: str, told: str
) -> None:
    village.community.city_pack = pack
    village.community.save()
    page = reverse("billing:community_pools", args=[village.community.code])
    assert told in member(Role.MANAGER, village.community).get(page).content.decode()


@pytest.mark.parametrize(("year", "status"), [("2026", 200), ("1800", 404), ("next", 404)])
def test_pools_of_an_odd_year_are_not_there(village: Village, year: str, status: int) -> None:
    manager = member(Role.MANAGER, village.community)
    answer = manager.get(reverse("billing:community_pools", args=[village.community.code]), {"year": year})
    assert answer.status_code == status


def test_pools_of_others_are_not_there(village: Village) -> None:
    stranger: Client = member(Role.COMPANY_ADMIN, Village("elsewhere").community, "stranger")
    for route, arg in (
        ("what_if", shared().pk),
        ("what_if_xlsx", shared().pk),
        ("community_pools", village.community.code),
        ("pools_pdf", village.community.code),
    ):
        assert stranger.get(reverse(f"billing:{route}", args=[arg])).status_code == 404


def test_what_if_command_prints_one_object(village: Village, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("what_if", community=village.community.code, period="2026-09", json=True)
    (pool,) = json.loads(capsys.readouterr().out)["pools"]
    assert (pool["amount"], pool["shared_by"], pool["participants"]) == ("300.00", "area:60+household:40", 3)
    assert [(one["key"], one["more"], one["less"], one["moved"]) for one in pool["alternatives"]] == [
        ("area", 1, 1, "20.00"),
        ("household", 1, 1, "30.00"),
        ("use", 2, 1, "100.00"),
    ]
