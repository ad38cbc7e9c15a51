"""The notice that a bill is ready: one a payer, written from what is open when it leaves."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing.events import notify_of_corrections, notify_of_late_fees
from billing.links import make_pay_link, read_pay_link
from billing.models import Bill, BillRun
from billing.notices.bills import judge_by_bills, plan_bill_notices
from billing.services.settlement import AllocationDraft, record_allocations
from core.tokens import TokenError
from messaging.domain.verdict import Drop, Go
from messaging.models import OutboundMessage
from tests.billing.factories import book_receipt, issue_bill, make_account, make_community, make_fee_item

NOON = datetime(2026, 11, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
DUE = date(2026, 11, 20)


@pytest.fixture
def run(db) -> BillRun:
    """A run with two bills of one owner and one of another, 210.47 + 80.00 and 309.45 yuan."""
    community = make_community()
    make_fee_item(community)
    run = BillRun.objects.create(
        community=community,
        period_start=date(2026, 11, 1),
        period_end=date(2026, 12, 1),
        due_on=DUE,
        opened_at=NOON,
    )
    for unit, payer, amount in (
        ("8-2-301", "李明", "210.47"),
        ("8-2-302", "李明", "80.00"),
        ("8-2-401", "王芳", "309.45"),
    ):
        account = make_account(community, unit, payer)
        bill = issue_bill(account, {"property": amount}, due_on=DUE)
        Bill.objects.filter(pk=bill.pk).update(run=run)
    return run


def pay(bill: Bill) -> None:
    line = bill.lines.get()
    book_receipt(bill.account, str(line.amount), date(2026, 11, 2), f"test:{bill.pk}")
    draft = AllocationDraft(line.pk, line.amount)
    record_allocations(
        drafts=[draft], value_day=date(2026, 11, 2), source=f"test:{bill.pk}", by=None, now=NOON
    )


def test_plan_bill_notices_is_one_a_payer_and_twice_is_once(run):
    assert plan_bill_notices(run_id=run.pk) == 2
    assert plan_bill_notices(run_id=run.pk) == 0
    sizes = sorted(len(message.subjects["bills"]) for message in OutboundMessage.objects.all())
    assert sizes == [1, 2]


def test_judge_by_bills_says_what_is_open_over_all_units(run):
    plan_bill_notices(run_id=run.pk)
    message = OutboundMessage.objects.get(person__name="李明")
    verdict = judge_by_bills([message], NOON)[message.pk]
    assert isinstance(verdict, Go)
    assert verdict.values["amount"] == "290.47"
    assert verdict.values["month"] == "11月"
    assert verdict.values["due_day"] == "11月20日 周五"


def test_judge_by_bills_paid_a_second_earlier_is_dropped(run):
    plan_bill_notices(run_id=run.pk)
    message = OutboundMessage.objects.get(person__name="王芳")
    pay(Bill.objects.get(account__payer__name="王芳"))
    assert judge_by_bills([message], NOON)[message.pk] == Drop("nothing_open")


def test_judge_by_bills_after_a_part_speaks_of_the_rest(run):
    plan_bill_notices(run_id=run.pk)
    message = OutboundMessage.objects.get(person__name="李明")
    pay(Bill.objects.get(account__unit__code="8-2-301"))
    verdict = judge_by_bills([message], NOON)[message.pk]
    assert isinstance(verdict, Go)
    assert verdict.values["amount"] == "80.00"


def test_judge_by_bills_asks_once_for_a_batch(run, django_assert_num_queries):
    plan_bill_notices(run_id=run.pk)
    messages = list(OutboundMessage.objects.all())
    for batch in (messages[:1], messages):
        with django_assert_num_queries(4):
            judge_by_bills(batch, NOON)


def test_make_pay_link_opens_these_bills_for_a_year(settings):
    settings.PUBLIC_URL = "https://pay.example"
    link = make_pay_link([7, 9], date(2026, 11, 1))
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert link.startswith("https://pay.example/")
    opened = read_pay_link(token, NOON)
    assert (opened.bill_ids, opened.message_id) == ((7, 9), None)
    with pytest.raises(TokenError):
        read_pay_link(token, NOON.replace(year=2027, day=3))
    with pytest.raises(TokenError):
        read_pay_link(token[:-1] + ("A" if token[-1] != "A" else "B"), NOON)


def test_make_pay_link_of_a_developers_hundreds_leads_to_the_log_in(settings):
    settings.PUBLIC_URL = "https://pay.example"
    assert "eyJ" not in make_pay_link(list(range(21)), date(2026, 11, 1))


def test_notice_amount_equals_the_bills(run):
    plan_bill_notices(run_id=run.pk)
    total = sum((bill.total for bill in Bill.objects.all()), Decimal())
    messages = list(OutboundMessage.objects.all())
    said = [judge_by_bills(messages, NOON)[message.pk] for message in messages]
    assert sum(Decimal(verdict.values["amount"]) for verdict in said if isinstance(verdict, Go)) == total


@pytest.mark.parametrize(
    ("notify", "kind"), [(notify_of_corrections, "bill.correction"), (notify_of_late_fees, "bill.late_fee")]
)
def test_notices_of_bills_beside_a_run_are_one_a_payer_and_day(run, notify, kind):
    ids = list(Bill.objects.values_list("pk", flat=True).order_by("pk"))
    notify(bill_ids=ids)
    notify(bill_ids=ids)
    messages = OutboundMessage.objects.order_by("pk")
    assert [(message.kind, len(message.subjects["bills"])) for message in messages] == [(kind, 2), (kind, 1)]
    first = messages[0]
    assert first.not_before == datetime(2026, 11, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    verdict = judge_by_bills([first], NOON)[first.pk]
    assert isinstance(verdict, Go)
    assert verdict.values["amount"] == "290.47"


@pytest.mark.broken_books("the bills are void without their entries taken back")
def test_notices_of_bills_that_are_void_are_not_planned(run):
    Bill.objects.update(state="void")
    notify_of_corrections(bill_ids=list(Bill.objects.values_list("pk", flat=True)))
    assert not OutboundMessage.objects.exists()
