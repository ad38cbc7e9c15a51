"""The paper of real bills: figures of the run, explained, compared and in walking order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from billing.domain.sheets import BillSheet
from billing.models import Bill
from billing.paper.bills import NothingToPrintError, render_bills
from billing.selectors.sheets import list_bill_sheets
from billing.services.run import bill_period
from core.periods import Period
from estates.models import Community
from tests.billing.village import Village
from tests.core.pdf import count_pages

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 1)
DAYS = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def village() -> Village:
    """Three doors of two buildings, billed for October and November; water in arrears, 3 then 5 of it at 301."""
    village = Village()
    for code in ("10-101", "8-301", "8-202"):
        unit = village.unit(code, "89.56")
        village.meter(f"W{code}", dict(zip(DAYS, ("10", "13", "18"), strict=True)), unit=unit)
    village.tariff(village.fee("物业费", rank=1), "area", "2.35")
    village.tariff(
        village.fee("水费", timing="arrears", rank=2), "meter", "3.45", formula={"meter_kind": "water"}
    )
    for month in ("2026-10", "2026-11"):
        bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")
    return village


def november() -> list[BillSheet]:
    return list_bill_sheets(Bill.objects.filter(period_start=date(2026, 11, 1)), TODAY)


def text_of(sheet: BillSheet, at: int) -> str:
    return "".join(phrase.text for phrase in sheet.lines[at].how)


def test_list_bill_sheets_come_in_walking_order(village: Village) -> None:
    assert [sheet.room for sheet in november()] == ["202", "301", "101"]


def test_list_bill_sheets_open_each_line_and_compare_it(village: Village) -> None:
    sheet = november()[1]
    assert [(line.name, line.amount, line.change) for line in sheet.lines] == [
        ("物业费", Decimal("210.47"), Decimal("0.00")),
        ("水费", Decimal("17.25"), Decimal("6.90")),
    ]
    assert (sheet.total, sheet.outstanding) == (Decimal("227.72"), Decimal("227.72"))
    assert (sheet.change, sheet.main_cause) == (Decimal("6.90"), "水费")
    assert [phrase.text for phrase in sheet.lines[0].how if phrase.strong] == ["89.56 × 2.35 = 210.466"]
    assert "89.56㎡" in text_of(sheet, 0)


def test_list_bill_sheets_say_which_days_the_metered_items_cover(village: Village) -> None:
    assert november()[0].notes == ("水费是10月的。",)


def test_list_bill_sheets_show_place_and_masked_name_in_the_window(village: Village) -> None:
    assert november()[1].address[1:] == ("8栋301", "张** 收")


@pytest.mark.parametrize(
    ("city", "address", "shown"),
    [
        ("云杉市", "松青路 18 号", "云杉市松青路 18 号 云杉苑"),
        ("云杉市", "云杉市松青路 18 号", "云杉市松青路 18 号 云杉苑"),
        ("", "", "云杉苑"),
    ],
)
def test_list_bill_sheets_name_the_city_once(village: Village, city: str, address: str, shown: str) -> None:
    Community.objects.update(city=city, address=address)
    assert november()[0].address[0] == shown


def test_list_bill_sheets_of_the_first_month_compare_with_nothing(village: Village) -> None:
    first = list_bill_sheets(Bill.objects.filter(period_start=date(2026, 10, 1)), TODAY)[0]
    assert (first.change, {line.change for line in first.lines}) == (None, {None})
    assert not first.is_compared
    assert november()[0].is_compared


def test_list_bill_sheets_leave_out_drafts(village: Village) -> None:
    december = Period.month("2026-12")
    bill_period(community=village.community, period=december, now=NOW, by="test", issue=False)
    drafts = Bill.objects.filter(period_start=december.start)
    assert drafts.count() == 3
    assert list_bill_sheets(drafts, TODAY) == []
    with pytest.raises(NothingToPrintError):
        render_bills(drafts, now=NOW, language="en")


@pytest.mark.parametrize("doors", [1, 3])
def test_list_bill_sheets_takes_as_many_queries_for_three_as_for_one(
    village: Village, doors: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chosen = list(Bill.objects.filter(period_start=date(2026, 11, 1)).values_list("pk", flat=True))[:doors]
    with django_assert_num_queries(5):
        assert len(list_bill_sheets(Bill.objects.filter(pk__in=chosen), TODAY)) == doors


def test_render_bills_makes_a_page_a_bill(village: Village) -> None:
    assert (
        count_pages(render_bills(Bill.objects.filter(period_start=date(2026, 11, 1)), now=NOW, language="en"))
        == 3
    )


def test_an_unpaid_bill_of_three_lines_with_a_pool_takes_one_page() -> None:
    village = Village()
    for room in ("301", "302", "401"):
        unit = village.unit(f"8-{room}", "143.07")
        village.meter(f"W{room}", dict(zip(DAYS, ("10", "13", "18"), strict=True)), unit=unit)
    village.meter("E-1", dict(zip(DAYS, ("10573", "11379", "12140"), strict=True)), kind="electricity")
    village.tariff(village.fee("物业费", rank=1), "area", "2.35")
    village.tariff(
        village.fee("水费", timing="arrears", rank=2), "meter", "3.45", formula={"meter_kind": "water"}
    )
    lift = village.fee("公摊电费", timing="arrears", rank=3)
    village.tariff(lift, "pool", "0.6283", formula={"pool_meter": "E-1", "pool_key": "area"})
    for month in ("2026-10", "2026-11"):
        bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")
    for language in ("zh-hans", "en"):
        assert count_pages(render_bills(Bill.objects.all(), now=NOW, language=language)) == 6


def test_print_bills_writes_a_file_a_building(
    village: Village, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("print_bills", community="yunshan", period="2026-11", out=tmp_path, json=True)
    assert json.loads(capsys.readouterr().out) == {
        "bills": 3,
        "buildings": 2,
        "files": [str(tmp_path / f"yunshan-2026-11-{code}.pdf") for code in ("8", "10")],
    }
    assert [count_pages((tmp_path / f"yunshan-2026-11-{code}.pdf").read_bytes()) for code in ("8", "10")] == [
        2,
        1,
    ]


def test_print_bills_of_a_month_without_bills_says_so(village: Village, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("print_bills", community="yunshan", period="2026-12", out=tmp_path)
    assert left.value.code == 2
    assert list(tmp_path.iterdir()) == []
