"""Months billed through the service: the literals of Show 5, and everything twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.domain.lifecycle import StepNotAllowedError
from billing.models import (
    Bill,
    BillingPolicy,
    BillRun,
    ChargeAccount,
    ChargeLine,
    PoolResult,
    TariffVersion,
)
from billing.services.run import RunOutcome, bill_chunks, bill_period, discard_run, issue_run, review_run
from billing.services.run.discarding import RunApprovedError
from billing.services.run.driving import Watch
from billing.services.run.issuing import close_run
from core.periods import Period
from estates.models import Meter, Reading, Unit
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


def test_bill_chunks_of_a_share_leave_the_others_waiting(village: Village) -> None:
    for room in range(1, 5):
        village.unit(f"8-30{room}", "100")
    village.tariff(village.fee("property"), "area", "1.00")

    def share(run: BillRun, watch: Watch) -> None:
        bill_chunks(run, watch, numbers=[2])

    assert bill(village, chunk_size=1, biller=share).bills_created == 1
    assert amounts() == {"8-302": "100.00"}
    assert BillRun.objects.get().state == "reviewed"
    assert bill(village).bills_created == 3


@pytest.mark.django_db(transaction=True)
def test_write_chunk_checks_keys_before_it_locks_the_run(village: Village) -> None:
    """Otherwise workers would wait for each other's COMMIT, which is half of what a chunk costs."""
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    with CaptureQueriesContext(connection) as queries:
        bill(village)
    sent = [query["sql"] for query in queries]
    [locked] = [
        at for at, sql in enumerate(sent) if sql.startswith('UPDATE "billing_billrun" SET "chunks_done"')
    ]
    assert sent.index("SET CONSTRAINTS ALL IMMEDIATE") < locked


