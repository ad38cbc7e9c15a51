"""Late fee at the desk: charged as of the value day, and met in the order the community chose."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from billing.models import Bill, ChargeLine, LateFeePause, LateFeePolicy, ReductionKind
from billing.selectors.late_fees import sum_late_fees
from billing.selectors.outstanding import open_lines
from billing.services.approval import Approval
from billing.services.late_fee_bills import charge_late_fees
from billing.services.reductions import reduce_lines
from ledger import chart
from ledger.models import JournalLeg
from payments.gateways.interface import BillRecord
from payments.models import Channel, MerchantAccount, PaymentPolicy, PrepaymentEntry
from payments.selectors.claims import make_claims
from payments.services.booking import Incoming, book_receipt
from payments.services.bulk import settle_in_bulk
from payments.services.history import create_intents_in_bulk
from payments.services.prepayment import use_prepayment
from tests.payments.test_bulk import NOON, one_by_one, record, wish
from tests.payments.world import NOW, World, make_world

OLD, NEW = date(2026, 9, 18), date(2026, 10, 20)
"""62 and 30 days before 19 November."""


def clause(
    world: World, percent: str = "0.05", start: date = date(2026, 1, 1), **fields: object
) -> LateFeePolicy:
    defaults: dict[str, object] = {"grace_days": 0, **fields}
    return LateFeePolicy.objects.create(
        community=world.community, start=start, percent=Decimal(percent), **defaults
    )


def rule(world: World, **fields: str) -> None:
    PaymentPolicy.objects.create(community=world.community, **fields)


def pay(world: World, amount: str, **more: object) -> None:
    incoming = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW, **more)  # type: ignore[arg-type]
    book_receipt(incoming=incoming, now=NOW)


def left(world: World) -> dict[str, str]:
    """What is open by fee item and month; late fee in one sum."""
    found: dict[str, Decimal] = {}
    for line in open_lines(account_ids=[world.accounts[0].pk]):
        key = (
            f"{line.fee_item_code} {line.period.start:%m}" if line.fee_item_code != "late_fee" else "late_fee"
        )
        found[key] = found.get(key, Decimal(0)) + line.outstanding
    return {key: str(amount) for key, amount in found.items()}


def test_payment_of_all_meets_the_late_fee_of_its_day(world: World) -> None:
    """1,000 yuan 30 days late at 0.05 %: 15.00 of late fee; 1,015 settle both and nothing is left over."""
    clause(world)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1015.00")
    assert left(world) == {}
    assert not PrepaymentEntry.objects.exists()
    assert sum_late_fees(NOW.date() + timedelta(days=90)).open == Decimal("0.00")


def test_payment_of_the_principal_leaves_the_late_fee_owed(world: World) -> None:
    clause(world)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1000.00")
    assert left(world) == {"late_fee": "15.00"}


def test_payment_leaves_the_late_fee_contingent_when_somebody_charges_it(world: World) -> None:
    clause(world, charging="hand")
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1000.00")
    assert left(world) == {}
    assert sum_late_fees(NOW.date()).open == Decimal("15.00")


# Every door by which a principal is settled -------------------------------------------------------------


def charged() -> list[str]:
    """What was posted as late fee, entry by entry."""
    legs = JournalLeg.objects.filter(ledger_account__code=chart.LATE_FEE).order_by("pk")
    return [str(-leg.amount) for leg in legs]


def direct(world: World, chosen: dict[ChargeLine, str], paid_at: datetime = NOW) -> None:
    """Money whose payer said what it is for."""
    parts = {line.pk: Decimal(amount) for line, amount in chosen.items()}
    total = sum(parts.values(), Decimal(0))
    book_receipt(incoming=Incoming(None, Channel.WECHAT, total, paid_at, chosen=parts), now=NOW)


def test_directed_payment_leaves_the_late_fee_owed_and_posts_it_once(world: World) -> None:
    """1,000 yuan 30 days late: 15.00, on a bill of its own, which a later payment settles."""
    clause(world)
    (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    direct(world, {line: "1000.00"})
    assert (left(world), charged()) == ({"late_fee": "15.00"}, ["15.00"])
    pay(world, "15.00")
    assert (left(world), charged()) == ({}, ["15.00"])
    assert sum_late_fees(NOW.date() + timedelta(days=90)).open == Decimal("0.00")


def test_directed_payment_in_parts_charges_what_grew_up_to_each(world: World) -> None:
    """400 of 1,000 after 20 days (10.00); the other 600 ten days later, in two sums of one day (3.00, then nothing)."""
    clause(world)
    (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    direct(world, {line: "400.00"}, NOW - timedelta(days=10))
    assert charged() == ["10.00"]
    direct(world, {line: "500.00"})
    direct(world, {line: "100.00"})
    assert (left(world), charged()) == ({"late_fee": "13.00"}, ["10.00", "3.00"])


def test_directed_payments_of_one_day_charge_the_fee_of_each_line_they_meet(world: World) -> None:
    """62 days of 1,000 bear 31.00, 30 days of 500 bear 7.50; what nobody pays stays contingent."""
    clause(world)
    (old,) = world.bill(world.accounts[0], "1000.00", due=OLD)
    new, _unpaid = world.bill(world.accounts[0], "500.00", "200.00", due=NEW)
    direct(world, {old: "1000.00"})
    direct(world, {new: "500.00"})
    assert (left(world), charged()) == ({"late_fee": "38.50", "parking 10": "200.00"}, ["31.00", "7.50"])
    assert sum_late_fees(NOW.date()).open == Decimal("3.00")


def test_directed_payment_in_time_charges_nothing_of_other_lines(world: World) -> None:
    clause(world)
    world.bill(world.accounts[0], "1000.00", due=OLD)
    (line,) = world.bill(world.accounts[0], "500.00", due=NOW.date())
    direct(world, {line: "500.00"})
    assert charged() == []
    assert sum_late_fees(NOW.date()).open == Decimal("31.00")


def test_directed_payment_stays_contingent_when_somebody_charges_it(world: World) -> None:
    clause(world, charging="hand")
    (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    direct(world, {line: "1000.00"})
    assert charged() == []
    charge_late_fees(account_ids=[world.accounts[0].pk], as_of=NOW.date(), now=NOW, by="陈静")
    assert (left(world), charged()) == ({"late_fee": "15.00"}, ["15.00"])


def test_bill_of_a_platform_leaves_the_late_fee_owed_as_its_rows_one_by_one_do(db: None) -> None:
    """Two days of a platform's bill, in bulk and row by row: 400 after 28 days (14.00), 600 after 29 (0.30)."""
    outcomes = []
    for slug, settle_rows in (("slow", one_by_one), ("quick", in_bulk)):
        world = make_world(slug)
        clause(world)
        (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
        (other,) = world.bill(world.accounts[2], "300.00", due=NEW)
        wishes = [wish(world, parts) for parts in ({line: "400.00"}, {line: "600.00", other: "300.00"})]
        a, b = create_intents_in_bulk(merchant=world.wechat, wishes=wishes)
        day = timedelta(days=1)
        rows = [record(a, "400.00", happened_at=NOON - day), record(b, "900.00", row=3, happened_at=NOON)]
        settle_rows(world.wechat, rows)
        of_world = Bill.objects.filter(community=world.community, schedule="late_fee")
        outcomes.append(
            [(bill.account.unit.code, bill.issued_on, bill.total) for bill in of_world.order_by("pk")]
        )
    assert outcomes[0] == outcomes[1] == [
        ("1-1-101", date(2026, 11, 17), Decimal("14.00")),
        ("1-1-101", date(2026, 11, 18), Decimal("0.30")),
        ("1-2-201", date(2026, 11, 18), Decimal("4.35")),
    ]  # fmt: skip


def in_bulk(merchant: MerchantAccount, records: list[BillRecord]) -> None:
    settle_in_bulk(merchant=merchant, records=records, now=NOW)


def prepay(world: World, amount: str, code: str = "") -> None:
    meant_for = world.community.fee_items.get(code=code).pk if code else None
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW, chosen={}, meant_for=meant_for)
    book_receipt(incoming=money, now=NOW)


