"""Show 4: a roster of 2,000 rows with one error of each kind; the MicroCommunity workbook as it is; mending."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.tables.reader import OpenedFile, open_bytes
from estates.domain.plan import Fate
from estates.exports import write_rows_to_mend
from estates.models import Building, Community, Occupancy, Person, Unit
from estates.services.roster import RosterOutcome
from tests.core.workbooks import Formula, write_csv, write_xls, write_xlsx
from tests.estates.conftest import Import

HEAD = [
    "楼栋",
    "单元",
    "房号",
    "楼层",
    "总层数",
    "业态",
    "建筑面积(㎡)",
    "套内面积",
    "房屋状态",
    "交房日期",
    "业主姓名",
    "手机号",
    "备注",
]
SIZE = 2_000
BUILDING, STAIR, ROOM, FLOOR, FLOORS, KIND, AREA, INNER, STATE, DAY, OWNER, PHONE, NOTE = range(13)

ERRORS: dict[int, tuple[int, Any, str]] = {
    10: (AREA, "", "missing"),
    20: (AREA, 0, "area_not_positive"),
    30: (AREA, -89.5, "area_not_positive"),
    40: (AREA, 895600, "absurd_area"),
    50: (AREA, "8O.5", "letters_in_number"),
    60: (KIND, "城堡", "unknown_kind"),
    70: (STATE, "出国", "unknown_state"),
    80: (PHONE, "1380013800", "bad_phone"),
    90: (DAY, "2023-02-30", "no_such_date"),
    100: (DAY, date(2026, 9, 2), "handed_over_in_future"),
    110: (FLOOR, 19, "floor_above_building"),
    120: (AREA, Formula("#DIV/0!"), "formula_error"),
    130: (ROOM, "", "missing"),
    140: (BUILDING, "", "no_building"),
    150: (INNER, 200, "inner_above_area"),
    160: (ROOM, date(2026, 8, 2), "code_is_date"),
}
"""Line of the file → column, what stands there, code."""


def sound_row(number: int) -> list[Any]:
    """Return the row of the n-th flat: 18 floors of 2 flats, 2 stairs a building."""
    building, rest = divmod(number, 72)
    stair, rest = divmod(rest, 36)
    floor, door = divmod(rest, 2)
    area = 60 + number * 7 % 600_000 / 10_000
    return [
        f"{building + 1}栋", f"{stair + 1}单元", f"{floor + 1}0{door + 1}", floor + 1, 18, "高层", area,
        round(area * 0.8, 4), "已入住", date(2020, 1, 5), f"业主{number}", str(13_800_000_000 + number), "",
    ]  # fmt: skip


def spoiled_rows() -> list[list[Any]]:
    """Return the head and 2,000 rows, among them one of each error, a pair that disagrees and two merged lines."""
    rows = [HEAD, *(sound_row(number) for number in range(SIZE))]
    for line, (column, value, _code) in ERRORS.items():
        rows[line - 1][column] = value
    rows[200 - 1] = [*rows[201 - 1][:OWNER], "共有人", "13900000000", ""]  # a co-owner of line 201
    rows[210 - 1] = [*rows[211 - 1][:AREA], 61.0, *rows[211 - 1][INNER:]]  # disagrees with line 211
    rows[220 - 1][PHONE] = 18999999999
    rows[230 - 1][NOTE + 1 :] = ["2026年核对"]
    return [*rows, ["合计", "", "", "", "", "", 123456.78]]


@pytest.fixture
def spoiled() -> OpenedFile:
    data = write_xlsx({"房屋": spoiled_rows(), "说明": []}, merged={"房屋": ["L301:L302"]})
    return open_bytes(data, "名册.xlsx")


def blocking(outcome: RosterOutcome) -> dict[int, tuple[str, str]]:
    """Return row → (column, code) of what was rejected."""
    return {
        int(problem.where["row"]): (str(problem.where["column"]), problem.code)
        for problem in outcome.problems
        if problem.blocks
    }


def test_one_error_of_each_kind_among_2000_rows(take_in: Import, spoiled: OpenedFile) -> None:
    outcome = take_in(spoiled)
    expected = {line: (HEAD[column], code) for line, (column, _value, code) in ERRORS.items()}
    expected |= dict.fromkeys((210, 211), (HEAD[AREA], "rows_disagree"))
    expected |= dict.fromkeys((301, 302), (HEAD[PHONE], "merged_cells"))
    assert blocking(outcome) == expected
    assert outcome.counts == {"created": 1980, "updated": 0, "unchanged": 0, "rejected": 20}
    assert Unit.objects.count() == 1979  # line 200 is a second owner of line 201's flat
    assert {problem.where["sheet"] for problem in outcome.problems if problem.blocks} == {"房屋"}


def test_every_message_quotes_the_value(take_in: Import, spoiled: OpenedFile) -> None:
    quoted = {
        int(problem.where["row"]): (problem.where["value"], problem.message)
        for problem in take_in(spoiled).problems
    }
    for line, shown in {
        30: "-89.5",
        40: "895600",
        50: "8O.5",
        60: "城堡",
        80: "1380013800",
        90: "2023-02-30",
    }.items():
        assert quoted[line][0] == shown
        assert shown in quoted[line][1]
    assert quoted[120][0] == "#DIV/0!"
    assert "L301:L302" in quoted[301][1]


def test_remarks_do_not_reject(take_in: Import, spoiled: OpenedFile) -> None:
    remarks = [(p.where["sheet"], p.where["row"], p.code) for p in take_in(spoiled).problems if not p.blocks]
    assert remarks == [
        ("房屋", 220, "placeholder_phone"),
        ("房屋", 230, "notes_left_out"),
        ("房屋", 2002, "totals_left_out"),
        ("说明", 0, "empty_sheet"),
    ]
    assert Person.objects.get(name="业主218").phone == ""


def test_second_import_changes_nothing(take_in: Import, spoiled: OpenedFile) -> None:
    take_in(spoiled)
    before = (list(Unit.objects.order_by("pk").values()), list(Occupancy.objects.order_by("pk").values()))
    again = take_in(spoiled)
    assert again.counts == {"created": 0, "updated": 0, "unchanged": 1980, "rejected": 20}
    assert (
        list(Unit.objects.order_by("pk").values()),
        list(Occupancy.objects.order_by("pk").values()),
    ) == before


def test_bad_rows_are_mended_and_imported_again(take_in: Import, spoiled: OpenedFile) -> None:
    first = take_in(spoiled)
    (sheet,) = open_bytes(write_rows_to_mend(first.plan), "待改.xlsx").sheets
    assert (sheet.name, len(sheet.rows)) == ("房屋", 21)
    head, *rows = (list(cells) for cells in sheet.rows)
    assert head[: len(HEAD)] == HEAD
    assert all(row[-1] for row in rows), "each row says what is wrong"
    again = take_in(open_bytes(write_xlsx({"房屋": [head, *rows]}), "待改.xlsx"))
    assert (again.counts["rejected"], again.counts["created"]) == (18, 2)  # the merged lines stand apart now
    lines = sorted({*ERRORS, 211, 301, 302})
    mended = [HEAD, *(sound_row(line - 2) for line in lines)]
    assert take_in(open_bytes(write_xlsx({"房屋": mended}), "改好.xlsx")).counts["created"] == 17
    assert Unit.objects.count() == 1998


@pytest.mark.parametrize("kind", ["xls", "csv"])
def test_other_kinds_of_files_say_the_same(take_in: Import, kind: str) -> None:
    rows = [HEAD, *(sound_row(number) for number in range(40))]
    rows[5][AREA], rows[6][PHONE] = "8O.5", "123"
    data = write_xls({"房屋": rows}) if kind == "xls" else write_csv(rows, "gb18030")
    outcome = take_in(open_bytes(data, f"房屋.{kind}"))
    assert blocking(outcome) == {6: (HEAD[AREA], "letters_in_number"), 7: (HEAD[PHONE], "bad_phone")}
    assert outcome.counts["created"] == 38
    assert Unit.objects.get(code="1-1-101").area_m2 == Decimal("60.0000")


# The commands ------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Run a command as the shell does; return exit code and the one JSON object on standard output."""
    code = 0
    try:
        call_command(*arguments, "--json")
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(capsys.readouterr().out)


