"""A clerk takes a roster in through the pages; others cannot."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditRecord
from core.tables.reader import open_bytes
from estates.models import Community, Company, Meter, Occupancy, Person, Reading, RosterImport, Unit
from tests.core.workbooks import Rows, write_csv
from tests.estates.conftest import Import
from tests.estates.test_services_roster import HEAD, row
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def clerk(community: Community) -> Client:
    return member(Role.MANAGER, community, "clerk", language="zh-hans")


@pytest.fixture
def stranger(db: None) -> Client:
    other = Community.objects.create(company=Company.objects.create(name="别家"), code="other", name="别处")
    return member(Role.MANAGER, other, "stranger", language="zh-hans")


def upload(client: Client, community: Community, rows: Rows, name: str = "名册.csv") -> Any:
    file = SimpleUploadedFile(name, write_csv(rows))
    return client.post(reverse("estates:roster_upload"), {"community": community.pk, "file": file})


def test_roster_upload_preview_confirm_result(clerk: Client, community: Community) -> None:
    sent = upload(clerk, community, [HEAD, row(), row(房号="302", 建筑面积="8O.5")])
    assert sent.status_code == 302
    preview = clerk.get(sent.url)
    assert [tile.value for tile in preview.context["tiles"]] == ["1", "0", "0", "1"]
    page = preview.content.decode()
    assert "8O.5" in page
    assert "8-2-301" in page
    assert Unit.objects.count() == 0
    done: Any = clerk.post(sent.url)
    record = RosterImport.objects.get()
    assert done.url == reverse("estates:roster_result", args=[record.pk])
    assert (record.imported_by, record.created_count, Unit.objects.count()) == ("clerk", 1, 1)
    assert "有 1 行没有导入" in clerk.get(done.url).content.decode()
    assert clerk.get(sent.url).status_code == 404  # a file is imported once


def test_rows_to_mend_are_downloaded_as_attachment(clerk: Client, community: Community) -> None:
    sent = upload(
        clerk, community, [HEAD, row(业主="=1+1"), row(房号="302", 业主="=cmd|' /C calc'!A0", 建筑面积="x")]
    )
    clerk.post(sent.url)
    record = RosterImport.objects.get()
    answer = clerk.get(reverse("estates:roster_to_mend", args=[record.pk]))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    (sheet,) = open_bytes(answer.content, "待改.xlsx").sheets
    assert [list(cells)[9] for cells in sheet.rows] == ["业主", "'=cmd|' /C calc'!A0"]
    assert b"<f>" not in _sheet_xml(answer.content)


def _sheet_xml(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def test_rows_to_mend_can_be_had_again_when_nothing_is_new(
    clerk: Client, community: Community, take_in: Import
) -> None:
    rows: Rows = [HEAD, row(), row(房号="302", 建筑面积="x")]
    take_in(rows)
    sent: Any = upload(clerk, community, rows)
    assert "下载待改的行" in clerk.get(sent.url).content.decode()
    done: Any = clerk.post(sent.url)
    assert "/to-mend/" in clerk.get(done.url).content.decode()


def test_roster_preview_gives_up(clerk: Client, community: Community) -> None:
    sent = upload(clerk, community, [HEAD, row()])
    dropped: Any = clerk.post(sent.url, {"drop": "1"})
    assert dropped.url == reverse("estates:roster_upload")
    assert clerk.get(sent.url).status_code == 404
    assert Unit.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("名册.exe", b"MZ", "不是 .xlsx、.xls 或 .csv 文件"),
        ("名册.xlsx", b"<html>", "对不上"),
        ("名册.csv", "姓名,成绩\n张三,98\n".encode(), "没有房屋名册"),
    ],
)
def test_roster_upload_refuses_in_words(
    clerk: Client, community: Community, name: str, data: bytes, said: str
) -> None:
    file = SimpleUploadedFile(name, data)
    answer = clerk.post(reverse("estates:roster_upload"), {"community": community.pk, "file": file})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_roster_upload_escapes_what_stands_in_cells(clerk: Client, community: Community) -> None:
    sent = upload(clerk, community, [HEAD, row(业态="<script>alert(1)</script>")])
    page = clerk.get(sent.url).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_company_finds_nothing(clerk: Client, stranger: Client, community: Community) -> None:
    sent = upload(clerk, community, [HEAD, row(), row(房号="302", 建筑面积="x")])
    assert stranger.get(sent.url).status_code == 404
    assert stranger.post(sent.url).status_code == 404
    clerk.post(sent.url)
    record, person = RosterImport.objects.get(), Person.objects.get()
    for address in (
        reverse("estates:roster_result", args=[record.pk]),
        reverse("estates:roster_to_mend", args=[record.pk]),
        reverse("estates:person_contact", args=[person.pk]),
    ):
        assert stranger.get(address).status_code == 404
    assert upload(stranger, community, [HEAD, row()]).status_code == 422


@pytest.mark.parametrize("role", [Role.CASHIER, Role.FINANCE, Role.ENGINEER])
def test_other_roles_may_not_import(community: Community, role: Role) -> None:
    client = member(role, community, "someone", language="zh-hans")
    assert client.get(reverse("estates:roster_upload")).status_code == 403


def test_person_contact_is_shown_for_a_reason_on_record(
    clerk: Client, community: Community, take_in: Import
) -> None:
    take_in([HEAD, row()])
    person = Person.objects.get()
    address = reverse("estates:person_contact", args=[person.pk])
    before = clerk.get(address).content.decode()
    assert "138****8000" in before
    assert "13800138000" not in before
    assert clerk.post(address, {"reason": ""}).status_code == 422
    assert not AuditRecord.objects.filter(action="estates.reveal_contact").exists()
    after = clerk.post(address, {"reason": "水管漏水，联系业主"})
    assert "13800138000" in after.content.decode()
    assert after["Cache-Control"] == "no-store"
    record = AuditRecord.objects.get(action="estates.reveal_contact")
    assert (record.actor, record.reason, record.community_id) == ("clerk", "水管漏水，联系业主", community.pk)


def test_readings_come_in_through_the_page(community: Community, take_in: Import) -> None:
    take_in([HEAD, row()])
    engineer = member(Role.ENGINEER, community, "engineer", language="zh-hans")
    head = ["房号", "表号", "类型", "日期", "读数"]
    rows = [head, ["8-2-301", "W1", "水", "2026-07-31", "1"], ["8-2-301", "W1", "水", "2026-08-31", "0.5"]]
    file = SimpleUploadedFile("抄表.csv", write_csv(rows))
    sent = engineer.post(reverse("estates:readings_upload"), {"community": community.pk, "file": file})
    page = engineer.get(sent["Location"])
    assert [tile.value for tile in page.context["tiles"]] == ["1", "0", "1", "1", "1"]
    assert "是不是换过表" in page.content.decode()
    assert not Reading.objects.exists()
    done = engineer.post(sent["Location"], follow=True)
    assert "1 条新读数" in done.content.decode()
    assert Reading.objects.get().value == 1
    refused = SimpleUploadedFile("抄表.pdf", b"%PDF")
    again = engineer.post(reverse("estates:readings_upload"), {"community": community.pk, "file": refused})
    assert again.status_code == 422


# Lists -------------------------------------------------------------------------------------------------------

LISTS = ["community", "building", "unit", "person", "meter", "reading", "rosterimport"]


@pytest.mark.parametrize("model", LISTS)
def test_lists_show_rows_of_the_scope_only(
    clerk: Client, stranger: Client, take_in: Import, community: Community, model: str
) -> None:
    take_in([HEAD, row()])
    meter = Meter.objects.create(community=community, unit=Unit.objects.get(), code="W1", kind="water")
    Reading.objects.create(meter=meter, read_on=date(2026, 8, 31), value=1)
    address = reverse(f"admin:estates_{model}_changelist")
    assert clerk.get(address).context["cl"].result_count == 1
    foreign = stranger.get(address).context["cl"].result_list
    assert [thing.name for thing in foreign] == (["别处"] if model == "community" else [])
    (thing,) = clerk.get(address).context["cl"].result_list
    assert clerk.get(reverse(f"admin:estates_{model}_change", args=[thing.pk])).status_code == 200
    assert stranger.get(reverse(f"admin:estates_{model}_change", args=[thing.pk])).status_code in (302, 404)


@pytest.mark.parametrize("model", ["unit", "person"])
def test_lists_take_as_many_queries_for_3_rows_as_for_1(clerk: Client, take_in: Import, model: str) -> None:
    address = reverse(f"admin:estates_{model}_changelist")
    take_in([HEAD, row()])
    clerk.get(address)
    with CaptureQueriesContext(connection) as first:
        clerk.get(address)
    take_in([HEAD, row(房号="302", 业主="李四"), row(房号="303", 业主="王五")])
    with CaptureQueriesContext(connection) as second:
        clerk.get(address)
    assert len(first) == len(second)


def test_person_page_never_holds_the_full_phone(clerk: Client, take_in: Import) -> None:
    take_in([[*HEAD, "身份证号"], [*row(), "320101198001011234"]])
    person = Person.objects.get()
    pages = [
        reverse("admin:estates_person_changelist"),
        reverse("admin:estates_person_change", args=[person.pk]),
    ]
    for address in pages:
        page = clerk.get(address).content.decode()
        assert "138****8000" in page
        assert "13800138000" not in page
        assert "320101198001011234" not in page


def test_person_page_changes_the_phone_and_keeps_a_blank(clerk: Client, take_in: Import) -> None:
    take_in([HEAD, row()])
    person = Person.objects.get()
    address = reverse("admin:estates_person_change", args=[person.pk])
    form = {"name": "张三", "kind": "natural", "email": "", "contact_source": "名册", "phone": "",
            "occupancies-TOTAL_FORMS": 0, "occupancies-INITIAL_FORMS": 0}  # fmt: skip
    assert clerk.post(address, form).status_code == 302
    assert Person.objects.get().phone == "13800138000"
    assert clerk.post(address, form | {"phone": "1390013"}).status_code == 200
    assert clerk.post(address, form | {"phone": "139 0013 9000"}).status_code == 302
    assert Person.objects.get().phone == "13900139000"
    assert Occupancy.objects.count() == 1
