"""Bills of the real run, opened: every line confirms itself, and two months are told apart in words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from billing.explaining.changes import main_cause, tell_change
from billing.explaining.steps import tell_steps, tell_steps_on_paper, tell_summary
from billing.models import Bill, ChargeLine, TariffVersion
from billing.selectors.explained import ExplainedBill, explain_bill, explain_bills, explain_line
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.domain.test_explain_pools import explained_mix
from tests.billing.factories import draft_bill, issue_bill, make_account, make_community
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)
TIERS = {"meter_kind": "water", "tiers": [["8", "5"], [None, "7"]]}


@pytest.fixture
def village() -> Village:
    """Two flats billed for October and November: more water, dearer area, more for the lift.

    Water is billed in arrears: 13 m³ in September, 15 m³ in October. The lift used 900, then 1,108 kWh.
    """
    village = Village()
    for room, area, water in (("8-301", "89.56", "621 634 649"), ("8-302", "120", "10 20 30")):
        unit = village.unit(room, area)
        days = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
        village.meter(f"W{room}", dict(zip(days, water.split(), strict=True)), unit=unit)
    lift = {date(2026, 8, 31): "30000", date(2026, 9, 30): "30900", date(2026, 10, 31): "32008"}
    village.meter("P1", lift, kind="electricity")
    property_fee = village.fee("物业费", rank=1)
    village.tariff(property_fee, "area", "2.35", end=date(2026, 11, 1))
    village.tariff(property_fee, "area", "2.40", start=date(2026, 11, 1))
    village.tariff(village.fee("水费", timing="arrears", rank=2), "tiers", formula=TIERS)
    pool = {"pool_meter": "P1", "pool_key": "area"}
    village.tariff(village.fee("公摊电费", timing="arrears", rank=3), "pool", "0.6283", formula=pool)
    for month in ("2026-10", "2026-11"):
        bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")
    return village


def bill_of(village: Village, room: str, month: int) -> ExplainedBill:
    bill = Bill.objects.get(account__unit__code=room, period_start=date(2026, month, 1))
    return explain_bill(bill.pk)


def test_every_line_of_the_run_confirms_itself(village: Village) -> None:
    opened = explain_bills(list(Bill.objects.values_list("pk", flat=True)))
    lines = [line for bill in opened.values() for line in bill.lines]
    assert len(lines) == 12
    assert all(line.explanation.agrees for line in lines)


def test_altered_input_in_the_database_is_seen(village: Village) -> None:
    line = ChargeLine.objects.filter(method="area").first()
    assert line is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_chargeline SET inputs = jsonb_set(inputs, '{area}', '\"89.5700\"') WHERE id = %s",
            [line.pk],
        )
    assert not explain_line(line.pk).explanation.agrees


def test_changes_add_up_to_the_change_of_the_total(village: Village) -> None:
    bill = bill_of(village, "8-301", 11)
    assert [(name, str(change.amount)) for name, change in bill.changes] == [
        ("物业费", "4.47"),
        ("水费", "14.00"),
        ("公摊电费", "55.85"),
    ]
    assert bill.change == Decimal("74.32") == sum(change.amount for _, change in bill.changes)
    assert main_cause(bill.changes) == "公摊电费"


def test_first_bill_has_nothing_to_compare_with(village: Village) -> None:
    bill = bill_of(village, "8-301", 10)
    assert (bill.change, bill.changes) == (None, ())
    assert {line.change for line in bill.lines} == {None}


def test_steps_in_english(village: Village) -> None:
    area, water, lift = bill_of(village, "8-301", 11).lines
    with translation.override("en"):
        told = {line.name: tell_steps(line.explanation, name=line.name) for line in (area, water, lift)}
    assert [(step.label, step.value, step.note) for step in told["物业费"]] == [
        ("Building area", "89.56㎡", "as the register has it"),
        ("Price", "2.40 yuan/㎡·month", "in force since 1 Nov 2026"),
        ("89.56 × 2.40 = 214.944", "¥214.94", "rounded half-up to the fen"),
    ]
    assert [(step.label, step.value, step.note) for step in told["水费"]] == [
        ("Water used", "15 m³", "Meter W8-301: 634 → 649, 30 Sep 2026 to 31 Oct 2026"),
        ("Slab 1: 8 × 5.00", "40.00 yuan", "up to 8"),
        ("Slab 2: 7 × 7.00", "49.00 yuan", "above 8"),
        ("40 + 49 = 89", "¥89.00", ""),
    ]
    assert [(step.label, step.value) for step in told["公摊电费"]] == [
        ("Used by all", "1,108 kWh"),
        ("Comes to", "¥696.16"),
        ("Your part", "42.7372%"),
        ("Your share", "297.519 yuan"),
        ("The odd fen", "+0.01 yuan"),
        ("297.51 + 0.01 = 297.52", "¥297.52"),
    ]


def test_steps_on_paper_leave_the_dividing_of_odd_fen_to_the_screen(village: Village) -> None:
    lift = bill_of(village, "8-301", 11).lines[2]
    with translation.override("en"):
        carried = tell_steps_on_paper(lift.explanation, name=lift.name)
        not_carried = tell_steps_on_paper(explained_mix(), name=lift.name)
    assert [(step.label, step.value, step.note) for step in carried[-2:]] == [
        ("The odd fen", "+0.01 yuan", ""),
        ("297.51 + 0.01 = 297.52", "¥297.52", ""),
    ]
    assert [(step.label, step.is_result) for step in not_carried[-2:]] == [
        ("Your share", False),
        ("¥8.57", True),
    ]


def test_causes_in_english(village: Village) -> None:
    bill = bill_of(village, "8-301", 11)
    with translation.override("en"):
        told = [tell_change(change) for _, change in bill.changes]
    assert told == [
        "the price went from 2.35 to 2.40 yuan",
        "2 m³ more used",
        "all together used 208 kWh more",
    ]


def test_summaries(village: Village) -> None:
    bill = bill_of(village, "8-301", 11)
    with translation.override("en"):
        assert [tell_summary(line.explanation) for line in bill.lines] == [
            "89.56㎡ × 2.40",
            "15 m³",
            "¥696.16 × 42.7372%",
        ]


def test_item_that_came_and_item_that_went() -> None:
    account = make_account(make_community())
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    issue_bill(account, {"property": "210.47", "heat": "50.00"}, period=october)
    november = draft_bill(account, {"property": "210.47", "water": "89.00"})
    opened = explain_bill(november.pk)
    with translation.override("en"):
        told = [(name, str(change.amount), tell_change(change)) for name, change in opened.changes]
    assert told == [
        ("property", "0.00", "nothing has changed"),
        ("water", "89.00", "not on the last bill"),
        ("heat", "-50.00", "was on the last bill, not on this one"),
    ]
    assert opened.change == Decimal("39.00")


@pytest.mark.parametrize("count", [1, 2])
def test_explain_bills_takes_the_same_queries_for_one_and_many(
    village: Village, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bills = list(Bill.objects.filter(period_start=date(2026, 11, 1)).values_list("pk", flat=True)[:count])
    with django_assert_num_queries(5):
        assert len(explain_bills(bills)) == count


def test_new_owner_in_the_middle_of_a_month_is_explained() -> None:
    village = Village()
    unit = village.unit("8-301", "89.56", owner=None)
    village.holds(unit, "张三", end=date(2026, 11, 16))
    village.holds(unit, "李四", start=date(2026, 11, 16))
    village.tariff(village.fee("物业费"), "area", "2.35")
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="test")
    opened = [explain_line(line.pk) for line in ChargeLine.objects.order_by("bill__account__start")]
    assert [str(line.amount) for line in opened] == ["105.24", "105.23"]
    assert all(line.explanation.agrees for line in opened)
    with translation.override("en"):
        steps = tell_steps(opened[0].explanation, name="物业费")
    assert steps[-2].note == "The unit's 210.47 yuan are shared by days between 2 payers."


def test_price_change_after_the_bill_changes_no_explanation(village: Village) -> None:
    TariffVersion.objects.filter(method="area").update(price=Decimal("9.99"))
    assert bill_of(village, "8-301", 11).lines[0].explanation.agrees


def test_command_explain(village: Village, capsys: pytest.CaptureFixture[str]) -> None:
    line = ChargeLine.objects.filter(method="area", bill__period_start=date(2026, 11, 1)).first()
    assert line is not None
    call_command("explain", line.pk, json=True, language="en")
    result = json.loads(capsys.readouterr().out)
    assert (result["amount"], result["computed"], result["agrees"]) == ("214.94", "214.94", True)
    assert result["why"] == "the price went from 2.35 to 2.40 yuan"
    assert result["steps"][-1]["label"] == "89.56 × 2.40 = 214.944"


def test_command_explain_of_an_altered_line_leaves_with_1(
    village: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ChargeLine.objects.filter(method="area").first()
    assert line is not None
    ChargeLine.objects.filter(pk=line.pk).update(inputs={**line.inputs, "area": "1.0000"})
    with pytest.raises(SystemExit) as left:
        call_command("explain", line.pk)
    assert left.value.code == 1
    assert "¥210.47" in capsys.readouterr().out


def test_command_explain_of_no_line_leaves_with_2(db: None) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("explain", 999)
    assert left.value.code == 2