def test_prepayment_meets_the_late_fee_it_brings_up(world: World) -> None:
    clause(world)
    prepay(world, "1015.00")
    world.bill(world.accounts[0], "1000.00", due=NEW)
    use_prepayment(account_id=world.accounts[0].pk, day=NOW.date(), now=NOW)
    assert (left(world), charged()) == ({}, ["15.00"])
    assert PrepaymentEntry.objects.balance() == Decimal("0.00")


def test_prepayment_meant_for_the_fee_item_leaves_its_late_fee_owed(world: World) -> None:
    """Only what it pays is charged: the parking fee of 200, as late, bears its 3.00 further on."""
    clause(world)
    prepay(world, "1500.00", "property")
    world.bill(world.accounts[0], "1000.00", "200.00", due=NEW)
    use_prepayment(account_id=world.accounts[0].pk, day=NOW.date(), now=NOW)
    assert (left(world), charged()) == ({"parking 10": "200.00", "late_fee": "15.00"}, ["15.00"])
    assert sum_late_fees(NOW.date()).open == Decimal("3.00")


def test_prepayment_used_by_a_deed_leaves_the_late_fee_owed(world: World) -> None:
    """As a transfer uses what the seller has: 500 of the 1,000 are met, 15.00 have grown on all of it."""
    clause(world)
    prepay(world, "500.00")
    world.bill(world.accounts[0], "1000.00", due=NEW)
    use_prepayment(account_id=world.accounts[0].pk, day=NOW.date(), now=NOW, deed="transfer:1")
    assert (left(world), charged()) == ({"property 10": "500.00", "late_fee": "15.00"}, ["15.00"])


