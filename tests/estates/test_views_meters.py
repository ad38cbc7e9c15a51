"""The reader's round on a phone, the desk of readings to look at, meters with their losses: through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.tables.reader import open_bytes
from estates.exports import TEMPLATE_HEAD, write_readings_template
from estates.models import Building, Community, Meter, MeterFault, Reading, ReadingCheck, Unit
from estates.services.readings import import_readings
from tests.core.workbooks import Rows, write_csv
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.usefixtures("media")

PHOTO = b"\xff\xd8\xff\xe0" + b"0" * 100
D = Decimal


@pytest.fixture
def building(community: Community) -> Building:
    return Building.objects.create(community=community, code="8", sort_key="0008")


def add_meter(building: Building, room: str, *values: int) -> Meter:
    """A flat with a water meter that was read every thirty days, the last time forty days ago."""
    unit = Unit.objects.create(
        community=building.community, building=building, code=f"8-2-{room}", stair="2", room=room,
        kind="high_rise", sort_key=f"8-2-{room}",
    )  # fmt: skip
    meter = Meter.objects.create(community=building.community, unit=unit, code=f"W{room}", kind="water")
    for number, value in enumerate(values):
        day = timezone.localdate() - timedelta(days=40 + 30 * (len(values) - 1 - number))
        Reading.objects.create(meter=meter, read_on=day, value=value)
    return meter


@pytest.fixture
def reader(community: Community) -> Client:
    return member(Role.ENGINEER, community, "reader", language="zh-hans")


@pytest.fixture
def clerk(community: Community) -> Client:
    return member(Role.CASHIER, community, "clerk", language="zh-hans")


def stop(meter: Meter) -> str:
    return reverse("estates:round_meter", args=[meter.pk])


# The round -------------------------------------------------------------------------------------------------


def test_round_goes_from_meter_to_meter_in_walking_order(reader: Client, building: Building) -> None:
    second, first = add_meter(building, "302", 5), add_meter(building, "301", 10)
    page = reader.get(reverse("estates:round", args=[building.pk]))
    assert [each.meter for each in page.context["round"].stops] == [first, second]
    assert page.context["next"].meter == first
    photo = SimpleUploadedFile("IMG_1.jpg", PHOTO)
    sent = reader.post(stop(first), {"value": "12.5", "photo": photo})
    assert sent["Location"] == stop(second)
    reading = Reading.objects.get(meter=first, read_on=timezone.localdate())
    assert (reading.value, reading.reader, reading.source) == (D("12.5"), "reader", "round")
    assert str(reading.photo).startswith("readings/")
    assert "IMG" not in str(reading.photo)
    shown = reader.get(reverse("estates:reading_photo", args=[reading.pk]))
    assert (shown["Content-Type"], b"".join(shown)) == ("image/jpeg", PHOTO)
    done = reader.post(stop(second), {"skip": "locked"})
    assert done["Location"] == reverse("estates:round", args=[building.pk])
    page = reader.get(done["Location"])
    assert (page.context["round"].done, page.context["next"]) == (2, None)
    assert ReadingCheck.objects.get().note == "家里没人"


def test_round_asks_again_before_it_takes_what_looks_wrong(reader: Client, building: Building) -> None:
    meter = add_meter(building, "301", 0, 10, 20, 30, 40, 50, 60)
    assert reader.post(stop(meter), {"value": "600", "photo": SimpleUploadedFile("a.jpg", PHOTO)})[
        "Location"
    ] == stop(meter)
    page = reader.get(stop(meter))
    assert "比平时多很多" in page.content.decode()
    assert not Reading.objects.filter(value=600).exists()
    reader.post(stop(meter), {"value": "600"})
    assert Reading.objects.get(value=600).photo  # the photo of the first try stays with it
    assert ReadingCheck.objects.get(closed_at=None).reason == "jump"


def test_round_keeps_a_lower_value_for_the_office(reader: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10)
    for _ in range(2):
        sent = reader.post(stop(meter), {"value": "7"})
    assert sent["Location"] == reverse("estates:round", args=[building.pk])
    assert ReadingCheck.objects.get(closed_at=None).value == 7
    assert Reading.objects.count() == 1


@pytest.mark.parametrize(("value", "say"), [("12", "读数正常。"), ("7", "比上次低"), ("", ""), ("x", "")])
def test_round_checks_at_once_and_writes_nothing(
    reader: Client, building: Building, value: str, say: str
) -> None:
    meter = add_meter(building, "301", 10)
    answer = reader.get(reverse("estates:round_check", args=[meter.pk]), {"value": value})
    assert answer.json()["say"].startswith(say)
    assert not ReadingCheck.objects.exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.svg", b"<svg onload=alert(1)>"), ("a.jpg", b"GIF89a"), ("a.jpg", PHOTO + b"0" * 8 * 1024 * 1024)],
)
def test_round_refuses_other_files_than_photos(
    reader: Client, building: Building, name: str, data: bytes
) -> None:
    meter = add_meter(building, "301", 10)
    sent = reader.post(stop(meter), {"value": "12", "photo": SimpleUploadedFile(name, data)})
    assert sent.status_code == 422
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("value", ["", "-1", "1e99", "abc", "0.00001"])
def test_round_refuses_odd_values(reader: Client, building: Building, value: str) -> None:
    meter = add_meter(building, "301", 10)
    assert reader.post(stop(meter), {"value": value}).status_code == 422


def test_round_does_not_read_faulty_and_prepaid_meters(reader: Client, building: Building) -> None:
    faulty, prepaid = add_meter(building, "301", 10), add_meter(building, "302", 10)
    Meter.objects.filter(pk=prepaid.pk).update(is_prepaid=True)
    MeterFault.objects.create(
        meter=faulty, kind="stuck", start=timezone.localdate(), reason="不走", recorded_at=timezone.now()
    )
    (only,) = reader.get(reverse("estates:rounds")).context["rounds"]
    assert [each.state for each in only.stops] == ["faulty"]
    assert reader.post(stop(faulty), {"value": "12"}).status_code == 409
    assert reader.get(stop(prepaid)).status_code == 404


@pytest.mark.parametrize("meters", [1, 3])
def test_pages_take_as_many_queries_for_three_meters_as_for_one(
    reader: Client, clerk: Client, building: Building, meters: int
) -> None:
    for number in range(meters):
        meter = add_meter(building, f"30{number}", 10, 20)
        ReadingCheck.objects.create(
            meter=meter,
            reason="lower",
            read_on=timezone.localdate(),
            value=7,
            noticed_on=timezone.localdate(),
        )
    counts = []
    addresses = (
        (reader, reverse("estates:rounds")),
        (reader, reverse("estates:round", args=[building.pk])),
        (clerk, reverse("estates:checks")),
        (clerk, reverse("estates:meters")),
    )
    for client, address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts == QUERIES


QUERIES = [9, 9, 13, 14]


# The desk --------------------------------------------------------------------------------------------------


def test_each_field_of_a_check_has_a_label_of_its_own(
    reader: Client, clerk: Client, building: Building
) -> None:
    meter = add_meter(building, "301", 10, 20)
    reader.post(stop(meter), {"value": "5"})
    page = clerk.get(reverse("estates:check", args=[ReadingCheck.objects.get().pk])).content.decode()
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="(id_\w+)"', page)
    assert len(ids) == len(set(ids)) > 2
    assert all(f'<label for="{one}">' in page for one in ids)


def test_checks_are_listed_and_settled(reader: Client, clerk: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10)
    reader.post(stop(meter), {"value": "7"})
    (row,) = clerk.get(reverse("estates:checks")).context["rows"]
    assert (row["check"].reason, row["age"]) == ("lower", 0)
    address = reverse("estates:check", args=[row["check"].pk])
    assert [move["name"] for move in clerk.get(address).context["moves"]] == [
        "corrected", "swapped", "misread", "estimated", "dropped",
    ]  # fmt: skip
    refused = clerk.post(address, {"outcome": "corrected", "value": "8"})
    assert (refused.status_code, "同样比上次低" in refused.content.decode()) == (422, True)
    assert clerk.post(address, {"outcome": "confirmed"}).status_code == 422
    assert clerk.post(address, {"outcome": "corrected", "value": "17"}).status_code == 302
    assert Reading.objects.get(value=17).meter == meter
    assert clerk.get(reverse("estates:checks")).context["rows"] == []


def test_meter_page_records_what_happened(clerk: Client, reader: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10, 20)
    address, today = reverse("estates:meter", args=[meter.pk]), timezone.localdate()
    given = {"act": "swap", "on": today.isoformat(), "old_closing": "25", "new_opening": "0", "note": "到期"}
    assert reader.post(address, given).status_code == 403
    assert clerk.post(address, {**given, "old_closing": "19"}).status_code == 422
    assert clerk.post(address, given).status_code == 302
    page = clerk.get(address)
    assert [told.use for told in page.context["story"]] == [D(5), D(10), None]
    assert page.context["chart"] is not None
    fault = {"act": "fault", "on": today.isoformat(), "fault": "stuck", "reason": "表盘不转"}
    assert clerk.post(address, fault).status_code == 302
    assert "end_fault" in [act["name"] for act in clerk.get(address).context["acts"]]


def test_meters_page_shows_losses(clerk: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10, 20)
    main = Meter.objects.create(community=building.community, code="MAIN", kind="water")
    for reading in Reading.objects.filter(meter=meter):
        Reading.objects.create(meter=main, read_on=reading.read_on, value=reading.value * 2)
    Meter.objects.filter(pk=meter.pk).update(parent=main)
    month = f"{timezone.localdate() - timedelta(days=40):%Y-%m}"
    rows = clerk.get(reverse("estates:meters"), {"month": month}).context["rows"]
    assert [(row["depth"], row["branch"].code, row["branch"].loss) for row in rows] == [
        (0, "MAIN", D(10)), (1, "W301", None),
    ]  # fmt: skip
    assert clerk.get(reverse("estates:meters"), {"month": "x"}).status_code == 200


def test_template_lists_last_values_and_comes_in_again(clerk: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10)
    sent = clerk.get(reverse("estates:readings_template", args=[building.community.code]))
    assert sent.status_code == 200
    file = open_bytes(write_readings_template(building.community), "抄表.xlsx")
    head, row = file.sheets[0].rows
    assert tuple(head) == TEMPLATE_HEAD
    assert row[:6] == ["8", "2", "8-2-301", "水", "W301", 10]
    today = timezone.localdate()
    outcome = import_readings(community=building.community, file=file, by=None, today=today)
    assert [problem.code for problem in outcome.problems] == ["missing", "missing"]
    assert Reading.objects.get().meter == meter


def test_a_file_of_meters_is_looked_at_and_taken_in(reader: Client, building: Building) -> None:
    add_meter(building, "301")
    rows: Rows = [["表号", "表类型", "房屋编码"], ["W302", "水", "8-2-301"], ["W9", "水", "8-2-999"]]
    file = SimpleUploadedFile("表.csv", write_csv(rows))
    asked = {"community": building.community.pk, "file": file}
    page = reader.post(reverse("estates:meters_upload"), asked, follow=True)
    assert [problem["code"] for problem in page.context["problems"]] == ["unknown_unit"]
    assert Meter.objects.count() == 1
    assert reader.post(page.request["PATH_INFO"]).status_code == 302
    assert set(Meter.objects.values_list("code", flat=True)) == {"W301", "W302"}
    sheet = reader.get(reverse("estates:meters_sheet", args=[building.community.code]))
    assert [row[0] for row in open_bytes(sheet.content, "表.xlsx").sheets[0].rows] == ["表号", "W301", "W302"]


def test_the_list_of_meters_is_looked_at_only(reader: Client, building: Building) -> None:
    meter = add_meter(building, "301", 10)
    address = reverse("admin:estates_meter_change", args=[meter.pk])
    assert reader.get(address).status_code == 200
    assert reader.post(address, {"code": "W1", "kind": "gas", "multiplier": "9"}).status_code == 403
    assert reader.get(reverse("admin:estates_meter_add")).status_code == 403
