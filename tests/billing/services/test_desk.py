"""The desk of a run: some buildings first, called back in time, a sample signed into it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.domain.lifecycle import StepNotAllowedError
from billing.models import Bill, BillRun, ChargeLine, RunSample
from billing.notices.bills import plan_bill_notices
from billing.services.late_fee_bills import charge_community
from billing.services.run import (
    bill_period,
    discard_run,
    draw_sample,
    issue_buildings,
    issue_run,
    recall_run,
    review_run,
    sign_sample,
)
from billing.services.run.discarding import RunApprovedError
from billing.services.run.partial import NothingToIssueError
from billing.services.run.recalling import (
    AlreadyDeliveredError,
    AlreadyPaidError,
    LateFeeChargedError,
)
from billing.services.run.sampling import NoReasonGivenError, NothingToSampleError, SampleSignedError
from billing.services.settlement import AllocationDraft, record_allocations
from core.models import AuditRecord
from core.periods import Period
from estates.models import Person, Unit
from ledger.models import JournalEntry
from messaging.models import OutboundMessage
from tests.billing.factories import book_receipt
from tests.billing.late_fees import make_policy
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
SEPTEMBER = Period.month("2026-09")
FIRST, SECOND = date(2026, 9, 1), date(2026, 9, 2)


@pytest.fixture
def village() -> Village:
    """Two buildings: 8 with two flats, 9 with one, at 2.00 a square metre."""
    village = Village()
    for code, area in {"8-301": "100", "8-302": "50", "9-101": "30"}.items():
        village.unit(code, area)
    village.tariff(village.fee("property"), "area", "2.00")
    return village


def run_of(village: Village, **options: Any) -> BillRun:
    outcome = bill_period(community=village.community, period=SEPTEMBER, now=NOW, by="test", **options)
    return BillRun.objects.get(pk=outcome.run_id)


def reviewed(village: Village) -> BillRun:
    return review_run(run=run_of(village, issue=False), by="王芳")


def building(village: Village, code: str) -> int:
    return village.buildings[code].pk


def states() -> dict[str, str]:
    bills = Bill.objects.exclude(state="void")
    return dict(bills.order_by("account__unit__code").values_list("account__unit__code", "state"))


# Some buildings first --------------------------------------------------------------------------------------


def test_issue_buildings_leaves_the_rest_as_drafts(village: Village) -> None:
    run = reviewed(village)
    assert issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳") == 2
    assert states() == {"8-301": "issued", "8-302": "issued", "9-101": "draft"}
    run.refresh_from_db()
    assert (run.state, run.booked_on) == ("reviewed", None)


def test_issue_buildings_then_the_run_issues_the_rest(village: Village) -> None:
    run = reviewed(village)
    issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳")
    issue_run(run=run, day=SECOND, now=NOW, by="王芳")
    assert set(states().values()) == {"issued"}
    days = dict(Bill.objects.values_list("account__unit__code", "issued_on"))
    assert days == {"8-301": FIRST, "8-302": FIRST, "9-101": SECOND}


def test_issue_buildings_twice_has_nothing_left(village: Village) -> None:
    run = reviewed(village)
    issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳")
    with pytest.raises(NothingToIssueError):
        issue_buildings(run=run, building_ids=[building(village, "8")], day=SECOND, by="王芳")


def test_issue_buildings_of_a_run_nobody_approved(village: Village) -> None:
    run = run_of(village, issue=False)
    with pytest.raises(StepNotAllowedError):
        issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳")


def test_a_payer_in_two_buildings_is_told_of_each_day_once(village: Village) -> None:
    village.holds(Unit.objects.get(code="9-101"), "x", date(2019, 1, 1), date(2019, 2, 1))
    run = reviewed(village)
    same = Person.objects.create(company=village.company, name="一家", phone="")
    for bill in Bill.objects.all():
        bill.account.payer = same
        bill.account.save()
    issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳")
    assert [plan_bill_notices(run_id=run.pk), plan_bill_notices(run_id=run.pk)] == [1, 0]
    issue_run(run=run, day=SECOND, now=NOW, by="王芳")
    assert plan_bill_notices(run_id=run.pk) == 1
    assert [len(message.subjects["bills"]) for message in OutboundMessage.objects.order_by("pk")] == [2, 1]


# Called back -----------------------------------------------------------------------------------------------


def test_recall_run_voids_reverses_and_can_be_billed_anew(village: Village) -> None:
    run = run_of(village)
    plan_bill_notices(run_id=run.pk)
    recall_run(run=run, reason="公摊表读错", day=SECOND, by="王芳")
    run.refresh_from_db()
    assert (run.state, run.bill_count, run.total, run.booked_on) == ("draft", 0, Decimal("0.00"), None)
    assert set(Bill.objects.values_list("state", "voided_on")) == {("void", SECOND)}
    assert JournalEntry.objects.filter(kind="bills_recalled").count() == 1
    assert set(OutboundMessage.objects.values_list("state", "reason")) == {("dropped", "recalled")}
    Unit.objects.filter(code="8-301").update(area_m2="90")
    again = run_of(village)
    assert (again.pk, again.bill_count, again.total) == (run.pk, 3, Decimal("340.00"))
    assert plan_bill_notices(run_id=run.pk) == 3


def test_recall_run_after_some_buildings_were_issued(village: Village) -> None:
    run = reviewed(village)
    issue_buildings(run=run, building_ids=[building(village, "8")], day=FIRST, by="王芳")
    recall_run(run=run, reason="价格错了", day=SECOND, by="王芳")
    assert states() == {}
    assert run_of(village, issue=False).bill_count == 3


def test_recall_run_refuses_once_a_notice_has_left(village: Village) -> None:
    run = run_of(village)
    plan_bill_notices(run_id=run.pk)
    OutboundMessage.objects.filter(pk=OutboundMessage.objects.earliest("pk").pk).update(state="sent")
    with pytest.raises(AlreadyDeliveredError):
        recall_run(run=run, reason="公摊表读错", day=SECOND, by="王芳")
    assert set(states().values()) == {"issued"}


def test_recall_run_refuses_once_something_is_paid(village: Village) -> None:
    run = run_of(village)
    line = ChargeLine.objects.select_related("bill__account").earliest("pk")
    record_allocations(
        drafts=[AllocationDraft(line.pk, Decimal("5.00"))], value_day=FIRST, source="t:1", now=NOW, by="t"
    )
    book_receipt(line.bill.account, "5.00", FIRST, "t:1")
    with pytest.raises(AlreadyPaidError):
        recall_run(run=run, reason="公摊表读错", day=SECOND, by="王芳")


def test_recall_run_refuses_once_late_fee_was_charged(village: Village) -> None:
    run = run_of(village)
    make_policy(village.community)
    day = Bill.objects.earliest("pk").due_on + timedelta(days=10)
    charge_community(community=village.community, as_of=day, now=NOW, by="王芳")
    with pytest.raises(LateFeeChargedError):
        recall_run(run=run, reason="公摊表读错", day=day, by="王芳")


def test_recall_run_of_a_draft_is_no_step(village: Village) -> None:
    with pytest.raises(StepNotAllowedError):
        recall_run(run=run_of(village, issue=False), reason="x", day=SECOND, by="王芳")


def test_discard_run_refuses_a_run_that_was_issued_and_recalled(village: Village) -> None:
    run = recall_run(run=run_of(village), reason="价格错了", day=SECOND, by="王芳")
    with pytest.raises(RunApprovedError):
        discard_run(run=run, by="王芳")


# A sample --------------------------------------------------------------------------------------------------


def test_draw_sample_is_the_same_for_the_same_seed(village: Village) -> None:
    run = run_of(village, issue=False)
    first, again = (draw_sample(run=run, count=2, seed="a1", now=NOW, by="王芳") for _ in range(2))
    assert (first.bill_ids, len(set(first.bill_ids))) == (again.bill_ids, 2)
    assert set(first.bill_ids) <= set(Bill.objects.values_list("pk", flat=True))


def test_draw_sample_of_an_empty_run(village: Village) -> None:
    run = run_of(village, issue=False)
    Bill.objects.update(state="void")
    with pytest.raises(NothingToSampleError):
        draw_sample(run=run, count=2, seed="a1", now=NOW, by="王芳")


def test_sign_sample_says_who_when_which_and_how(village: Village) -> None:
    sample = draw_sample(run=run_of(village, issue=False), count=3, seed="a1", now=NOW, by="王芳")
    signed = sign_sample(sample=sample, right_ids=sample.bill_ids, note="", now=NOW, by="李会计")
    assert (signed.is_right, signed.signed_by, signed.signed_at) == (True, "李会计", NOW)
    record = AuditRecord.objects.get(action="billing.sign_sample")
    said = record.after or {}
    assert (record.actor, said["seed"], said["is_right"]) == ("李会计", "a1", True)


def test_sign_sample_with_a_wrong_bill_needs_words(village: Village) -> None:
    sample = draw_sample(run=run_of(village, issue=False), count=3, seed="a1", now=NOW, by="王芳")
    right = sample.bill_ids[1:]
    with pytest.raises(NoReasonGivenError):
        sign_sample(sample=sample, right_ids=right, note=" ", now=NOW, by="王芳")
    assert RunSample.objects.get().signed_at is None
    signed = sign_sample(sample=sample, right_ids=right, note="面积不对", now=NOW, by="王芳")
    assert (signed.is_right, signed.right_ids, signed.note) == (False, right, "面积不对")


def test_sign_sample_once(village: Village) -> None:
    sample = draw_sample(run=run_of(village, issue=False), count=1, seed="a1", now=NOW, by="王芳")
    sign_sample(sample=sample, right_ids=sample.bill_ids, note="", now=NOW, by="王芳")
    with pytest.raises(SampleSignedError):
        sign_sample(sample=sample, right_ids=[], note="错了", now=NOW, by="王芳")