def test_close_run_with_chunks_to_bill_does_not_lock_the_run(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    bill(village, biller=lambda _run, _watch: None)
    with CaptureQueriesContext(connection) as queries:
        close_run(run=BillRun.objects.get(), now=NOW)
    assert not [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert BillRun.objects.get().state == "reviewed"


def test_bill_arrears_charges_the_month_before(village: Village) -> None:
    village.unit("8-301")
    village.tariff(village.fee("property", rank=1), "fixed", "10")
    village.tariff(village.fee("refuse", timing="arrears", rank=2), "fixed", "7")
    bill(village)
    lines = ChargeLine.objects.order_by("id").values_list("fee_item__code", "period_start", "period_end")
    assert list(lines) == [
        ("property", date(2026, 9, 1), date(2026, 10, 1)),
        ("refuse", date(2026, 8, 1), date(2026, 9, 1)),
    ]


def test_bill_arrears_of_an_account_that_ended(village: Village) -> None:
    unit = village.unit("8-301", owner=None)
    village.holds(unit, "张三", end=date(2026, 8, 11))
    village.holds(unit, "李四", start=date(2026, 8, 11))
    village.tariff(village.fee("refuse", timing="arrears"), "fixed", "310")
    bill(village)
    found = {b.account.payer.name: str(b.total) for b in Bill.objects.select_related("account__payer")}
    assert found == {"张三 8-301": "100.00", "李四 8-301": "210.00"}


def test_bill_parks_who_cannot_be_billed_and_bills_the_others(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    village.unit("8-302", area=None)
    village.unit("8-303", owner=None)
    outcome = bill(village)
    assert (outcome.accounts, outcome.bills_created, outcome.total) == (2, 1, Decimal("100.00"))
    assert [(p.code, p.where["unit"], p.blocks) for p in outcome.problems] == [
        ("no_area", "8-302", True),
        ("no_payer", "8-303", True),
    ]


def test_bill_again_bills_a_parked_account_once_it_is_put_right(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    parked = village.unit("8-302", area=None)
    assert bill(village).bills_created == 1
    Unit.objects.filter(pk=parked.pk).update(area_m2=Decimal(50))
    again = bill(village)
    assert (again.bills_created, again.bills_existing, again.total, again.problems) == (
        1,
        1,
        Decimal("150.00"),
        (),
    )


def test_bill_dry_run_keeps_nothing(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    assert bill(village, dry_run=True).total == Decimal("100.00")
    assert (BillRun.objects.count(), Bill.objects.count(), ChargeAccount.objects.count()) == (0, 0, 0)


def test_bill_draft_is_issued_after_review(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    draft = BillRun.objects.get(pk=bill(village, issue=False).run_id)
    assert (draft.state, Bill.objects.get().state, JournalLeg.objects.count()) == ("draft", "draft", 0)
    with pytest.raises(StepNotAllowedError):
        issue_run(run=draft, day=date(2026, 9, 3), now=NOW, by="test")
    issue_run(run=review_run(run=draft, by="test"), day=date(2026, 9, 3), now=NOW, by="test")
    issued = Bill.objects.get()
    assert (issued.state, issued.issued_on, issued.run and issued.run.state) == (
        "issued",
        date(2026, 9, 3),
        "issued",
    )
    assert JournalLeg.objects.count() == 2


def test_discard_run_makes_room_for_a_better_one(village: Village) -> None:
    tariff = village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    discard_run(run=BillRun.objects.get(pk=bill(village, issue=False).run_id), by="test")
    TariffVersion.objects.filter(pk=tariff.pk).update(price=Decimal(2))
    assert bill(village, issue=False).total == Decimal("200.00")


def test_discard_run_refuses_an_approved_run(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    run = BillRun.objects.get(pk=bill(village).run_id)
    with pytest.raises(RunApprovedError):
        discard_run(run=run, by="test")


def test_bill_first_reading_opens_the_meter_and_is_not_charged(village: Village) -> None:
    village.tariff(village.fee("water"), "meter", "3.45", formula={"meter_kind": "water"})
    village.meter("W1", {date(2026, 9, 5): "812"}, unit=village.unit("8-301"))
    outcome = bill(village)
    assert (outcome.bills_created, [p.code for p in outcome.problems]) == (0, ["meter_opened"])
    Reading.objects.create(meter_id=Meter.objects.get().pk, read_on=date(2026, 10, 9), value=Decimal(822))
    assert bill(village, "2026-10").total == Decimal("34.50")


def test_bill_names_the_unit_whose_meter_nobody_read(village: Village) -> None:
    village.tariff(village.fee("water"), "meter", "3.45", formula={"meter_kind": "water"})
    village.meter("W1", {date(2026, 8, 1): "100", date(2026, 8, 31): "110"}, unit=village.unit("8-301"))
    village.meter("W2", {date(2026, 8, 31): "5", date(2026, 9, 30): "5"}, unit=village.unit("8-302"))
    outcome = bill(village)  # the second one was read and used nothing
    assert [(p.code, p.where["unit"], p.blocks) for p in outcome.problems] == [
        ("meter_unread", "8-301", False)
    ]
    Reading.objects.create(meter=Meter.objects.get(code="W1"), read_on=date(2026, 10, 9), value=Decimal(130))
    assert bill(village, "2026-10").total == Decimal("69.00")  # what September used comes with it


@pytest.mark.parametrize("idle", [{"retired_on": date(2026, 8, 31)}, {"is_prepaid": True}])
def test_bill_expects_no_reading_of_a_meter_nobody_reads(village: Village, idle: dict[str, Any]) -> None:
    village.tariff(village.fee("water"), "meter", "3.45", formula={"meter_kind": "water"})
    village.meter("W1", {date(2026, 8, 1): "100", date(2026, 8, 31): "110"}, unit=village.unit("8-301"))
    Meter.objects.update(**idle)
    assert bill(village).problems == ()


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (date(2026, 8, 31), "0.00"),
        (date(2026, 9, 1), "34.50"),
        (date(2026, 9, 30), "34.50"),
        (date(2026, 10, 1), "0.00"),
    ],
)
def test_bill_use_is_between_the_last_readings(village: Village, closing: date, expected: str) -> None:
    village.tariff(village.fee("water", timing="advance"), "meter", "3.45", formula={"meter_kind": "water"})
    village.meter("W1", {date(2026, 8, 1): "100", closing: "110"}, unit=village.unit("8-301"))
    assert str(bill(village).total) == expected if expected != "0.00" else bill(village).bills_created == 0


def test_bill_due_on_a_working_day(village: Village) -> None:
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    bill(village, "2026-10")
    BillingPolicy.objects.create(community=village.community, due_after_days=3)
    bill(village, "2026-09")
    assert list(Bill.objects.order_by("due_on").values_list("due_on", flat=True)) == [
        date(2026, 9, 4),
        date(2026, 10, 20),
    ]


def test_bill_by_formula_asks_the_register(village: Village) -> None:
    village.unit("8-101", "89.56", floor=1)
    village.unit("8-201", "89.56", floor=2)
    village.unit("8-301", "89.56")
    formula = {"expression": "area * 2.1 + if(floor > 1, 5, 0)"}
    village.tariff(village.fee("property"), "expression", formula=formula)
    outcome = bill(village)
    assert amounts() == {"8-101": "188.08", "8-201": "193.08"}
    assert [(p.code, p.blocks) for p in outcome.problems] == [("no_floor", True)]


def test_bill_counts_cycles_from_the_hand_over(village: Village) -> None:
    village.unit("8-101", handed_over_on=date(2026, 1, 31))
    village.unit("8-201", handed_over_on=date(2026, 9, 15))
    village.unit("8-301", handed_over_on=date(2026, 10, 1))
    village.unit("8-401")
    fee = village.fee("property")
    fee.counted_from = "handover"
    fee.save()
    village.tariff(fee, "area", "2.35")
    outcome = bill(village)
    lines = ChargeLine.objects.order_by("bill__account__unit__code")
    assert [(str(line.period_start), str(line.period_end), str(line.amount)) for line in lines] == [
        ("2026-09-30", "2026-10-31", "235.00"),
        ("2026-09-15", "2026-10-15", "235.00"),
    ]
    assert [(p.code, p.where["unit"], p.blocks) for p in outcome.problems] == [
        ("no_handover", "8-401", False)
    ]
    assert bill(village).bills_created == 0