@pytest.mark.parametrize("kind", [ReductionKind.WAIVER, ReductionKind.WRITE_OFF, ReductionKind.TOLERANCE])
def test_late_fee_of_a_principal_that_was_given_up_is_kept_and_contingent(world: World, kind: str) -> None:
    """Nobody paid, so nothing is posted; what has grown by then can be charged, and no more than that."""
    clause(world)
    (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    approval = Approval("t:1", "电梯停运", "陈静", "周晓岚", NOW.date(), NOW)
    reduce_lines(amounts={line.pk: Decimal("1000.00")}, kind=ReductionKind(kind), approval=approval)
    assert charged() == []
    later = NOW.date() + timedelta(days=30)
    charge_late_fees(account_ids=[world.accounts[0].pk], as_of=later, now=NOW, by="陈静")
    assert charged() == ["15.00"]


def test_opening_debt_that_is_paid_leaves_its_late_fee_owed(world: World) -> None:
    """What another system left is a principal like any other: 30 days of 1,000."""
    clause(world)
    (line,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    Bill.objects.filter(pk=line.bill_id).update(schedule="opening")
    ChargeLine.objects.filter(pk=line.pk).update(method="opening")
    direct(world, {line: "1000.00"})
    assert (left(world), charged()) == ({"late_fee": "15.00"}, ["15.00"])


def test_settlements_are_recorded_by_the_doors_tested_here() -> None:
    """Whoever sets money against lines decides about its late fee; a new door gets a test above."""
    doors = {
        str(path.relative_to(settings.BASE_DIR))
        for app in ("billing", "payments", "portal", "dunning", "simulation")
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if re.search(r"(?<!def )\brecord_allocations(_in_bulk)?\(", path.read_text())
    }
    assert doors == {
        "billing/services/releasing.py",  # sets against a line again what it keeps
        "payments/services/booking.py",
        "payments/services/bulk.py",
        "payments/services/prepayment.py",
    }


# In the order the community chose -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("principal_first", {"property 10": "505.00", "late_fee": "15.00"}),
        ("late_fee_first", {"property 10": "520.00"}),
    ],
)
def test_late_fee_ranks_inside_its_debt_as_the_setting_says(
    world: World, inside: str, expected: dict[str, str]
) -> None:
    """Civil Code 561 against a contract that puts the principal first: 495 yuan towards 1,000 and 15 of late fee."""
    clause(world)
    rule(world, inside=inside)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "495.00")
    assert left(world) == expected


def test_late_fee_ranks_with_the_debt_it_grew_on(world: World) -> None:
    """By contract the older bill and its late fee (31.00) are met before the newer one."""
    clause(world)
    rule(world, inside="late_fee_first")
    world.bill(world.accounts[0], "1000.00", due=OLD)
    world.bill(world.accounts[0], "500.00", due=NEW)
    pay(world, "1031.00")
    assert left(world) == {"property 10": "500.00", "late_fee": "7.50"}


def test_civil_code_meets_the_bill_that_bears_late_fee_before_an_older_one(world: World) -> None:
    """DOMAIN-RULES §9: the older bill fell due before there was a clause; the newer one is the heavier burden."""
    clause(world, start=date(2026, 10, 1))
    rule(world, order="civil_code", inside="late_fee_first")
    world.bill(world.accounts[0], "300.00", due=OLD)
    world.bill(world.accounts[0], "300.00", due=NEW)
    pay(world, "304.50")
    assert left(world) == {"property 09": "300.00"}


def test_civil_code_takes_no_burden_from_a_fee_that_rests(world: World) -> None:
    """While the newer bill's late fee rests, both bear nothing, and the earlier due day decides."""
    clause(world, start=date(2026, 10, 1))
    rule(world, order="civil_code")
    world.bill(world.accounts[0], "300.00", due=OLD)
    (newer,) = world.bill(world.accounts[0], "300.00", due=NEW)
    LateFeePause.objects.create(
        community=world.community, line=newer, cause="dispute", first_day=NEW, reason="漏水", source="dispute:1",
        approved_by="周晓岚", written_at=NOW,
    )  # fmt: skip
    pay(world, "300.00")
    assert left(world) == {"property 10": "300.00"}


def test_claims_of_a_late_fee_stand_beside_their_principal(world: World) -> None:
    clause(world)
    (principal,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1.00")
    policy = PaymentPolicy(community=world.community).for_allocation
    claims = make_claims(open_lines(), policy=policy, as_of=NOW.date())
    assert {claim.debt for claim in claims} == {f"line:{principal.pk}"}
    assert {(claim.kind.name, claim.due_on) for claim in claims} == {("PRINCIPAL", NEW), ("LATE_FEE", NEW)}
    assert ChargeLine.objects.count() == 2
