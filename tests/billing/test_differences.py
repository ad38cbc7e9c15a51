"""Two months side by side: what moved, by cause, to the fen, as the reviewer of a run reads it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, BillRun
from billing.selectors.differences import find_differences
from billing.services.run import RunOutcome, bill_period
from core.periods import Period
from estates.models import Occupancy, Unit
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def village() -> Village:
    return Village()


def bill(village: Village, month: str, **options: Any) -> RunOutcome:
    period = Period.month(month)
    return bill_period(
        community=village.community, period=period, now=NOW, by="test", compare=True, **options
    )


def causes(outcome: RunOutcome) -> dict[str, tuple[int, str]]:
    return {cause: (total.accounts, str(total.amount)) for cause, total in outcome.differences.items()}


def change_tariff(village: Village, item: Any, method: str, before: Any, price: str, **facts: Any) -> None:
    before.end = OCTOBER
    before.save()
    village.tariff(item, method, price, start=OCTOBER, **facts)


def test_first_run_has_nothing_to_differ_from(village: Village) -> None:
    village.unit("8-301")
    village.tariff(village.fee("property"), "area", "2.00")
    assert bill(village, "2026-09").differences == {}


def test_the_same_month_again_has_no_differences(village: Village) -> None:
    village.unit("8-301")
    village.tariff(village.fee("property"), "area", "2.00")
    bill(village, "2026-09")
    assert bill(village, "2026-10").differences == {}


def test_price_moves_every_account(village: Village) -> None:
    village.unit("8-301", "100")
    village.unit("8-302", "50.50")
    item = village.fee("property")
    change_tariff(village, item, "area", village.tariff(item, "area", "2.00"), "2.30")
    bill(village, "2026-09")
    # 100 × 0.30 = 30.00; 50.50 × 0.30 = 15.15
    assert causes(bill(village, "2026-10")) == {"price": (2, "45.15")}


def test_area_and_price_together_are_told_apart(village: Village) -> None:
    unit = village.unit("8-301", "100")
    item = village.fee("property")
    change_tariff(village, item, "area", village.tariff(item, "area", "2.00"), "2.50")
    bill(village, "2026-09")
    Unit.objects.filter(pk=unit.pk).update(area_m2="110")
    # first the area at the old price: 10 × 2.00; then the price on the new area: 110 × 0.50
    assert causes(bill(village, "2026-10")) == {"price": (1, "55.00"), "area": (1, "20.00")}


def test_days_of_an_account_that_began_in_mid_month(village: Village) -> None:
    unit = village.unit("8-301", "100", owner=None)
    village.holds(unit, "李四", start=date(2026, 9, 16))
    village.tariff(village.fee("property"), "area", "2.00")
    assert bill(village, "2026-09").total == Decimal("100.00")
    assert causes(bill(village, "2026-10")) == {"days": (1, "100.00")}


def test_new_and_left_units_are_a_matter_of_state(village: Village) -> None:
    village.unit("8-301", "100")
    leaving = village.unit("8-302", "60")
    village.tariff(village.fee("property"), "area", "2.00")
    bill(village, "2026-09")
    village.unit("8-303", "70")
    Occupancy.objects.filter(unit=leaving).update(end=OCTOBER)
    assert causes(bill(village, "2026-10")) == {"state": (2, "20.00")}


def test_change_of_payer_that_keeps_the_sum_is_no_difference(village: Village) -> None:
    unit = village.unit("8-301", "99.99")
    village.tariff(village.fee("property"), "area", "2.01")
    bill(village, "2026-09")
    Occupancy.objects.filter(unit=unit).update(end=date(2026, 10, 12))
    village.holds(unit, "李四", start=date(2026, 10, 12))
    outcome = bill(village, "2026-10")
    assert (outcome.bills_created, outcome.differences) == (2, {})


def test_more_use_at_a_dearer_slab_is_use_and_new_prices_are_price(village: Village) -> None:
    item = village.fee("water")
    tiers = [["10", "2"], [None, "3"]]
    before = village.tariff(item, "tiers", formula={"meter_kind": "water", "tiers": tiers})
    readings = {date(2026, 8, 31): "100", date(2026, 9, 30): "108", date(2026, 10, 31): "120"}
    village.meter("W1", readings, unit=village.unit("8-301"))
    before.end = OCTOBER
    before.save()
    dearer = {"meter_kind": "water", "tiers": [["10", "2.50"], [None, "3"]]}
    village.tariff(item, "tiers", formula=dearer, start=OCTOBER)
    bill(village, "2026-09")
    # 8 → 16.00; 12 by the old slabs → 20 + 6 = 26.00; by the new ones → 25 + 6 = 31.00
    assert causes(bill(village, "2026-10")) == {"price": (1, "5.00"), "use": (1, "10.00")}


def test_use_of_a_meter_that_stood_still(village: Village) -> None:
    village.tariff(village.fee("water"), "meter", "3.10", formula={"meter_kind": "water"})
    village.tariff(village.fee("property"), "area", "2.00")
    readings = {date(2026, 8, 31): "100", date(2026, 9, 30): "100", date(2026, 10, 31): "107"}
    village.meter("W1", readings, unit=village.unit("8-301"))
    bill(village, "2026-09")
    assert causes(bill(village, "2026-10")) == {"use": (1, "21.70")}


def test_use_of_a_formula_and_the_formula_itself(village: Village) -> None:
    item = village.fee("sewage")
    formula = {"meter_kind": "water", "expression": "max(use - 3, 0) * 0.95"}
    dearer = {**formula, "expression": "max(use - 3, 0) * 1.05"}
    before = village.tariff(item, "expression", formula=formula)
    before.end = OCTOBER
    before.save()
    village.tariff(item, "expression", formula=dearer, start=OCTOBER)
    readings = {date(2026, 8, 31): "100", date(2026, 9, 30): "109", date(2026, 10, 31): "123"}
    village.meter("W1", readings, unit=village.unit("8-301"))
    bill(village, "2026-09")
    # 6 × 0.95 = 5.70; 11 × 0.95 = 10.45; 11 × 1.05 = 11.55
    assert causes(bill(village, "2026-10")) == {"price": (1, "1.10"), "use": (1, "4.75")}


def test_pool_participants_and_price_of_a_pool(village: Village) -> None:
    item = village.fee("lift")
    formula = {"pool_meter": "P1", "pool_key": "household"}
    before = village.tariff(item, "pool", "1.00", formula=formula)
    change_tariff(village, item, "pool", before, "1.20", formula=formula)
    village.tariff(village.fee("property"), "fixed", "10")
    village.meter("P1", {date(2026, 8, 31): "0", date(2026, 9, 30): "300", date(2026, 10, 31): "700"})
    for room in range(1, 4):
        village.unit(f"8-30{room}")
    bill(village, "2026-09")
    village.unit("8-304")
    found = causes(bill(village, "2026-10"))
    # each: 100.00 → 400/3 = 133.33 by use → 400/4 = 100.00 by participants → 480/4 = 120.00 by price; the fourth is new
    assert found == {
        "price": (3, "60.00"),
        "pool": (3, "99.99"),
        "participants": (3, "-99.99"),
        "state": (1, "130.00"),
    }


def test_pool_with_a_change_of_payer_counts_the_share_once(village: Village) -> None:
    item = village.fee("lift")
    village.tariff(item, "pool", "1.00", formula={"pool_meter": "P1", "pool_key": "household"})
    village.meter("P1", {date(2026, 8, 31): "0", date(2026, 9, 30): "300", date(2026, 10, 31): "700"})
    unit, _other = village.unit("8-301"), village.unit("8-302")
    bill(village, "2026-09")
    Occupancy.objects.filter(unit=unit).update(end=date(2026, 10, 12))
    village.holds(unit, "李四", start=date(2026, 10, 12))
    assert causes(bill(village, "2026-10")) == {"pool": (2, "100.00")}


def test_fee_items_that_begin_and_end_and_change_their_method(village: Village) -> None:
    village.unit("8-301", "100")
    stays, ends, begins = (village.fee(code) for code in ("property", "refuse", "parking"))
    change_tariff(village, stays, "fixed", village.tariff(stays, "area", "2.00"), "180")
    village.tariff(ends, "fixed", "8", end=OCTOBER)
    village.tariff(begins, "fixed", "50", start=OCTOBER)
    bill(village, "2026-09")
    assert causes(bill(village, "2026-10")) == {"method": (1, "-20.00"), "item": (1, "42.00")}


def test_rounding_to_the_yuan_is_a_cause_of_its_own(village: Village) -> None:
    village.unit("8-301", "100.60")
    item = village.fee("property")
    before = village.tariff(item, "area", "2.00")
    change_tariff(village, item, "area", before, "2.00", rounding="yuan")
    bill(village, "2026-09")
    assert causes(bill(village, "2026-10")) == {"rounding": (1, "-0.20")}


def test_dry_run_tells_its_differences_and_keeps_nothing(village: Village) -> None:
    village.unit("8-301", "100")
    item = village.fee("property")
    change_tariff(village, item, "area", village.tariff(item, "area", "2.00"), "1.88")
    bill(village, "2026-09")
    assert causes(bill(village, "2026-10", dry_run=True)) == {"price": (1, "-12.00")}
    assert Bill.objects.count() == 1


def test_void_bills_are_left_out(village: Village) -> None:
    village.unit("8-301", "100")
    village.tariff(village.fee("property"), "area", "2.00")
    bill(village, "2026-09")
    bill(village, "2026-10", issue=False)
    Bill.objects.filter(run__period_start=OCTOBER).update(state="void")
    found = find_differences(BillRun.objects.get(period_start=OCTOBER))
    assert found is not None
    assert {cause: (sums.accounts, sums.fen) for cause, sums in found.by_cause().items()} == {
        "state": (1, -20000)
    }


def test_outliers_come_first_with_their_largest_cause(village: Village) -> None:
    village.tariff(village.fee("water"), "meter", "3.00", formula={"meter_kind": "water"})
    village.tariff(village.fee("property"), "area", "2.00")
    for room, closing in {"8-301": "111", "8-302": "160", "8-303": "112"}.items():
        readings = {date(2026, 8, 31): "90", date(2026, 9, 30): "100", date(2026, 10, 31): closing}
        village.meter(f"W{room}", readings, unit=village.unit(room))
    bill(village, "2026-09")
    bill(village, "2026-10")
    found = find_differences(BillRun.objects.get(period_start=OCTOBER))
    assert found is not None
    ranked = [(Unit.objects.get(pk=found.unit[row]).code, found.causes_of(row)) for row in found.rank(2)]
    assert ranked == [("8-302", [("use", 15000)]), ("8-303", [("use", 600)])]


def test_draft_of_an_issued_month_writes_nothing_and_says_so(village: Village) -> None:
    village.unit("8-301", "100")
    village.tariff(village.fee("property"), "area", "2.00")
    bill(village, "2026-09")
    village.unit("8-302", "60", owner="李四")
    outcome = bill(village, "2026-09", issue=False)
    assert (outcome.bills_created, outcome.bills_existing) == (0, 1)
    assert [(problem.code, problem.blocks) for problem in outcome.problems] == [("billing.run_issued", False)]
    assert Bill.objects.count() == 1
    assert bill(village, "2026-09").bills_created == 1
