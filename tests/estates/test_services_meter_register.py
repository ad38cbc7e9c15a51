"""A file of meters comes in: units, tree, multipliers and opening values; what bills stand on stays as it is."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.models import AuditRecord
from core.periods import Period
from core.tables.reader import open_bytes
from estates.exports import write_meters_template
from estates.models import Community, Meter, Reading
from estates.selectors import meter_tree, meter_uses
from estates.services.meter_register import MetersOutcome, NoMeters, import_meters
from estates.services.readings import import_readings
from tests.core.workbooks import write_csv
from tests.estates.conftest import NOW, Import, csv_file
from tests.estates.test_services_roster import HEAD as ROSTER_HEAD
from tests.estates.test_services_roster import row as roster_row

HEAD = ["表号", "名称", "表类型", "房屋编码", "上级表号", "倍率", "位数", "厂家", "起数", "安装日期", "模式"]
MAIN = ["W-0", "小区总表", "水", "", "", "10", "6", "宁波水表", "1200", "2026-08-31", ""]
FLAT = ["W-301", "", "水", "8-2-301", "W-0", "", "5", "", "12.5", "2026-08-31", "后付费"]
TODAY = date(2026, 10, 9)
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture(autouse=True)
def units(take_in: Import) -> None:
    take_in([ROSTER_HEAD, roster_row(), roster_row(房号="302", 业主="李四", 手机="")])


def take(community: Community, *rows: list[Any], dry_run: bool = False) -> MetersOutcome:
    file = csv_file([HEAD, *rows], "表.csv")
    return import_meters(community=community, file=file, by=None, now=NOW, today=TODAY, dry_run=dry_run)


def read(community: Community, meter: str, day: str, value: str) -> None:
    file = csv_file([["unit", "meter", "kind", "date", "value"], ["", meter, "水", day, value]], "抄表.csv")
    import_readings(community=community, file=file, by=None, today=TODAY)


def counts(outcome: MetersOutcome) -> list[int]:
    return [outcome.counts[fate] for fate in ("created", "updated", "unchanged", "rejected")]


def found(outcome: MetersOutcome, *, blocks: bool = True) -> list[tuple[Any, str]]:
    return [(p.where["row"], p.code) for p in outcome.problems if p.blocks == blocks]


def row(facts: list[str], **changes: str) -> list[str]:
    return list((dict(zip(HEAD, facts, strict=True)) | changes).values())


def test_import_meters_with_tree_multiplier_and_opening(community: Community) -> None:
    assert counts(take(community, FLAT, MAIN)) == [2, 0, 0, 0]
    main, flat = Meter.objects.select_related("unit", "parent").order_by("code")
    assert (main.name, main.multiplier, main.digits, main.maker, main.unit) == (
        "小区总表", Decimal(10), 6, "宁波水表", None,
    )  # fmt: skip
    assert (str(flat.unit), flat.parent, flat.multiplier, flat.is_prepaid) == (
        "8-2-301", main, Decimal(1), False,
    )  # fmt: skip
    assert list(Reading.objects.order_by("meter__code").values_list("value", "is_opening")) == [
        (Decimal("1200.0000"), True),
        (Decimal("12.5000"), True),
    ]
    (top,) = meter_tree(community, SEPTEMBER)
    assert [branch.code for branch in top.branches] == ["W-301"]
    assert AuditRecord.objects.filter(action="estates.import_meters").count() == 1


def test_a_meter_bills_from_its_opening_value(community: Community) -> None:
    take(community, MAIN)
    read(community, "W-0", "2026-09-30", "1203")
    uses = meter_uses(community, SEPTEMBER)
    assert uses.use.tolist() == [300_000]  # 3 × 10, in ten-thousandths


def test_the_same_file_twice_changes_nothing(community: Community) -> None:
    take(community, MAIN, FLAT)
    read(community, "W-301", "2026-09-30", "20")
    assert counts(take(community, MAIN, FLAT)) == [0, 0, 2, 0]
    assert Reading.objects.count() == 3


def test_a_dry_run_writes_nothing(community: Community) -> None:
    assert counts(take(community, MAIN, FLAT, dry_run=True)) == [2, 0, 0, 0]
    assert not Meter.objects.exists()


def test_what_changes_is_changed_and_blanks_change_nothing(community: Community) -> None:
    take(community, MAIN, FLAT)
    blank = row(FLAT, 上级表号="", 位数="", 起数="", 安装日期="", 模式="")
    assert counts(take(community, MAIN, blank)) == [0, 0, 2, 0]
    assert counts(take(community, row(blank, 厂家="三川", 位数="6"))) == [0, 1, 0, 0]
    flat = Meter.objects.select_related("parent").get(code="W-301")
    assert (flat.maker, flat.digits, flat.parent and flat.parent.code) == ("三川", 6, "W-0")


def test_the_opening_of_a_meter_that_was_read_first(community: Community) -> None:
    take(community, row(FLAT, 上级表号="", 起数="", 安装日期=""))
    read(community, "W-301", "2026-09-30", "20")
    assert counts(take(community, row(FLAT, 上级表号=""))) == [0, 1, 0, 0]
    assert meter_uses(community, SEPTEMBER).use.tolist() == [75_000]  # 20 − 12.5


def test_a_multiplier_changes_until_the_meter_is_read(community: Community) -> None:
    take(community, row(MAIN, 起数="", 安装日期=""))
    assert counts(take(community, row(MAIN, 起数="", 安装日期="", 倍率="20"))) == [0, 1, 0, 0]
    read(community, "W-0", "2026-09-30", "20")
    outcome = take(community, row(MAIN, 起数="", 安装日期="", 倍率="40"))
    assert found(outcome) == [(2, "other_multiplier")]
    assert Meter.objects.get().multiplier == Decimal(20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"表号": ""}, "missing"),
        ({"表类型": "酒"}, "unknown_meter_kind"),
        ({"房屋编码": "8-2-999"}, "unknown_unit"),
        ({"倍率": "0"}, "odd_multiplier"),
        ({"位数": "12"}, "odd_digits"),
        ({"位数": "5.5"}, "not_whole"),
        ({"模式": "白送"}, "unknown_mode"),
        ({"安装日期": ""}, "opening_without_day"),
        ({"安装日期": "2026-10-10"}, "installed_in_future"),
        ({"起数": "100000"}, "above_top"),
        ({"上级表号": "W-9"}, "unknown_parent"),
        ({"上级表号": "W-301"}, "odd_parent"),
        ({"上级表号": "E-0"}, "odd_parent"),
        ({"名称": "字" * 61}, "too_long"),
    ],
)
def test_a_bad_row_is_told_and_the_others_come_in(
    community: Community, changes: dict[str, str], code: str
) -> None:
    power = row(MAIN, 表号="E-0", 表类型="电")
    outcome = take(community, MAIN, power, row(FLAT, **changes))
    assert (found(outcome), counts(outcome)) == ([(4, code)], [2, 0, 0, 1])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"房屋编码": "8-2-302"}, "meter_of_other_unit"),
        ({"表类型": "电", "上级表号": ""}, "meter_of_other_kind"),
        ({"位数": "1"}, "digits_too_few"),
        ({"安装日期": "2026-09-05"}, "opened_before"),
        ({"起数": "13"}, "other_opening"),
        ({"起数": "13", "安装日期": "2026-08-30"}, "opening_above_first"),
    ],
)
def test_what_bills_stand_on_is_not_changed(community: Community, changes: dict[str, str], code: str) -> None:
    take(community, MAIN, FLAT)
    changes = {"位数": "", **changes} if code != "digits_too_few" else {"起数": "", "安装日期": "", **changes}
    outcome = take(community, row(FLAT, **changes))
    assert found(outcome) == [(2, code)]


def test_meters_in_a_ring_are_left_out_with_all_behind_them(community: Community) -> None:
    rows = [
        row(MAIN, 表号=code, 上级表号=parent)
        for code, parent in [("A", "B"), ("B", "A"), ("C", "A"), ("D", "")]
    ]
    outcome = take(community, *rows)
    assert sorted(found(outcome)) == [(2, "meters_in_a_ring"), (3, "meters_in_a_ring"), (4, "unknown_parent")]
    assert list(Meter.objects.values_list("code", flat=True)) == ["D"]


def test_a_ring_closed_through_the_register(community: Community) -> None:
    take(community, MAIN, FLAT)
    outcome = take(community, row(MAIN, 上级表号="W-301"))
    assert found(outcome) == [(2, "meters_in_a_ring")]


def test_rows_of_one_meter_agree_or_are_left_out(community: Community) -> None:
    outcome = take(community, MAIN, MAIN)
    assert (counts(outcome), found(outcome, blocks=False)) == ([1, 0, 1, 0], [(3, "row_repeated")])
    outcome = take(community, row(FLAT, 厂家="甲"), row(FLAT, 厂家="乙"))
    assert found(outcome) == [(2, "meters_disagree"), (3, "meters_disagree")]


def test_a_day_without_a_value_is_remarked_on(community: Community) -> None:
    outcome = take(community, row(FLAT, 上级表号="", 起数=""))
    assert (counts(outcome), found(outcome, blocks=False)) == ([1, 0, 0, 0], [(2, "opening_asked_for")])
    assert not Reading.objects.exists()


def test_the_sheet_comes_back_unchanged(community: Community) -> None:
    take(community, MAIN, FLAT)
    file = open_bytes(write_meters_template(community), "表.xlsx")
    outcome = import_meters(community=community, file=file, by=None, now=NOW, today=TODAY)
    assert (counts(outcome), found(outcome, blocks=False)) == ([0, 0, 2, 0], [])


def test_a_file_without_meters_is_refused(community: Community) -> None:
    with pytest.raises(NoMeters) as refused:
        import_meters(
            community=community, file=csv_file([["姓名"], ["张三"]], "人.csv"), by=None, now=NOW, today=TODAY
        )
    assert [problem.code for problem in refused.value.problems] == ["no_table", "unknown_sheet"]


def test_the_command_answers_in_the_form_of_the_contract(community: Community, tmp_path: Path) -> None:
    path, out = tmp_path / "表.csv", io.StringIO()
    path.write_bytes(write_csv([HEAD, MAIN, row(FLAT, 房屋编码="8-9-9")]))
    with pytest.raises(SystemExit) as ended:
        call_command("import_meters", str(path), "--community", community.code, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (ended.value.code, answer["created"], answer["rejected"]) == (1, 1, 1)
    assert [(problem["row"], problem["code"]) for problem in answer["problems"]] == [(3, "unknown_unit")]