def test_import_roster_command_keeps_its_contract(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(write_csv([HEAD, sound_row(1)]))
    bad.write_bytes(write_csv([HEAD, sound_row(1), [*sound_row(2)[:PHONE], "12", ""]]))
    arguments = ("--community", "yunshan", "--create", "云杉苑")
    result = {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "units": 1,
        "people": 1,
        "problems": [],
    }
    assert run(capsys, "import_roster", str(good), *arguments, "--dry-run") == (0, result)
    assert not Community.objects.exists()
    assert run(capsys, "import_roster", str(good), *arguments) == (0, result)
    code, second = run(capsys, "import_roster", str(bad), *arguments)
    assert code == 1
    problem = {
        "sheet": "bad", "row": 3, "column": "手机号", "value": "12", "code": "bad_phone", "blocks": True,
        "message": "“手机号”一栏的“12”不是电话号码，手机号是 11 位。",
    }  # fmt: skip
    assert second == {**result, "created": 0, "unchanged": 1, "rejected": 1, "problems": [problem]}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("名册.pdf", b"%PDF", "wrong_type"),
        ("名册.xlsx", b"x", "disguised"),
        ("名册.csv", "姓名,成绩\n张三,98\n".encode(), "no_table"),
    ],
)
def test_import_roster_command_answers_2_when_it_could_not_run(
    community: Community,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    data: bytes,
    code: str,
) -> None:
    (tmp_path / name).write_bytes(data)
    exit_code, result = run(capsys, "import_roster", str(tmp_path / name), "--community", "yunshan")
    assert (exit_code, result["created"], result["problems"][0]["code"]) == (2, 0, code)


