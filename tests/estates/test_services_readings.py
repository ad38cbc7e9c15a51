"""Meter readings come in: counters only count upwards, first readings bill nothing, twice is once."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.models import AuditRecord, OutboxEvent
from core.periods import Period
from estates.models import Community, Meter, MeterFault, Reading, ReadingCheck
from estates.selectors import meter_uses
from estates.services.readings import NoReadings, ReadingsOutcome, import_readings
from tests.core.workbooks import Rows, write_csv
from tests.estates.conftest import NOW, TODAY, Import, csv_file
from tests.estates.test_services_roster import HEAD as ROSTER_HEAD
from tests.estates.test_services_roster import row as roster_row

HEAD = ["unit", "meter", "kind", "date", "value"]
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))
LATER = date(2026, 10, 9)


@pytest.fixture
def units(take_in: Import) -> None:
    take_in([ROSTER_HEAD, roster_row(), roster_row(房号="302", 业主="李四", 手机="")])


def take(community: Community, *rows: list[Any], head: list[str] | None = None) -> ReadingsOutcome:
    file = csv_file([head or HEAD, *rows], "抄表.csv")
    return import_readings(community=community, file=file, by=None, today=LATER)


def found(outcome: ReadingsOutcome, *, blocks: bool = True) -> list[tuple[Any, str]]:
    return [(p.where["row"], p.code) for p in outcome.problems if p.blocks == blocks]


def counts(outcome: ReadingsOutcome) -> tuple[int, int, int]:
    return outcome.counts["created"], outcome.counts["unchanged"], outcome.counts["rejected"]


def test_import_readings_makes_a_meter_by_its_first_reading(units: None, community: Community) -> None:
    outcome = take(community, ["8-2-301", "W301", "水", "2026-08-31", "12.5"])
    assert counts(outcome) == (1, 0, 0)
    assert found(outcome, blocks=False) == [(2, "meter_made")]
    meter = Meter.objects.select_related("unit").get()
    assert (meter.code, str(meter.unit), meter.kind, meter.multiplier) == (
        "W301", "8-2-301", "water", Decimal(1),
    )  # fmt: skip
    assert list(Reading.objects.values_list("read_on", "value", "source")) == [
        (date(2026, 8, 31), Decimal("12.5000"), "抄表.csv")
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("water", "water"), ("electricity", "electricity"), ("gas", "gas"), ("heat", "heat"),
     ("水", "water"), ("电", "electricity"), ("气", "gas"), ("暖", "heat")],
)  # fmt: skip
def test_import_readings_knows_kinds_in_both_languages(
    units: None, community: Community, word: str, kind: str
) -> None:
    take(community, ["8-2-301", "M", word, "2026-08-31", "1"])
    assert Meter.objects.get().kind == kind


def test_import_readings_takes_community_meters_without_unit(units: None, community: Community) -> None:
    assert counts(take(community, ["", "P1", "电", "2026-08-31", 100])) == (1, 0, 0)
    assert Meter.objects.get().unit is None


def test_import_readings_twice_changes_nothing(units: None, community: Community) -> None:
    rows = [["8-2-301", "W301", "水", "2026-08-31", 12], ["8-2-301", "W301", "水", "2026-09-30", 15.5]]
    take(community, *rows)
    assert counts(take(community, *rows)) == (0, 2, 0)
    assert Reading.objects.count() == 2
    assert AuditRecord.objects.filter(action="estates.import_readings").count() == 1
    assert OutboxEvent.objects.filter(name="estates.readings_imported").count() == 1


BAD: dict[str, tuple[list[Any], str]] = {
    "missing meter": (["8-2-301", "", "水", "2026-08-31", 1], "missing"),
    "missing date": (["8-2-301", "W", "水", "", 1], "missing"),
    "missing value": (["8-2-301", "W", "水", "2026-08-31", ""], "missing"),
    "missing kind": (["8-2-301", "W", "", "2026-08-31", 1], "missing"),
    "letters": (["8-2-301", "W", "水", "2026-08-31", "1O"], "letters_in_number"),
    "no such day": (["8-2-301", "W", "水", "2026-02-30", 1], "no_such_date"),
    "tomorrow": (["8-2-301", "W", "水", "2026-10-10", 1], "read_in_future"),
    "below zero": (["8-2-301", "W", "水", "2026-08-31", -1], "value_below_zero"),
    "absurd": (["8-2-301", "W", "水", "2026-08-31", 10**9], "absurd_value"),
    "unknown kind": (["8-2-301", "W", "油", "2026-08-31", 1], "unknown_meter_kind"),
    "unknown unit": (["8-2-999", "W", "水", "2026-08-31", 1], "unknown_unit"),
    "no building": (["301", "W", "水", "2026-08-31", 1], "no_building"),
}


@pytest.mark.parametrize("case", BAD)
def test_import_readings_rejects(units: None, community: Community, case: str) -> None:
    row, code = BAD[case]
    outcome = take(community, row, ["8-2-302", "W302", "水", "2026-08-31", 7])
    assert found(outcome) == [(2, code)]
    assert counts(outcome) == (1, 0, 1)


def test_import_readings_never_counts_downwards(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-07-31", 10], ["8-2-301", "W", "水", "2026-09-30", 30])
    outcome = take(
        community,
        ["8-2-301", "W", "水", "2026-10-08", 29.9999],
        ["8-2-301", "W", "水", "2026-08-31", 30.0001],
        ["8-2-301", "W", "水", "2026-08-15", 30],
        ["8-2-301", "W", "水", "2026-07-01", 10.1],
    )
    assert found(outcome) == [(2, "lower_than_before"), (3, "higher_than_after"), (5, "higher_than_after")]
    assert counts(outcome) == (1, 0, 3)


def test_import_readings_checks_the_order_of_days_not_of_rows(units: None, community: Community) -> None:
    outcome = take(
        community, ["8-2-301", "W", "水", "2026-09-30", 5], ["8-2-301", "W", "水", "2026-08-31", 9]
    )
    assert found(outcome) == [(2, "lower_than_before")]
    assert found(outcome, blocks=False) == [(3, "meter_made")]


def test_import_readings_does_not_overwrite(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 10])
    assert found(take(community, ["8-2-301", "W", "水", "2026-08-31", 11])) == [(2, "reading_differs")]
    assert Reading.objects.get().value == 10


def test_import_readings_rejects_rows_that_disagree(units: None, community: Community) -> None:
    outcome = take(
        community, ["8-2-301", "W", "水", "2026-08-31", 1], ["8-2-301", "W", "水", "2026-08-31", 2]
    )
    assert found(outcome) == [(2, "readings_disagree"), (3, "readings_disagree")]
    assert not Meter.objects.exists()


def test_import_readings_keeps_meters_apart(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 1])
    outcome = take(
        community,
        ["8-2-302", "W", "水", "2026-09-30", 2],
        ["8-2-301", "W", "电", "2026-09-30", 2],
        ["", "W", "", "2026-09-30", 2],
    )
    assert found(outcome) == [(2, "meter_of_other_unit"), (3, "meter_of_other_kind")]
    assert counts(outcome) == (1, 0, 2)


CHINESE = [
    "楼栋编号", "单元编号", "房屋编码", "费用类型", "表号", "上期度数", "上期读表时间", "本期度数",
    "本期读表时间", "备注",
]  # fmt: skip


def test_import_readings_reads_the_chinese_layout_with_both_readings(
    units: None, community: Community
) -> None:
    rows = [["8", "2", "301", "水", "W", 1, "2026-07-31", 3.25, "2026-08-31", ""]]
    assert counts(take(community, *rows, head=CHINESE)) == (1, 0, 0)
    assert list(Reading.objects.order_by("read_on").values_list("read_on", "value")) == [
        (date(2026, 7, 31), Decimal("1.0000")), (date(2026, 8, 31), Decimal("3.2500")),
    ]  # fmt: skip
    assert counts(take(community, *rows, head=CHINESE)) == (0, 1, 0)


def test_import_readings_keeps_nothing_of_a_row_that_contradicts_itself(
    units: None, community: Community
) -> None:
    outcome = take(
        community,
        ["8", "2", "301", "水", "W", 9, "2026-07-31", 3.25, "2026-08-31", ""],
        ["8", "2", "302", "水", "V", 1, "2026-08-31", 3.25, "2026-08-31", ""],
        head=CHINESE,
    )
    assert found(outcome) == [(2, "lower_than_opening"), (3, "previous_not_before")]
    assert (outcome.held, ReadingCheck.objects.count()) == (0, 0)
    assert (Meter.objects.count(), Reading.objects.count()) == (0, 0)


def test_import_readings_refuses_another_table(community: Community) -> None:
    with pytest.raises(NoReadings):
        take(community, ["张三", 1], head=["姓名", "成绩"])


def test_import_readings_dry_run_writes_nothing(units: None, community: Community) -> None:
    file = csv_file([HEAD, ["8-2-301", "W", "水", "2026-08-31", 1]])
    outcome = import_readings(community=community, file=file, by=None, today=TODAY, dry_run=True)
    assert (counts(outcome), Meter.objects.count()) == ((1, 0, 0), 0)


# More than plain rows --------------------------------------------------------------------------------------

FULL = [*HEAD, "抄表人", "倍率", "旧表止数", "新表起数", "备注"]


def read_monthly(community: Community, *values: int) -> None:
    """A meter W of 8-2-301, read on the first of each month from January."""
    take(community, *(["8-2-301", "W", "水", f"2026-{n:02}-01", value] for n, value in enumerate(values, 1)))


def test_import_readings_takes_a_swap(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 812])
    row = ["8-2-301", "W", "水", "2026-09-30", 7, "王工", 10, 818, 5, "到期换表"]
    assert counts(take(community, row, head=FULL)) == (1, 0, 0)
    assert counts(take(community, [*row[:6], "", *row[7:]], head=FULL)) == (0, 1, 0)
    reading = Reading.objects.get(read_on=date(2026, 9, 30))
    assert (reading.reader, reading.note, reading.old_closing, reading.new_opening) == (
        "王工",
        "到期换表",
        Decimal(818),
        Decimal(5),
    )
    assert uses(community) == {"W": (260_000, True)}  # 818 − 812, and (7 − 5) × 10
    assert Meter.objects.get().multiplier == 10


ODD_SWAPS: dict[str, tuple[list[Any], str]] = {
    "half a swap": ([7, "", "", 818, ""], "swap_half"),
    "below the new opening": ([4, "", "", 818, 5], "below_new_opening"),
    "old value too low": ([7, "", "", 811, 5], "lower_than_before"),
    "another multiplier": ([820, "", 10, "", ""], "other_multiplier"),
    "no multiplier": ([820, "", 0, "", ""], "odd_multiplier"),
}


@pytest.mark.parametrize("case", ODD_SWAPS)
def test_import_readings_rejects_odd_swaps(units: None, community: Community, case: str) -> None:
    cells, code = ODD_SWAPS[case]
    take(community, ["8-2-301", "W", "水", "2026-08-31", 812])
    outcome = take(community, ["8-2-301", "W", "水", "2026-09-30", *cells, ""], head=FULL)
    assert found(outcome) == [(2, code)]


def test_import_readings_lets_a_dial_turn(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 9990])
    Meter.objects.update(digits=4)
    assert counts(take(community, ["8-2-301", "W", "水", "2026-09-30", 15])) == (1, 0, 0)
    assert uses(community) == {"W": (250_000, True)}
    assert found(take(community, ["8-2-301", "W", "水", "2026-10-05", 10_000])) == [(2, "above_top")]


def test_import_readings_holds_back_what_is_lower(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 12])
    for _ in range(2):
        outcome = take(community, ["8-2-301", "W", "水", "2026-09-30", 7])
        assert (found(outcome), outcome.held) == ([(2, "lower_than_before")], 1)
    check = ReadingCheck.objects.get()
    assert (check.reason, check.value, check.last_value) == ("lower", Decimal(7), Decimal(12))


def test_import_readings_holds_back_what_is_lower_than_a_row_that_makes_the_meter(
    units: None, community: Community
) -> None:
    rows = [["8-2-301", "W", "水", "2026-08-31", 12], ["8-2-301", "W", "水", "2026-09-30", 7]]
    for _ in range(2):
        outcome = take(community, *rows)
        assert (found(outcome), outcome.held) == ([(3, "lower_than_before")], 1)
    check = ReadingCheck.objects.get()
    assert (check.meter.code, check.value, check.last_value) == ("W", Decimal(7), Decimal(12))


def test_import_readings_holds_back_jumps_unless_they_are_accepted(units: None, community: Community) -> None:
    read_monthly(community, 10, 20, 30, 40, 50, 60, 70)
    row = ["8-2-301", "W", "水", "2026-08-01", 100]
    outcome = take(community, row)
    assert (found(outcome), ReadingCheck.objects.get().reason) == ([(2, "far_above_usual")], "jump")
    file = csv_file([HEAD, row])
    accepted = import_readings(community=community, file=file, by=None, today=LATER, accept_jumps=True)
    assert counts(accepted) == (1, 0, 0)


def test_import_readings_lists_zero_use(units: None, community: Community) -> None:
    read_monthly(community, 10, 20, 20, 20)
    check = ReadingCheck.objects.get()
    assert (check.reason, check.read_on, check.reading) == (
        "zero", date(2026, 3, 1), Reading.objects.get(read_on=date(2026, 3, 1)),
    )  # fmt: skip


def test_import_readings_asks_for_the_opening_value_of_a_late_meter(
    units: None, community: Community
) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 12])
    take(community, ["8-2-302", "V", "水", "2026-09-20", 12])
    assert not ReadingCheck.objects.exists()
    take(community, ["8-2-302", "V2", "水", "2026-10-08", 3])
    assert (ReadingCheck.objects.get().reason, ReadingCheck.objects.get().meter.code) == ("opening", "V2")


GENERATED = [
    "楼栋编号", "单元编号", "房屋编码", "费用类型", "上期度数", "上期读表时间", "本期度数", "本期读表时间", "备注",
]  # fmt: skip


def test_import_readings_of_the_generated_layout_finds_the_unit_s_meter(
    units: None, community: Community
) -> None:
    row = ["8", "2", "8-2-301", "水", 1, "2026-07-31", 3.25, "2026-08-31", "补抄"]
    assert counts(take(community, row, head=GENERATED)) == (1, 0, 0)
    assert Meter.objects.get().code == "8-2-301-water"
    Meter.objects.update(code="W301")
    row = ["8", "2", "301", "水", 3.25, "2026-08-31", 7, "2026-09-30", ""]
    assert counts(take(community, row, head=GENERATED)) == (1, 0, 0)
    assert uses(community) == {"W301": (37_500, True)}
    take(community, ["8-2-301", "W301b", "水", "2026-08-31", 1])
    assert found(take(community, row, head=GENERATED)) == [(2, "which_meter")]


def test_import_readings_refuses_faulty_meters(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-08-31", 12])
    MeterFault.objects.create(
        meter=Meter.objects.get(), kind="stuck", start=date(2026, 9, 1), reason="不走", recorded_at=NOW
    )
    assert found(take(community, ["8-2-301", "W", "水", "2026-09-30", 13])) == [(2, "meter_faulty")]


# Uses --------------------------------------------------------------------------------------------------------


def uses(community: Community, period: Period = SEPTEMBER) -> dict[str, tuple[int, bool]]:
    found = meter_uses(community, period)
    return dict(
        zip(found.meter, zip(found.use.tolist(), found.has_opening.tolist(), strict=True), strict=True)
    )


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([("2026-08-31", "10"), ("2026-09-30", "13.25")], (32_500, True)),
        ([("2026-09-01", "10"), ("2026-09-30", "13.25")], (0, False)),  # read on the first day: not before it
        (
            [("2026-08-31", "10"), ("2026-10-01", "13.25")],
            (0, True),
        ),  # read on the first day after: not before it
        (
            [("2026-06-30", "1"), ("2026-08-31", "10"), ("2026-09-10", "11"), ("2026-09-30", "12")],
            (20_000, True),
        ),
        ([("2026-08-31", "10")], (0, True)),
        ([("2026-09-30", "10")], (0, False)),
    ],
)
def test_meter_uses_is_the_last_before_the_end_minus_the_last_before_the_start(
    units: None, community: Community, readings: list[tuple[str, str]], expected: tuple[int, bool]
) -> None:
    take(community, *(["8-2-301", "W", "水", day, value] for day, value in readings))
    assert uses(community) == {"W": expected}


def test_meter_uses_leaves_out_a_meter_not_yet_read(units: None, community: Community) -> None:
    take(community, ["8-2-301", "W", "水", "2026-10-05", 10])
    assert uses(community) == {}
    assert len(meter_uses(community, SEPTEMBER)) == 0


def test_meter_uses_multiplies_and_names_unit_kind_and_days(units: None, community: Community) -> None:
    take(community, ["", "P1", "电", "2026-08-30", 100], ["", "P1", "电", "2026-09-29", "110.5"])
    Meter.objects.update(multiplier=Decimal(40))
    found = meter_uses(community, SEPTEMBER)
    assert (found.use.tolist(), found.unit_id.tolist(), found.kind.tolist()) == (
        [4_200_000],
        [0],
        ["electricity"],
    )
    assert (found.opening.tolist(), found.closing.tolist()) == ([1_000_000], [1_105_000])
    assert (found.opening_on.tolist(), found.closing_on.tolist()) == (
        [date(2026, 8, 30)],
        [date(2026, 9, 29)],
    )


def test_import_readings_command_keeps_its_contract(
    units: None, community: Community, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "readings.csv"
    rows: Rows = [HEAD, ["8-2-301", "W", "水", "2026-08-31", 1], ["8-2-302", "W2", "油", "2026-08-31", 1]]
    path.write_bytes(write_csv(rows))
    with pytest.raises(SystemExit) as ended:
        call_command("import_readings", str(path), "--community", "yunshan", "--json")
    result = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert [problem.pop("message") for problem in result["problems"]] == [
        "“W”是新表，这次读数作为起数，不收费。",
        "“kind”一栏的“油”不是表类型（水、电、气、暖）。",
    ]
    assert result == {
        "created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "meters_created": 1, "held": 0,
        "problems": [
            {"sheet": "readings", "row": 2, "column": "meter", "value": "W", "code": "meter_made", "blocks": False},
            {
                "sheet": "readings", "row": 3, "column": "kind", "value": "油", "code": "unknown_meter_kind",
                "blocks": True,
            },
        ],
    }  # fmt: skip
