"""A closed month and what is paid, billed and corrected after it: booked on an open day, right at every day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.models import Allocation, BillRun, ChargeLine, ReductionKind
from billing.selectors.outstanding import account_balance
from billing.services.approval import Approval
from billing.services.bills import void_bill
from billing.services.corrections import Addition, charge_correction
from billing.services.reductions import reduce_lines
from billing.services.run.issuing import begin_issue, review_run
from core.invariants import check_all
from core.periods import Period
from ledger import chart
from ledger.closing import NotReadyToCloseError, close_period, list_objections
from ledger.models import JournalEntry
from ledger.selectors import get_balance
from ledger.services import PeriodClosedError
from payments.models import Channel, Doubt, Receipt
from payments.services.booking import Incoming, book_receipt
from payments.services.doubts import open_doubt
from tests.payments.world import World, make_world

IN_OCTOBER = datetime(2026, 10, 30, 2, tzinfo=UTC)
OCTOBER_ENDS, NOVEMBER_BEGINS = date(2026, 10, 31), date(2026, 11, 1)
TODAY, NOW = date(2026, 11, 9), datetime(2026, 11, 9, 1, tzinfo=UTC)


@pytest.fixture
def closed(db: None) -> World:
    """A community with an October bill whose October is closed."""
    world = make_world()
    world.bill(world.accounts[0], "100.00", due=date(2026, 10, 20))
    close(world)
    return world


def close(world: World) -> None:
    close_period(
        company=world.company,
        community=world.community,
        through=OCTOBER_ENDS,
        by="赵强",
        now=NOW,
        as_of=TODAY,
    )


def pay_late(world: World, amount: str) -> Receipt:
    """Money of October that the bank tells of in November."""
    money = Incoming(world.accounts[0].pk, Channel.TRANSFER, Decimal(amount), IN_OCTOBER)
    return book_receipt(incoming=money, now=NOW)


def test_a_receipt_keeps_the_banks_day_and_is_booked_on_the_first_open_one(closed: World) -> None:
    receipt = pay_late(closed, "130.00")
    assert receipt.value_day == date(2026, 10, 30)
    assert Allocation.objects.get().value_day == date(2026, 10, 30)
    assert JournalEntry.objects.get(source=receipt.source).booked_on == NOVEMBER_BEGINS
    account = closed.accounts[0].pk
    assert account_balance(account, date(2026, 10, 30)).outstanding == Decimal("0.00")
    assert get_balance(code=chart.RECEIVABLE, as_of=OCTOBER_ENDS) == Decimal("100.00")
    assert get_balance(code=chart.RECEIVABLE, as_of=NOVEMBER_BEGINS) == Decimal("0.00")


@pytest.mark.parametrize("day", [date(2026, 10, 30), OCTOBER_ENDS, NOVEMBER_BEGINS, TODAY])
def test_the_books_are_right_on_every_day_around_it(closed: World, day: date) -> None:
    pay_late(closed, "130.00")
    assert check_all(day) == []


def approval(day: date) -> Approval:
    return Approval("request:1", "面积登记错了", "王芳", "赵强", day, NOW)


def by_waiver(world: World, day: date) -> None:
    line = ChargeLine.objects.get()
    amounts = {line.pk: Decimal("10.00")}
    reduce_lines(amounts=amounts, kind=ReductionKind.WAIVER, approval=approval(day))


def by_addition(world: World, day: date) -> None:
    (item,) = world.community.fee_items.filter(code="property")
    period = Period.month("2026-10")
    addition = Addition(world.accounts[0].pk, item.pk, period, Decimal("10.00"))
    charge_correction(additions=[addition], approval=approval(day))


def by_voiding(world: World, day: date) -> None:
    void_bill(bill=world.accounts[0].bills.get(), reason="面积登记错了", day=day, by="赵强")


@pytest.mark.parametrize("way", [by_waiver, by_addition, by_voiding])
def test_a_correction_dated_in_the_closed_month_is_refused(closed: World, way: object) -> None:
    with pytest.raises(PeriodClosedError):
        way(closed, OCTOBER_ENDS)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("way", "owed"), [(by_waiver, "90.00"), (by_addition, "110.00"), (by_voiding, "0.00")]
)
def test_a_correction_of_today_is_taken(closed: World, way: object, owed: str) -> None:
    way(closed, TODAY)  # type: ignore[operator]
    account = closed.accounts[0].pk
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=account) == Decimal(owed)
    october = get_balance(code=chart.RECEIVABLE, charge_account_id=account, as_of=OCTOBER_ENDS)
    assert october == Decimal("100.00")


def open_run(world: World) -> BillRun:
    return BillRun.objects.create(
        community=world.community,
        period_start=date(2026, 10, 1),
        period_end=NOVEMBER_BEGINS,
        due_on=date(2026, 10, 20),
        opened_at=NOW,
    )


def test_a_run_of_the_closed_month_is_booked_on_the_first_open_day(closed: World) -> None:
    run = review_run(run=open_run(closed), by="赵强")
    assert begin_issue(run=run, day=OCTOBER_ENDS, by="赵强").booked_on == NOVEMBER_BEGINS


def test_a_run_that_is_not_issued_keeps_its_month_open(world: World) -> None:
    run = open_run(world)
    with pytest.raises(NotReadyToCloseError) as refused:
        close(world)
    assert [problem.where for problem in refused.value.problems] == [{"run": run.pk}]


def test_exceptions_are_told_and_do_not_keep_a_month_open(world: World) -> None:
    open_doubt(
        kind=Doubt.UNKNOWN_ORDER,
        merchant=world.wechat,
        reference="4200",
        heard=Decimal("66.00"),
        details={},
        now=IN_OCTOBER,
    )
    found = list_objections(
        company=world.company, community=world.community, through=OCTOBER_ENDS, as_of=TODAY
    )
    assert [(problem.code, problem.blocks) for problem in found] == [("payments.exceptions", False)]
    close(world)
