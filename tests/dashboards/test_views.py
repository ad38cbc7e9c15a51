"""The overview as people meet it: the home page, drilling down, definitions, files."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboards.explaining import EXPLAINED
from estates.models import Building, Community
from tests.billing.factories import issue_bill, make_account
from tests.dashboards.world import NOW, World
from tests.staff import sign_in
from users.models import User
from users.roles import Role
from users.services.staff import grant_role

OVERVIEW = "/admin/overview/"


@pytest.fixture(autouse=True)
def on_the_last_of_november() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(world: World) -> Client:
    return sign_in(Role.MANAGER, world.spruce)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


class TestHome:
    def test_shows_the_five_figures(self, manager: Client) -> None:
        page = read(manager, "/admin/")
        for figure in ("47.6<small>%", "22.2<small>%", "25.0<small>%", "¥570.00", "3<small> 户"):
            assert figure in page
        assert "2026年11月，截至11月30日" in page

    def test_is_the_same_as_the_overview(self, manager: Client) -> None:
        assert manager.get("/admin/").context["tiles"] == manager.get(OVERVIEW).context["tiles"]

    def test_of_those_without_figures_lists_what_they_may_do(self, world: World) -> None:
        page = read(sign_in(Role.ENGINEER, world.spruce), "/admin/")
        assert "¥570.00" not in page
        assert "<h1>首页</h1>" in page

    def test_before_the_first_bill_says_what_to_do(self, world: World) -> None:
        empty = Community.objects.create(company=world.spruce.company, code="new", name="新苑")
        page = read(sign_in(Role.MANAGER, empty), "/admin/")
        assert "还没有发出过账单" in page
        assert reverse("estates:roster_upload") in page

    def test_asks_the_same_queries_however_many_rows(self, world: World, manager: Client) -> None:
        manager.get("/admin/")  # what Django reads once and keeps
        counts = []
        for rooms in (range(0), range(401, 404)):
            for room in rooms:
                issue_bill(make_account(world.spruce, f"8-2-{room}", f"新{room}"), {"property": "1.00"})
            with CaptureQueriesContext(connection) as queries:
                manager.get("/admin/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 15


class TestDrillingDown:
    def test_address_opens_rows(self, world: World, manager: Client) -> None:
        building = world.accounts["8-2-301"].unit.building_id
        page = read(manager, f"{OVERVIEW}?open=b{building}&open=b{building}.2")
        rows = manager.get(f"{OVERVIEW}?open=b{building}&open=b{building}.2").context["places"]
        assert [(row.name, row.depth) for row in rows] == [
            ("8栋", 0), ("1单元", 1), ("2单元", 1), ("301", 2), ("302", 2), ("10栋", 0), ("不在楼里", 0),
        ]  # fmt: skip
        assert 'aria-expanded="true"' in page

    def test_open_row_links_to_itself_closed(self, world: World, manager: Client) -> None:
        building = world.accounts["8-2-301"].unit.building_id
        row = manager.get(f"{OVERVIEW}?open=b{building}").context["places"][0]
        assert row.is_open
        assert "open=" not in row.url

    def test_rows_add_up_to_the_total(self, manager: Client) -> None:
        context = manager.get(OVERVIEW).context
        arrears = [Decimal(row.cells.arrears.removeprefix("¥")) for row in context["places"]]
        assert sum(arrears) == Decimal(context["total"].arrears.removeprefix("¥")) == Decimal("570.00")

    def test_kind_and_month_narrow_the_page(self, manager: Client) -> None:
        assert "¥150.00" in read(manager, f"{OVERVIEW}?kind=shops")
        assert "2026年9月，截至9月30日" in read(manager, f"{OVERVIEW}?month=2026-09")

    @pytest.mark.parametrize(
        "query", ["community=elsewhere", "community=none", "month=2026-13", "month=1999-01", "kind=castle"]
    )
    def test_what_is_not_there_or_not_hers_is_not_found(self, manager: Client, query: str) -> None:
        assert manager.get(f"{OVERVIEW}?{query}").status_code == 404

    def test_staff_of_two_communities_see_both_and_may_choose(self, world: World) -> None:
        client = sign_in(Role.FINANCE, world.spruce, name="lin")
        other = world.other
        grant_role(
            user=User.objects.get(username="lin"),
            role=Role.FINANCE,
            company=other.company,
            community=other,
            by=None,
        )
        client.force_login(User.objects.get(username="lin"))
        assert [row.name for row in client.get(OVERVIEW).context["places"]] == ["elsewhere", "spruce"]
        assert client.get(f"{OVERVIEW}?community=elsewhere").context["total"].arrears == "¥77.77"


class TestHow:
    @pytest.mark.parametrize("figure", EXPLAINED)
    def test_every_figure_tells_itself(self, manager: Client, figure: str) -> None:
        page = read(manager, reverse("dashboards:how", args=[figure]))
        assert "是什么意思" in page
        assert "截至11月30日" in page

    def test_every_figure_of_the_page_opens_its_definition(self, manager: Client) -> None:
        context = manager.get(OVERVIEW).context
        links = [tile.how_url for tile in context["tiles"]]
        links += [context[name] for name in ("months_how", "ageing_how", "kinds_how", "contrasts_how")]
        assert {manager.get(link).status_code for link in links} == {200}

    def test_rows_are_the_units_behind_it(self, manager: Client) -> None:
        rows = manager.get(reverse("dashboards:how", args=["recovery"])).context["units_rows"]
        assert [row[1][1][1] for row in rows] == ["8-1-2602", "8-2-302", "10-1-1"]

    def test_arrears_begin_with_the_largest(self, manager: Client) -> None:
        rows = manager.get(reverse("dashboards:how", args=["arrears"])).context["units_rows"]
        assert [row[1][1][1] for row in rows] == ["8-1-2602", "10-1-1", "8-2-302", "P-0-1"]

    def test_bucket_keeps_its_households(self, manager: Client) -> None:
        address = reverse("dashboards:how", args=["ageing"])
        assert manager.get(f"{address}?bucket=1").context["rows_page"].paginator.count == 3
        assert manager.get(f"{address}?bucket=4").context["rows_page"].paginator.count == 0

    def test_unknown_figure_is_not_found(self, manager: Client) -> None:
        assert manager.get(reverse("dashboards:how", args=["luck"])).status_code == 404


class TestExport:
    @pytest.fixture
    def workbook(self, manager: Client) -> openpyxl.Workbook:
        answer = manager.get(reverse("dashboards:export"))
        assert answer["Content-Disposition"] == 'attachment; filename="overview-20261130.xlsx"'
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    def test_workbook_equals_the_page(self, manager: Client, workbook: openpyxl.Workbook) -> None:
        context = manager.get(OVERVIEW).context
        figures = {row[0]: row[1] for row in workbook["指标"].values}
        assert (figures["当期收缴率"], figures["欠费"], figures["欠费户"]) == (0.4762, 570, 3)
        *rows, total = list(workbook["楼栋"].values)[1:]
        buildings = {row[1]: row[10] for row in rows if not row[2]}
        shown = {row.name: row.cells.arrears for row in context["places"]}
        assert {name: f"¥{amount:,.2f}" for name, amount in buildings.items()} == shown
        assert total[10] == 570

    def test_workbook_has_every_table(self, workbook: openpyxl.Workbook) -> None:
        assert workbook.sheetnames == ["指标", "各月", "账龄", "业态", "楼栋", "房屋"]

    def test_no_cell_is_a_formula(self, world: World, manager: Client) -> None:
        Building.objects.filter(code="8").update(code="=1+1")
        Community.objects.filter(pk=world.spruce.pk).update(name="＠SUM(1)")
        book = openpyxl.load_workbook(io.BytesIO(manager.get(reverse("dashboards:export")).content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert "f" not in {cell.data_type for cell in cells}
        assert "'＠SUM(1)" in {cell.value for cell in cells}

    def test_csv_holds_the_same_rows(self, manager: Client) -> None:
        answer = manager.get(f"{reverse('dashboards:export')}?format=csv&table=places")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][:4] == ["小区", "楼栋", "单元", "出账户数"]
        assert rows[-1][10] == "570.00"

    def test_needs_its_own_permission(self, world: World) -> None:
        assert sign_in(Role.CASHIER, world.spruce).get(reverse("dashboards:export")).status_code == 403