def test_import_roster_command_answers_2_for_an_unknown_community(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(write_csv([HEAD, sound_row(1)]))
    code, result = run(capsys, "import_roster", str(tmp_path / "a.csv"), "--community", "nowhere")
    assert (code, result["problems"][0]["code"]) == (2, "not_found")


# MicroCommunity ----------------------------------------------------------------------------------------------

HC: dict[str, list[list[Any]]] = {
    "楼栋单元": [
        ["楼栋号", "单元编号", "总层数", "是否有电梯"],
        ["1", "1", 18, "有"],
        ["1", "2", 18, "有"],
        ["2", "0", 2, "无"],
    ],
    "业主信息": [
        ["编号", "业主名称", "性别", "年龄", "手机号", "身份证号", "业主类型", "业主编号"],
        ["1", "张三", "男", 40, "13800138000", "320101198001011234", 1001, "1"],
        ["2", "张小三", "男", 12, "18999999999", "111111111111111111", 1002, "1"],
        ["3", "李四", "女", 35, "18999999999", "", 1001, ""],
        ["4", "王五", "男", 35, "138001380", "", 1001, "4"],
        ["5", "赵六", "男", 35, "13800138005", "", 1001, "5"],
    ],
    "费用设置": [
        [
            "费用编号", "费用类型", "收费项目", "费用标识", "付费类型", "缴费周期", "出账类型", "计费起始时间",
            "计费结束时间", "计算公式", "计费单价", "固定费用",
        ],
        ["1", "物业费", "物业费", "周期性费用", "预付费", 1, "每月1日", "2020-01-01", "2037-01-01", 1001, 2.35, 0],
        ["2", "停车费", "停车费", "周期性费用", "预付费", 1, "每月1日", "2020-01-01", "2037-01-01", 2002, 0, 80],
    ],
    "房屋信息": [
        [
            "房屋编号", "楼栋编号", "单元编号", "房屋楼层", "房屋户型", "建筑面积", "业主编号", "房屋费用",
            "费用开始时间", "房屋类型", "室内面积", "租金",
        ],
        ["101", "1", "1", 1, 2020, 89.56, "1", "1#2", "2026-01-01#2026-01-01", 110, 70.12, 0],
        ["102", "1", "1", 1, 2020, 26.5127, "3", "1#9", "2026-01-01", 110, 20, 0],
        ["1801", "1", "2", 18, 2020, 90, "", "", "", 110, 70, 0],
        ["12", "2", "0", 1, 2020, 45, "3", "1", "2026-01-01", 110, 40, 0],
        ["13", "2", "0", 3, 2020, 45, "", "", "", 120, 40, 0],
        ["201", "1", "1", 2, 2020, 80, "4", "", "", 110, 70, 0],
        ["202", "1", "1", 2, 2020, 80, "77", "", "", 119, 70, 0],
    ],
    "车位信息": [
        [
            "停车场编号", "车位编码", "停车场类型", "面积", "业主编号", "车牌号", "车品牌", "车类型", "颜色",
            "出租还是出售", "开始时间", "结束时间",
        ],
        ["1", "001", 1001, 12.5, "1", "苏A12345", "比亚迪", 9901, "白", "S", "2026-01-01", "2037-01-01"],
        ["1", "002", 1001, 12.5],
    ],
}  # fmt: skip


def test_microcommunity_workbook_is_taken_as_it_is(take_in: Import) -> None:
    outcome = take_in(open_bytes(write_xlsx(HC), "hc.xlsx"))
    assert outcome.counts == {"created": 6, "updated": 0, "unchanged": 0, "rejected": 4}
    assert (outcome.units, outcome.people) == (6, 3)
    assert list(Building.objects.values_list("code", "floors", "has_lift")) == [
        ("1", 18, True),
        ("2", 2, False),
    ]
    units = Unit.objects.values_list("code", "kind", "state", "area_m2", "is_top_floor")
    assert set(units) == {
        ("1-1-101", "high_rise", "occupied", Decimal("89.5600"), False),
        ("1-1-102", "high_rise", "occupied", Decimal("26.5127"), False),
        ("1-2-1801", "high_rise", "vacant", Decimal("90.0000"), True),
        ("2-0-12", "shop", "occupied", Decimal("45.0000"), False),
        ("P-1-001", "parking", "occupied", Decimal("12.5000"), False),
        ("P-1-002", "parking", "vacant", Decimal("12.5000"), False),
    }
    ties = Occupancy.objects.values_list("unit__code", "person__name", "person__phone", "role", "is_payer")
    assert set(ties) == {
        ("1-1-101", "张三", "13800138000", "owner", True),
        ("1-1-101", "张小三", "", "family", False),
        ("1-1-102", "李四", "", "owner", True),
        ("2-0-12", "李四", "", "owner", True),
        ("P-1-001", "张三", "13800138000", "owner", True),
        ("P-1-001", "张小三", "", "family", False),
    }
    assert Person.objects.get(name="张三").id_number == "320101198001011234"


def test_microcommunity_workbook_findings(take_in: Import) -> None:
    outcome = take_in(open_bytes(write_xlsx(HC), "hc.xlsx"))
    found = [
        (p.where["sheet"], p.where["row"], p.where["column"], p.code, p.blocks) for p in outcome.problems
    ]
    assert found == [
        ("业主信息", 3, "手机号", "placeholder_phone", False),
        ("业主信息", 3, "身份证号", "placeholder_id", False),
        ("业主信息", 4, "手机号", "placeholder_phone", False),
        ("业主信息", 5, "手机号", "bad_phone", True),
        ("业主信息", 6, "编号", "owner_without_unit", False),
        ("费用设置", 1, "", "fees_left_out", False),
        ("房屋信息", 3, "房屋费用", "unknown_fee", False),
        ("房屋信息", 3, "费用开始时间", "fee_starts_differ", False),
        ("房屋信息", 5, "房屋类型", "shop_by_stair", False),
        ("房屋信息", 6, "房屋楼层", "floor_above_building", True),
        ("房屋信息", 7, "业主编号", "owner_rejected", True),
        ("房屋信息", 8, "业主编号", "unknown_owner", True),
        ("车位信息", 1, "", "vehicles_left_out", False),
    ]


def test_microcommunity_workbook_twice_changes_nothing(take_in: Import) -> None:
    take_in(open_bytes(write_xlsx(HC), "hc.xlsx"))
    again = take_in(open_bytes(write_xlsx(HC), "hc.xlsx"))
    assert again.counts == {"created": 0, "updated": 0, "unchanged": 6, "rejected": 4}
    assert again.plan.is_empty
    assert Person.objects.count() == 3


def test_microcommunity_rows_to_mend_bring_their_owners(take_in: Import) -> None:
    first = take_in(open_bytes(write_xlsx(HC), "hc.xlsx"))
    sheets = open_bytes(write_rows_to_mend(first.plan), "待改.xlsx").sheets
    assert {sheet.name: len(sheet.rows) - 1 for sheet in sheets} == {"业主信息": 1, "房屋信息": 3}
    books = {sheet.name: [list(row) for row in sheet.rows] for sheet in sheets}
    books["业主信息"][1][4] = "13800138004"
    books["房屋信息"][1][3] = 2
    books["房屋信息"][3][6] = ""
    again = take_in(open_bytes(write_xlsx(books), "改好.xlsx"))
    assert [fate for _entry, fate in again.plan.fates] == [Fate.CREATED] * 3
    assert Occupancy.objects.get(unit__code="1-1-201").person.phone == "13800138004"


def test_import_room_workbook(take_in: Import) -> None:
    head = [
        "楼号", "单元", "房间", "楼层", "总层数", "是否有电梯", "房屋类型", "房屋户型", "建筑面积", "室内面积", "租金",
        "房屋状态", "业主名称", "性别", "手机号", "身份证号", "业主类型",
    ]  # fmt: skip
    states = {
        2001: "occupied", 2002: "unsold", 2003: "vacant", 2004: "vacant", 2005: "vacant", 2006: "let", 2007: "vacant",
        2008: "vacant", 2009: "renovating",
    }  # fmt: skip
    rows = [
        ["1", "1", f"10{number}", 1, 6, "有", 110, 2020, 80, 70, 0, state, "", "", "", "", ""]
        for number, state in enumerate(states, start=1)
    ]
    rows[0][12:] = ["张三", "男", "13800138000", "", 1001]
    assert (
        take_in(open_bytes(write_xlsx({"资产信息": [head, *rows]}), "importRoom.xlsx")).counts["created"] == 9
    )
    assert list(Unit.objects.order_by("room").values_list("state", flat=True)) == list(states.values())
