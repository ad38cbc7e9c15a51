"""Months billed through the service: the literals of Show 5, and everything twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, BillRun, ChargeLine, PoolResult
from billing.services.run import RunOutcome, bill_period
from core.periods import Period
from ledger.models import JournalLeg
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    return Village()


def bill(village: Village, month: str = "2026-09", **options: Any) -> RunOutcome:
    return bill_period(community=village.community, period=Period.month(month), now=NOW, by="test", **options)


def amounts(item: str = "") -> dict[str, str]:
    lines = ChargeLine.objects.filter(fee_item__code__contains=item).order_by("bill__account__unit__code")
    return {line.bill.account.unit.code: str(line.amount) for line in lines}


def test_bill_area_for_a_year_rounds_once(village: Village) -> None:
    village.unit("8-301", "100.24")
    village.tariff(village.fee("property", cycle="year"), "area", "1.40")
    assert bill(village, "2026-01").total == Decimal("1684.03")


def test_bill_rounds_half_up(village: Village) -> None:
    village.unit("8-301", "130.70")
    village.tariff(village.fee("property"), "area", "0.15")
    assert bill(village).total == Decimal("19.61")


def test_bill_tiers_charges_each_slab_at_its_price(village: Village) -> None:
    tiers = [["10", "2"], ["20", "3"], ["30", "4"], [None, "5"]]
    village.tariff(village.fee("water"), "tiers", formula={"meter_kind": "water", "tiers": tiers})
    for room, value in {"8-301": "110", "8-302": "125", "8-303": "131"}.items():
        readings = {date(2026, 8, 31): "100", date(2026, 9, 30): value}
        village.meter(f"W{room}", readings, unit=village.unit(room))
    bill(village)
    assert amounts() == {"8-301": "20.00", "8-302": "70.00", "8-303": "95.00"}


def test_bill_pool_keeps_its_sum_when_a_unit_joins_late(village: Village) -> None:
    formula = {"pool_meter": "P1", "pool_key": "household"}
    village.tariff(village.fee("lift"), "pool", "1.00", formula=formula)
    village.meter("P1", {date(2026, 8, 31): "1000", date(2026, 9, 30): "1300"})
    for room in range(1, 5):
        village.unit(f"8-30{room}")
    assert bill(village).total == Decimal("300.00")
    village.unit("8-305")
    again = bill(village)
    assert (again.total, again.bills_created) == (Decimal("300.00"), 0)
    assert [(p.code, p.where["unit"], p.blocks) for p in again.problems] == [
        ("pool_joined_late", "8-305", False)
    ]
    assert PoolResult.objects.get().amount == Decimal("300.00")


def test_bill_twice_creates_nothing(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "2.35")
    village.unit("8-301", "89.56")
    village.unit("8-302", "120")
    first, second = bill(village), bill(village)
    assert (first.bills_created, first.bills_existing, first.lines, first.total) == (
        2,
        0,
        2,
        Decimal("492.47"),
    )
    assert (second.bills_created, second.bills_existing, second.lines, second.total) == (
        0,
        2,
        2,
        Decimal("492.47"),
    )
    assert Bill.objects.count() == 2
    assert BillRun.objects.get().state == "issued"
    assert sorted(JournalLeg.objects.values_list("amount", flat=True)) == [
        Decimal("-492.47"), Decimal("210.47"), Decimal("282.00")
    ]  # fmt: skip
