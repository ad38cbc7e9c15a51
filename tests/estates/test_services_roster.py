"""Rosters come in: good rows are kept, bad ones are told, twice is once."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import AuditRecord, OutboxEvent
from estates.models import Building, Community, Occupancy, Person, RosterImport, Unit
from estates.services import roster as roster_service
from estates.services.roster import NoRoster, RosterOutcome, preview_roster
from tests.estates.conftest import TODAY, Import, csv_file

HEAD = [
    "楼栋",
    "单元",
    "房号",
    "楼层",
    "业态",
    "建筑面积",
    "套内面积",
    "房屋状态",
    "交房日期",
    "业主",
    "手机",
    "车位",
]
ROOM = [
    "8栋",
    "2单元",
    "301室",
    3,
    "高层",
    "89.5600",
    "70.1",
    "已入住",
    "2020-01-05",
    "张三",
    "13800138000",
    "",
]


def row(**changes: object) -> list[object]:
    """Return the usual row with some cells changed."""
    return [changes.get(head, cell) for head, cell in zip(HEAD, ROOM, strict=True)]


def codes(outcome: RosterOutcome, *, blocks: bool = True) -> list[tuple[object, str, str]]:
    """Return (row, column, code) of the problems or remarks."""
    return [
        (problem.where["row"], str(problem.where["column"]), problem.code)
        for problem in outcome.problems
        if problem.blocks == blocks
    ]


def counts(outcome: RosterOutcome) -> tuple[int, int, int, int]:
    """Return created, updated, unchanged, rejected."""
    return tuple(outcome.counts[fate] for fate in ("created", "updated", "unchanged", "rejected"))  # type: ignore[return-value]


def test_import_roster_creates_building_unit_person_and_tie(take_in: Import, community: Community) -> None:
    outcome = take_in([HEAD, row()])
    assert counts(outcome) == (1, 0, 0, 0)
    assert (outcome.units, outcome.people) == (1, 1)
    unit = Unit.objects.select_related("building").get(code="8-2-301")
    assert (unit.building.code, unit.stair, unit.room, unit.floor, unit.kind, unit.state) == (  # type: ignore[union-attr]
        "8", "2", "301", 3, "high_rise", "occupied",
    )  # fmt: skip
    assert (unit.area_m2, unit.inner_area_m2, str(unit.handed_over_on)) == (
        Decimal("89.5600"), Decimal("70.1000"), "2020-01-05",
    )  # fmt: skip
    tie = Occupancy.objects.select_related("person").get()
    assert (tie.person.name, tie.person.phone, tie.role, tie.is_payer, str(tie.start), tie.end) == (
        "张三", "13800138000", "owner", True, "2020-01-05", None,
    )  # fmt: skip
    assert tie.person.contact_source == "名册.csv"


def test_import_roster_twice_changes_nothing(take_in: Import) -> None:
    rows = [HEAD, row(), row(房号="302", 业主="李四", 手机="", 车位="B1-023")]
    take_in(rows)
    before = list(Unit.objects.order_by("pk").values()), list(Person.objects.order_by("pk").values())
    assert counts(take_in(rows)) == (0, 0, 2, 0)
    assert (
        list(Unit.objects.order_by("pk").values()),
        list(Person.objects.order_by("pk").values()),
    ) == before
    assert Occupancy.objects.count() == 3
    records = RosterImport.objects.order_by("pk").values_list("created_count", "unchanged_count")
    assert list(records) == [(2, 0), (0, 2)]


def test_import_roster_changes_what_differs_and_keeps_what_is_blank(take_in: Import) -> None:
    take_in([HEAD, row()])
    outcome = take_in([HEAD, row(建筑面积="90.1234", 交房日期="", 套内面积="", 手机="13900139000")])
    assert counts(outcome) == (0, 1, 0, 0)
    unit = Unit.objects.get()
    assert (unit.area_m2, unit.inner_area_m2, str(unit.handed_over_on)) == (
        Decimal("90.1234"), Decimal("70.1000"), "2020-01-05",
    )  # fmt: skip
    assert Person.objects.get().phone == "13900139000"
    assert [(change.fact, change.before, change.after) for change in outcome.plan.changes] == [
        ("area_m2", Decimal("89.5600"), Decimal("90.1234")), ("phone", "张三", "张三"),
    ]  # fmt: skip


def test_import_roster_records_hash_counts_audit_and_event(take_in: Import, community: Community) -> None:
    file = csv_file([HEAD, row(), row(房号="302", 建筑面积="O")])
    record = take_in(file).record
    assert record is not None
    assert (record.file_name, record.file_hash, record.created_count, record.rejected_count) == (
        "名册.csv", file.digest, 1, 1,
    )  # fmt: skip
    assert record.problems[0]["code"] == "letters_in_number"
    entry = AuditRecord.objects.get(action="estates.import_roster")
    assert (entry.target_id, entry.community_id) == (str(record.pk), community.pk)
    assert entry.after == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    event = OutboxEvent.objects.get(name="estates.roster_imported")
    assert event.payload == {"import_id": record.pk, "community_id": community.pk}


def test_import_roster_keeps_nothing_when_the_audit_fails(
    take_in: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(roster_service.audit, "record", broken)
    with pytest.raises(RuntimeError):
        take_in([HEAD, row()])
    assert (Unit.objects.count(), Person.objects.count(), RosterImport.objects.count()) == (0, 0, 0)


def test_preview_roster_writes_nothing_and_counts_like_the_import(
    community: Community, take_in: Import
) -> None:
    file = csv_file([HEAD, row(车位="B1-1;B1-2"), row(业主="李四", 手机="13800138001"), row(房号="x" * 30)])
    preview = preview_roster(community=community, file=file, today=TODAY)
    assert (Unit.objects.count(), RosterImport.objects.count()) == (0, 0)
    outcome = take_in(file)
    assert preview.as_dict() == outcome.as_dict()
    assert (outcome.units, outcome.people, counts(outcome)) == (3, 2, (2, 0, 0, 1))


# People ------------------------------------------------------------------------------------------------------


def test_import_roster_adds_a_co_owner(take_in: Import) -> None:
    take_in([HEAD, row(), row(业主="李四", 手机="13800138001", 建筑面积="", 楼层="")])
    ties = Occupancy.objects.order_by("pk").values_list("person__name", "role", "is_payer")
    assert list(ties) == [("张三", "owner", True), ("李四", "owner", False)]


def test_import_roster_adds_a_co_owner_later_and_says_so(take_in: Import) -> None:
    take_in([HEAD, row()])
    outcome = take_in([HEAD, row(业主="李四", 手机="13800138001")])
    assert counts(outcome) == (0, 1, 0, 0)
    assert codes(outcome, blocks=False) == [(2, "业主", "co_owner_added")]
    assert list(Occupancy.objects.order_by("pk").values_list("is_payer", flat=True)) == [True, False]


def test_import_roster_splits_owners_of_one_cell(take_in: Import) -> None:
    take_in([HEAD, row(业主="张三、李四", 手机="13800138000/13800138001")])
    assert set(Person.objects.values_list("name", "phone")) == {
        ("张三", "13800138000"),
        ("李四", "13800138001"),
    }


def test_import_roster_knows_a_person_by_name_and_phone(take_in: Import) -> None:
    take_in([HEAD, row(), row(房号="302"), row(房号="303", 业主="李四")])
    assert Person.objects.count() == 2  # one phone, two names: a couple
    assert Occupancy.objects.filter(person__name="张三").count() == 2


def test_import_roster_keeps_namesakes_without_phone_apart(take_in: Import) -> None:
    take_in([HEAD, row(手机=""), row(房号="302", 手机="18999999999")])
    assert list(Person.objects.values_list("name", "phone")) == [("张三", ""), ("张三", "")]


def test_import_roster_shares_people_of_one_company(take_in: Import, community: Community) -> None:
    other = Community.objects.create(company=community.company, code="b", name="B")
    take_in([HEAD, row()])
    assert take_in([HEAD, row()], into=other).people == 1
    assert Person.objects.count() == 1


def test_import_roster_takes_placeholders_as_none(take_in: Import) -> None:
    head = [*HEAD, "身份证号"]
    outcome = take_in([head, [*row(手机="18999999999"), "111111111111111111"]])
    assert counts(outcome) == (1, 0, 0, 0)
    assert codes(outcome, blocks=False) == [
        (2, "手机", "placeholder_phone"),
        (2, "身份证号", "placeholder_id"),
    ]
    assert list(Person.objects.values_list("phone", "id_number")) == [("", "")]


def test_import_roster_gives_a_phone_to_who_had_none(take_in: Import) -> None:
    take_in([HEAD, row(手机="")])
    assert counts(take_in([HEAD, row()])) == (0, 1, 0, 0)
    assert Person.objects.get().phone == "13800138000"


def test_import_roster_refuses_two_phones_for_one_person(take_in: Import) -> None:
    take_in([HEAD, row(), row(房号="302")])
    outcome = take_in([HEAD, row(手机="13900139000"), row(房号="302")])
    assert codes(outcome) == [(2, "手机", "person_unclear"), (3, "手机", "person_unclear")]
    assert Person.objects.get().phone == "13800138000"


def test_import_roster_does_not_bring_back_a_former_holder(take_in: Import) -> None:
    take_in([HEAD, row()])
    Occupancy.objects.update(end="2026-05-01")
    outcome = take_in([HEAD, row(), row(业主="李四", 手机="13800138001")])
    assert (2, "业主", "former_holder") in codes(outcome, blocks=False)
    running = Occupancy.objects.filter(end=None)
    assert [(str(tie.start), tie.person.name, tie.is_payer) for tie in running] == [
        ("2026-05-01", "李四", True)
    ]


def test_import_roster_lets_a_tenant_pay_only_without_an_owner(take_in: Import) -> None:
    head = [*HEAD, "业主类型"]
    take_in([head, [*row(), "租客"], [*row(业主="李四"), "业主"], [*row(房号="302", 业主="王五"), "1003"]])
    paying = Occupancy.objects.filter(is_payer=True).values_list("unit__code", "person__name", "role")
    assert set(paying) == {("8-2-301", "李四", "owner"), ("8-2-302", "王五", "tenant")}


# Units -------------------------------------------------------------------------------------------------------


def test_import_roster_reads_full_codes(take_in: Import) -> None:
    take_in([["房屋编号", "面积"], ["8-2-301", 80], ["9栋1单元1202室", 81], ["8-0-12", 30]])
    assert list(Unit.objects.values_list("code", "kind")) == [
        ("8-0-12", "shop"), ("8-2-301", "high_rise"), ("9-1-1202", "high_rise"),
    ]  # fmt: skip


def test_import_roster_makes_parking_spaces_beside_a_flat(take_in: Import) -> None:
    outcome = take_in([HEAD, row(车位="B1-023、105")])
    assert outcome.units == 3
    spaces = Unit.objects.filter(kind="parking").values_list("code", "occupancies__person__name")
    assert list(spaces.filter(building=None)) == [("P-0-105", "张三"), ("P-B1-023", "张三")]


def test_import_roster_tells_when_a_space_has_two_holders(take_in: Import) -> None:
    outcome = take_in([HEAD, row(车位="B1-1"), row(房号="302", 业主="李四", 手机="", 车位="B1-1")])
    assert codes(outcome, blocks=False) == [(3, "车位", "space_taken")]
    assert Occupancy.objects.get(unit__kind="parking").person.name == "张三"


def test_import_roster_marks_the_top_floor_and_marks_it_again(take_in: Import) -> None:
    head = [*HEAD, "总层数"]
    take_in([head, [*row(), 18], [*row(房号="1801", 楼层=18), 18]])
    assert list(Unit.objects.filter(is_top_floor=True).values_list("code", flat=True)) == ["8-2-1801"]
    take_in([head, [*row(房号="1901", 楼层=19), 19]])
    assert list(Unit.objects.filter(is_top_floor=True).values_list("code", flat=True)) == ["8-2-1901"]
    assert Building.objects.get().floors == 19


def test_import_roster_without_area_column_updates_but_does_not_create(take_in: Import) -> None:
    take_in([HEAD, row()])
    outcome = take_in([["房号", "业主", "手机"], ["8-2-301", "张三", "13900139000"], ["8-2-302", "李四", ""]])
    assert counts(outcome) == (0, 1, 0, 1)
    assert codes(outcome) == [(3, "建筑面积", "missing")]


def test_import_roster_finds_the_header_below_a_title(take_in: Import) -> None:
    title = [["云杉苑房屋台账"], ["制表：林", "", "2026-09-01"], []]
    outcome = take_in(
        [*title, [f" *{head}\n（必填） " for head in HEAD], row(), ["合计", "", "", "", "", "89.56"]]
    )
    assert counts(outcome) == (1, 0, 0, 0)
    assert codes(outcome, blocks=False) == [(6, "", "totals_left_out")]


def test_import_roster_leaves_notes_out_aloud(take_in: Import) -> None:
    rows = [[*HEAD, "", "看房人"], [*row(), "要核对"], ["注：面积以产权证为准"], [*row(房号="302"), "", "林"]]
    outcome = take_in(rows)
    assert counts(outcome) == (2, 0, 0, 0)
    assert codes(outcome, blocks=False) == [
        (1, "看房人", "columns_left_out"), (2, "M", "notes_left_out"), (3, "", "note_left_out"),
    ]  # fmt: skip


def test_import_roster_refuses_a_file_without_a_roster(take_in: Import) -> None:
    with pytest.raises(NoRoster) as refused:
        take_in([["姓名", "成绩"], ["张三", 98]])
    assert [problem.code for problem in refused.value.problems] == ["no_table", "unknown_sheet"]


CELLS = st.sampled_from(
    ["", "8", "8栋", "2", "301", "高层", "110", "x", "-1", "0", "89.56", "2020-02-30", "张三", "#N/A", "合计"]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=12, max_size=12), min_size=1, max_size=6))
def test_import_roster_law_twice_is_once(take_in: Import, cells: list[list[str]]) -> None:
    rows = [HEAD, ["1栋", "1", "101", *ROOM[3:]], *cells]
    Occupancy.objects.all().delete()
    Unit.objects.all().delete()
    first = take_in(rows)
    second = take_in(rows)
    assert counts(second)[0] == 0
    assert counts(second)[1] == 0
    assert counts(second)[3] == counts(first)[3]
    assert second.plan.is_empty
