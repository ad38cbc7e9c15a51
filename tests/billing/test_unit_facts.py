"""Measured areas and vacancies in the register, billed and explained."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from billing.explaining.steps import tell_steps
from billing.models import Bill, BillingPolicy, ChargeLine, FeeItem, PoolResult
from billing.selectors.explained import explain_bill
from billing.services.run import bill_period
from core.periods import Period
from estates.models import EntitlementState, Unit, UnitArea, VacancyEntitlement
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    FeeItem.objects.update(honours_vacancy=True)
    return village


def measure(unit: Unit, day: date, area: str) -> None:
    UnitArea.objects.create(
        unit=unit, start=day, area_m2=Decimal(area), reason="实测", recorded_at=NOW, recorded_by="t"
    )


def vacate(unit: Unit, start: date, share: str, *, state: str = EntitlementState.APPROVED) -> None:
    VacancyEntitlement.objects.create(
        unit=unit, start=start, share=Decimal(share), state=state, reason="空置", recorded_at=NOW
    )


def bill(village: Village, month: str = "2026-11") -> list[str]:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")
    lines = ChargeLine.objects.filter(bill__period_start=f"{month}-01").order_by(
        "bill__account__unit", "part"
    )
    return [str(amount) for amount in lines.values_list("amount", flat=True)]


def test_run_bills_both_areas_on_one_bill(village: Village) -> None:
    measure(village.unit("8-301", "100"), date(2026, 11, 16), "110")
    assert bill(village) == ["150.00", "165.00"]
    assert Bill.objects.get().total == Decimal("315.00")
    spans = ChargeLine.objects.order_by("part").values_list("period_start", "period_end", "part")
    assert list(spans) == [
        (date(2026, 11, 1), date(2026, 11, 16), 0),
        (date(2026, 11, 16), date(2026, 12, 1), 1),
    ]


def test_area_of_the_past_stays_that_of_the_past(village: Village) -> None:
    measure(village.unit("8-301", "100"), date(2026, 11, 1), "110")
    assert (bill(village, "2026-10"), bill(village, "2026-11")) == (["300.00"], ["330.00"])


def test_pool_by_area_weighs_the_measured_area(village: Village) -> None:
    FeeItem.objects.update(rank=1)
    village.tariff(village.fee("lift"), "pool", "1", formula={"pool_meter": "P1", "pool_key": "area"})
    village.meter("P1", {date(2026, 10, 31): "0", date(2026, 11, 30): "30"})
    measure(village.unit("8-301", "100"), date(2026, 10, 1), "200")
    village.unit("8-302", "100")
    bill(village)
    assert PoolResult.objects.get().shares_fen == [2000, 1000]


def share(village: Village, *rules: str) -> PoolResult:
    """Bill a November whose pool of 30.00 two flats of 100 m² share; 8-301 has been empty at 70 % since the 16th."""
    formula = {"pool_meter": "P1", "pool_key": "area", "pool_rules": list(rules), "agreement": "决议 7"}
    village.tariff(village.fee("lift"), "pool", "1", formula=formula)
    village.meter("P1", {date(2026, 10, 31): "0", date(2026, 11, 30): "30"})
    vacate(village.unit("8-301", "100"), date(2026, 11, 16), "0.7")
    village.unit("8-302", "100")
    bill(village)
    return PoolResult.objects.get()


def test_pool_counts_a_vacant_unit_in_full_unless_agreed(village: Village) -> None:
    result = share(village)
    assert (result.shares_fen, result.times) == ([1500, 1500], [])


def test_pool_counts_a_vacant_unit_by_the_share_still_due(village: Village) -> None:
    result = share(village, "vacancy=share")
    # 15 + 15 × 0.7 = 25.5 of 30 days, 17 of 20: 30.00 × 17 ÷ 37 = 13.78 and 30.00 × 20 ÷ 37 = 16.22.
    assert (result.shares_fen, result.times) == ([1378, 1622], [17, 20])
    assert result.rule == "area;vacancy=share"
    line = ChargeLine.objects.get(fee_item__code="lift", amount=Decimal("13.78"))
    opened = next(one for one in explain_bill(line.bill_id).lines if one.line_id == line.pk)
    assert opened.explanation.agrees
    with translation.override("en"):
        told = {step.label: step.note for step in tell_steps(opened.explanation, name="lift")}
    assert "0.85 of it counts" in told["Your part"]


def test_only_granted_vacancies_count(village: Village) -> None:
    for room, state in enumerate(EntitlementState.values, start=1):
        vacate(village.unit(f"8-30{room}"), date(2026, 11, 1), "0.7", state=state)
    assert dict(zip(EntitlementState.values, bill(village), strict=True)) == {
        "applied": "300.00",
        "inspected": "300.00",
        "approved": "210.00",
        "ended": "210.00",
        "refused": "300.00",
    }


def test_setting_counts_parts_by_the_days_of_the_period(village: Village) -> None:
    FeeItem.objects.update(cycle="quarter")
    BillingPolicy.objects.create(community=village.community, proration="period")
    unit = village.unit("8-301", "100", owner=None)
    village.holds(unit, "张三", start=date(2026, 11, 1))
    assert bill(village, "2026-10") == ["596.74"]  # 900 × 61 ÷ 92


def test_steps_of_a_vacancy(village: Village) -> None:
    unit = village.unit("8-301", "100")
    vacate(unit, date(2026, 11, 16), "0.7")
    assert bill(village) == ["150.00", "105.00"]
    opened = explain_bill(Bill.objects.get().pk)
    assert all(line.explanation.agrees for line in opened.lines)
    with translation.override("en"):
        told = tell_steps(opened.lines[1].explanation, name="物业费")
    assert [(step.label, step.value, step.note) for step in told] == [
        ("Building area", "100.00㎡", "as the register has it"),
        ("Still due", "70%", "while the unit stands empty, as approved"),
        ("Price", "3.00 yuan/㎡·month", "in force since 1 Jan 2020"),
        ("Months", "0.5 months", "16 Nov 2026 to 30 Nov 2026"),
        (
            "Your days",
            "105.00 yuan",
            "The period's 255.00 yuan are rounded once; area or vacancy changed, so it has 2 parts.",
        ),
        ("物业费", "¥105.00", ""),
    ]


def test_cause_is_the_vacancy(village: Village) -> None:
    vacate(village.unit("8-301"), date(2026, 11, 1), "0.7")
    bill(village, "2026-10")
    bill(village)
    opened = explain_bill(Bill.objects.get(period_start=date(2026, 11, 1)).pk)
    change = opened.lines[0].change
    assert change is not None
    assert (str(change.amount), [cause.key for cause in change.causes]) == ("-90.00", ["vacancy"])


def test_pool_of_a_past_month_does_not_see_what_was_measured_after_it(village: Village) -> None:
    formula = {"pool_meter": "P1", "pool_key": "area"}
    village.tariff(village.fee("公摊电费", timing="arrears"), "pool", "1.00", formula=formula)
    village.meter("P1", {date(2026, 9, 30): "0", date(2026, 10, 31): "300"}, kind="electricity")
    measure(village.unit("8-301", "100"), date(2026, 11, 2), "200")
    village.unit("8-302", "200")
    bill(village)
    assert PoolResult.objects.get().weights == [100_0000, 200_0000]
