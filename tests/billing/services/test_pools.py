"""Pools shared by a run: every key, mixes, conditions, meters taken away, suppliers' bills; frozen and explained."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing.domain.tariff_notation import read_price
from billing.models import ChargeLine, PoolResult, RunProblem, SupplierBill, UnitCoefficient
from billing.selectors.explained import explain_bill
from billing.services.approval import Approval
from billing.services.resharing import NobodyJoinedError, reshare_pool
from billing.services.run import RunOutcome, bill_period
from billing.services.settlement import AllocationDraft, record_allocations
from core.periods import Period
from estates.models import Meter, Reading
from tests.billing.factories import book_receipt
from tests.billing.village import LONG_AGO, Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
AUGUST, SEPTEMBER = date(2026, 8, 31), date(2026, 9, 30)
APPROVAL = Approval("reshare:1", "8-501 后来加入", "王芳", "赵强", date(2026, 10, 9), NOW)


@pytest.fixture
def village() -> Village:
    """A shop on the ground floor and two flats above, one main meter that counted 1,000."""
    village = Village()
    village.unit("8-101", "50", floor=1, kind="shop", inner_area_m2=Decimal(45))
    village.unit("8-201", "100", floor=2, inner_area_m2=Decimal(80))
    village.unit("8-301", "150", floor=3, state="vacant", inner_area_m2=Decimal(120))
    village.meter("P1", {AUGUST: "0", SEPTEMBER: "1000"}, kind="electricity")
    return village


def pool(village: Village, notation: str, **facts: Any) -> None:
    priced = read_price("pool", notation)
    price = None if priced.price is None else str(priced.price)
    village.tariff(village.fee("lift"), "pool", price, formula=dict(priced.formula), **facts)


def bill(village: Village) -> RunOutcome:
    return bill_period(community=village.community, period=Period.month("2026-09"), now=NOW, by="test")


def amounts() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in ChargeLine.objects.order_by("bill__account__unit__code", "part"):
        found.setdefault(line.bill.account.unit.code, []).append(str(line.amount))
    return found


def assert_explained() -> None:
    for bill_id in ChargeLine.objects.values_list("bill_id", flat=True).distinct():
        opened = explain_bill(bill_id)
        assert all(line.explanation.agrees for line in opened.lines)


def test_a_pool_whose_meter_nobody_read_is_not_shared_and_comes_whole_with_the_next_reading(
    village: Village,
) -> None:
    pool(village, "P1;0.60;household")
    october = Period.month("2026-10")
    assert bill(village).total == Decimal("600.00")
    outcome = bill_period(community=village.community, period=october, now=NOW, by="test")
    assert [(p.code, p.where) for p in outcome.problems] == [
        ("pool_unread", {"unit": "P1", "fee_item": "lift"})
    ]
    assert PoolResult.objects.count() == 1
    Reading.objects.create(meter=Meter.objects.get(), read_on=date(2026, 11, 30), value=Decimal(1200))
    november = bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="test")
    assert (november.total, november.problems) == (Decimal("120.00"), ())


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("P1;0.30;area", {"8-101": ["50.00"], "8-201": ["100.00"], "8-301": ["150.00"]}),
        ("P1;0.30;inner", {"8-101": ["55.10"], "8-201": ["97.96"], "8-301": ["146.94"]}),
        ("P1;0.30;household", {"8-101": ["100.00"], "8-201": ["100.00"], "8-301": ["100.00"]}),
        ("P1;0.30;household;floor>=2", {"8-201": ["150.00"], "8-301": ["150.00"]}),
        ("P1;0.30;area;floor=1*0.5", {"8-101": ["27.27"], "8-201": ["109.09"], "8-301": ["163.64"]}),
        ("P1;0.30;area;kind!=shop;state!=vacant", {"8-201": ["300.00"]}),
        ("P1;0.30;fixed(8-101):30+area:70", {"8-101": ["90.00"], "8-201": ["84.00"], "8-301": ["126.00"]}),
        (
            "P1;0.30;area:60+household:40",
            {"8-101": ["30.00", "40.00"], "8-201": ["60.00", "40.00"], "8-301": ["90.00", "40.00"]},
        ),
    ],
)
def test_bill_shares_a_pool_as_agreed(
    village: Village, notation: str, expected: dict[str, list[str]]
) -> None:
    pool(village, notation)
    outcome = bill(village)
    assert (amounts(), outcome.total) == (expected, Decimal("300.00"))
    assert_explained()


def test_bill_shares_by_own_use_and_by_coefficient(village: Village) -> None:
    flats = {unit.code: unit for unit in village.community.units.all()}
    for code, use in {"8-101": "20", "8-201": "0", "8-301": "60"}.items():
        village.meter(
            f"E{code}", {AUGUST: "5", SEPTEMBER: str(5 + int(use))}, unit=flats[code], kind="electricity"
        )
        UnitCoefficient.objects.create(
            unit=flats[code], name="lift", value=Decimal(flats[code].floor or 0), start=LONG_AGO
        )
    pool(village, "P1;0.30;use:50+coefficient(lift):50")
    bill(village)
    assert amounts() == {"8-101": ["37.50", "25.00"], "8-201": ["50.00"], "8-301": ["112.50", "75.00"]}
    assert_explained()


def agree_on_coefficients(village: Village) -> None:
    """Twice as much for 8-201 for good, and for 8-301 until the day before the month ends."""
    flats = {unit.code: unit for unit in village.community.units.all()}
    for code, end in {"8-201": None, "8-301": SEPTEMBER}.items():
        UnitCoefficient.objects.create(unit=flats[code], value=Decimal(2), start=LONG_AGO, end=end)


def test_bill_shares_by_the_coefficient_without_a_name(village: Village) -> None:
    agree_on_coefficients(village)
    pool(village, "P1;0.40;coefficient")
    bill(village)
    assert amounts() == {"8-101": ["100.00"], "8-201": ["200.00"], "8-301": ["100.00"]}
    assert_explained()


def test_bill_reads_the_coefficient_without_a_name_in_a_formula(village: Village) -> None:
    agree_on_coefficients(village)
    village.tariff(village.fee("lift"), "expression", formula={"expression": "coefficient * 12.50"})
    bill(village)
    assert amounts() == {"8-101": ["12.50"], "8-201": ["25.00"], "8-301": ["12.50"]}
    assert_explained()


@pytest.mark.parametrize(
    ("rules", "use", "total"),
    [
        ("less=W1", "300.0000", "90.00"),
        ("less=W1;without=W2", "250.0000", "75.00"),
        ("less=W1;without=W2;common=C1;loss=company", "200.0000", "60.00"),
        ("less=W1;without=W2;common=C1;loss=2%", "220.0000", "66.00"),
        ("less=*", "300.0000", "90.00"),
    ],
)
def test_bill_takes_sub_meters_from_the_main_one(village: Village, rules: str, use: str, total: str) -> None:
    flat = village.community.units.get(code="8-201")
    sub = village.meter("W1", {AUGUST: "0", SEPTEMBER: "700"}, unit=flat, kind="electricity")
    Meter.objects.filter(pk=sub.pk).update(parent=Meter.objects.get(code="P1"))
    village.meter("W2", {AUGUST: "0", SEPTEMBER: "50"}, kind="electricity")
    village.meter("C1", {AUGUST: "0", SEPTEMBER: "200"}, kind="electricity")
    pool(village, f"P1;0.30;area;{rules}")
    assert bill(village).total == Decimal(total)
    assert str(PoolResult.objects.get().use) == use
    assert_explained()


def test_bill_says_which_sub_meters_counted_as_nothing(village: Village) -> None:
    pool(village, "P1;0.30;area;less=W1,W9")
    village.meter("W1", {SEPTEMBER: "700"}, kind="electricity")
    outcome = bill(village)
    assert [(problem.code, "W1, W9" in problem.message) for problem in outcome.problems] == [
        ("pool_meters_missing", True)
    ]
    bill(village)
    assert RunProblem.objects.filter(code="pool_meters_missing").count() == 1


def test_bill_shares_what_the_supplier_billed_and_waits_for_it(village: Village) -> None:
    pool(village, "P1;bill;area")
    assert [problem.code for problem in bill(village).problems] == ["pool_no_bill"]
    SupplierBill.objects.create(
        community=village.community,
        meter_code="P1",
        period_start=date(2026, 8, 25),
        period_end=date(2026, 9, 25),
        amount=Decimal("300.01"),
        recorded_at=NOW,
    )
    assert bill(village).total == Decimal("300.01")
    assert amounts() == {"8-101": ["50.00"], "8-201": ["100.00"], "8-301": ["150.01"]}
    assert_explained()


def test_bill_by_stair_takes_its_units_out_of_the_building(village: Village) -> None:
    village.community.units.filter(code="8-301").update(stair="2")
    fee = village.fee("lift")
    village.meter("P2", {AUGUST: "0", SEPTEMBER: "10"}, kind="electricity")
    village.tariff(
        fee, "pool", "1", formula={"pool_meter": "P1", "pool_key": "area"}, applies_to="building:8"
    )
    village.tariff(fee, "pool", "2", formula={"pool_meter": "P2", "pool_key": "area"}, applies_to="stair:8-2")
    bill(village)
    assert amounts() == {"8-101": ["333.33"], "8-201": ["666.67"], "8-301": ["20.00"]}


def test_bill_remembers_the_agreement_and_names_who_lacks_the_figure(village: Village) -> None:
    village.community.units.filter(code="8-301").update(inner_area_m2=None)
    pool(village, "P1;0.30;inner;agreement=业主大会 2025-03")
    outcome = bill(village)
    assert [(problem.code, "8-301" in problem.message) for problem in outcome.problems] == [
        ("pool_left_out", True)
    ]
    line = ChargeLine.objects.first()
    assert line is not None
    assert line.inputs["agreement"] == "业主大会 2025-03"
    assert PoolResult.objects.get().agreement == "业主大会 2025-03"


def test_bill_a_part_that_nobody_can_carry_is_said_and_the_rest_is_shared(village: Village) -> None:
    pool(village, "P1;0.30;area:60+coefficient(lift):40")
    outcome = bill(village)
    assert outcome.total == Decimal("180.00")
    assert {problem.code for problem in outcome.problems} == {"pool_nobody", "pool_left_out"}


def test_reshare_pool_keeps_what_is_paid_when_a_fifth_unit_joins(village: Village) -> None:
    """300.00 over 4 then 5: still 300.00; who has paid 75.00 keeps it, the others come to 56.25 each."""
    village.unit("8-401", "80")
    pool(village, "P1;0.30;household")
    bill(village)
    paid = ChargeLine.objects.get(bill__account__unit__code="8-101")
    with transaction.atomic():
        record_allocations(
            drafts=[AllocationDraft(paid.pk, Decimal("75.00"))],
            value_day=SEPTEMBER,
            source="money:1",
            by="test",
            now=NOW,
        )
        book_receipt(paid.bill.account, "75.00", SEPTEMBER, "money:1")
    village.unit("8-501", "80")
    bill(village)
    corrected = reshare_pool(pool=PoolResult.objects.get(), approval=APPROVAL)
    owed = {
        row.bill.account.unit.code: row.amount - sum(waiver.amount for waiver in row.waivers.all())
        for row in ChargeLine.objects.select_related("bill__account__unit")
    }
    assert {code: str(amount) for code, amount in sorted(owed.items())} == {
        "8-101": "75.00",
        "8-201": "56.25",
        "8-301": "56.25",
        "8-401": "56.25",
        "8-501": "56.25",
    }
    assert sum(owed.values()) == Decimal("300.00")
    assert [str(row.amount) for row in corrected.reductions] == ["18.75", "18.75", "18.75"]


def test_reshare_pool_that_nobody_joined_is_refused(village: Village) -> None:
    pool(village, "P1;0.30;household")
    bill(village)
    with pytest.raises(NobodyJoinedError):
        reshare_pool(pool=PoolResult.objects.get(), approval=APPROVAL)
