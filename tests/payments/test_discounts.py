"""Discounts from the first payment to the last fen paid back, with the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from billing.explaining.discounts import list_discounts
from billing.models import (
    Allocation,
    Bill,
    BillingPolicy,
    Discount,
    DiscountKind,
    PaidAhead,
    PaidAheadReturn,
    ReductionKind,
    Waiver,
)
from billing.selectors.discounts import list_offers, list_paid_ahead
from billing.selectors.on_time import find_offer
from billing.selectors.outstanding import account_balance, bill_balances
from billing.selectors.sheets import list_bill_sheets
from billing.selectors.statement import get_statement
from billing.services.approval import Approval
from billing.services.on_time import take_back_unearned
from billing.services.paid_ahead import pass_gift_on
from billing.services.reductions import reduce_lines
from billing.services.run.opening import find_due_day
from billing.services.settlement import reverse_allocations
from core.invariants import check_all
from core.periods import Period, add_months
from ledger import chart
from ledger.models import JournalEntry
from ledger.selectors import get_balance
from ledger.services import AlreadyPostedError, reverse
from payments.models import Channel, PayoutKind, PrepaymentEntry, Receipt
from payments.selectors.prepayments import get_balance_of
from payments.services.booking import Incoming, book_receipt
from payments.services.payouts import PayoutDraft, approve_payout, open_payout
from payments.services.prepayment import use_prepayment
from portal.selectors.reductions import list_reductions
from tests.billing.discounts import make_rule, twelve_and_one
from tests.billing.factories import issue_bill
from tests.payments.world import World, make_world
from tests.races import all_at_once, no_locks
from tests.staff import hire
from users.roles import Role

DUE = date(2026, 11, 20)
ZERO = Decimal("0.00")


def moment(day: date) -> datetime:
    """Noon in Beijing."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def month(number: int) -> Period:
    """November 2026 is 0."""
    return Period.of_month(add_months(date(2026, 11, 1), number))


def bill(world: World, number: int = 0, **amounts: str) -> Bill:
    """A regular bill of a month, due on its 20th."""
    return issue_bill(world.accounts[0], amounts or {"property": "100.00"}, period=month(number))


def pay(world: World, amount: str, day: date = DUE, **more: Any) -> Receipt:
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), moment(day), **more)
    return book_receipt(incoming=money, now=moment(day))


def prepay(world: World, amount: str, day: date = DUE, item: str = "property") -> Receipt:
    meant_for = world.community.fee_items.get(code=item).pk
    return pay(world, amount, day, chosen={}, meant_for=meant_for)


def night(world: World, day: date) -> Decimal:
    return use_prepayment(account_id=world.accounts[0].pk, day=day, now=moment(day))


def outstanding(world: World) -> Decimal:
    return account_balance(world.accounts[0].pk).outstanding


def discounts() -> list[str]:
    return [str(row.amount) for row in Waiver.objects.filter(kind="discount").order_by("pk")]


def booked(code: str) -> Decimal:
    return get_balance(code=code)


# Pay 12, get 1 ------------------------------------------------------------------------------------------


@pytest.fixture
def year(world: World) -> Receipt:
    """100.00 a month of property fee, and on 20 November, that month being paid, 1,200.00 for a year ahead."""
    twelve_and_one(world.community)
    bill(world)
    pay(world, "100.00", date(2026, 11, 5))
    return prepay(world, "1200.00")


def serve(world: World, months: int) -> None:
    """Bill so many months after November, and let the night of each bill's day meet it."""
    for number in range(1, months + 1):
        bill(world, number)
        night(world, month(number).start)


def test_a_year_ahead_pays_thirteen_months(world: World, year: Receipt) -> None:
    serve(world, 13)
    assert discounts() == [
        "7.69", "7.69", "7.70", "7.69", "7.69", "7.69", "7.70", "7.69", "7.69", "7.69", "7.70", "7.69", "7.69",
    ]  # fmt: skip
    assert (outstanding(world), get_balance_of(world.accounts[0].pk)) == (ZERO, ZERO)
    assert booked(chart.DISCOUNT) == Decimal("100.00")
    serve_one_more = bill(world, 14)
    night(world, month(14).start)
    assert bill_balances([serve_one_more.pk])[serve_one_more.pk].outstanding == Decimal("100.00")
    assert check_all(None) == []


@pytest.mark.parametrize(
    ("amount", "gift"), [("1199.99", None), ("1200.00", "100.00"), ("2400.00", "200.00")]
)
def test_a_gift_is_promised_by_whole_years(world: World, amount: str, gift: str | None) -> None:
    twelve_and_one(world.community)
    bill(world)
    pay(world, "100.00")
    prepay(world, amount)
    assert [str(row.gift) for row in PaidAhead.objects.all()] == ([gift] if gift else [])


@pytest.mark.parametrize(
    ("day", "is_promised"),
    [
        (date(2026, 11, 19), False),
        (date(2026, 11, 20), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_gift_is_promised_on_the_days_of_the_rule(world: World, day: date, is_promised: bool) -> None:
    twelve_and_one(world.community, start=date(2026, 11, 20), end=date(2026, 12, 1))
    bill(world)
    pay(world, "100.00", date(2026, 11, 5))
    prepay(world, "1200.00", day)
    assert PaidAhead.objects.exists() is is_promised


def test_what_is_owed_already_is_not_ahead(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    prepay(world, "1299.99")
    assert not PaidAhead.objects.exists()
    prepay(world, "1300.01", date(2026, 11, 21))
    assert PaidAhead.objects.get().paid == Decimal("1200.01")


def test_money_for_nothing_in_particular_earns_nothing(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    pay(world, "1300.00")
    assert not PaidAhead.objects.exists()


def test_the_gift_is_for_bills_issued_since(world: World, year: Receipt) -> None:
    """Rent of another item and bills that were there before have no part in it."""
    bill(world, 1, property="100.00", parking="50.00")
    night(world, month(1).start)
    assert [(row.waiver.line.fee_item.code, str(row.waiver.amount)) for row in Discount.objects.all()] == [
        ("property", "7.69")
    ]
    assert outstanding(world) == Decimal("50.00")


def test_five_percent_for_a_year_ahead(world: World) -> None:
    make_rule(world.community, DiscountKind.PERCENT, "property", months=12, percent=Decimal("5.00"))
    bill(world)
    pay(world, "100.00")
    prepay(world, "1140.00")
    serve(world, 12)
    assert discounts() == ["5.00"] * 12
    assert (outstanding(world), get_balance_of(world.accounts[0].pk)) == (ZERO, ZERO)


def test_the_night_twice_gives_once(world: World, year: Receipt) -> None:
    bill(world, 1)
    assert [night(world, month(1).start) for _ in range(2)] == [Decimal("92.31"), 0]
    assert night(world, date(2026, 12, 2)) == 0
    assert discounts() == ["7.69"]


# Paid back ----------------------------------------------------------------------------------------------


def pay_back(world: World, amount: str, day: date) -> None:
    clerk = hire(Role.CASHIER, world.community, f"clerk{amount}")
    manager = hire(Role.MANAGER, world.community, f"manager{amount}")
    draft = PayoutDraft(PayoutKind.PREPAYMENT, Decimal(amount), "搬走了", Channel.CASH)
    payout = open_payout(account=world.accounts[0], draft=draft, by=clerk, now=moment(day))
    approve_payout(payout=payout, by=manager, day=day, now=moment(day))


def test_refund_of_a_year_after_four_months_takes_the_gift_back_pro_rata(world: World, year: Receipt) -> None:
    """DOMAIN-RULES §9: 4 of 13 months served are worth 369.23, so 830.77 go back and 69.23 of the gift lapse."""
    serve(world, 4)
    held = get_balance_of(world.accounts[0].pk)
    assert (held, discounts()) == (Decimal("830.77"), ["7.69", "7.69", "7.70", "7.69"])
    pay_back(world, "830.77", date(2027, 3, 31))
    taken = PaidAheadReturn.objects.get()
    assert (taken.money, taken.gift) == (Decimal("830.77"), Decimal("69.23"))
    serve_after = bill(world, 5)
    night(world, month(5).start)
    assert bill_balances([serve_after.pk])[serve_after.pk].outstanding == Decimal("100.00")
    assert booked(chart.DISCOUNT) == Decimal("30.77")
    assert booked(chart.PREPAYMENT) == 0
    assert check_all(None) == []


def test_refund_of_a_part_leaves_the_gift_of_the_rest(world: World, year: Receipt) -> None:
    """Half of the year goes back, and with it half the gift: 600.00 and 50.00 pay for six and a half months."""
    pay_back(world, "600.00", date(2026, 11, 25))
    assert PaidAheadReturn.objects.get().gift == Decimal("50.00")
    serve(world, 7)
    assert sum(map(Decimal, discounts())) == Decimal("50.00")
    assert outstanding(world) == Decimal("50.00")


def test_refund_takes_what_was_not_paid_ahead_first(world: World, year: Receipt) -> None:
    """300.00 for the same fee item but short of a year: paying that back leaves the year as it was."""
    prepay(world, "300.00", date(2026, 11, 21))
    pay_back(world, "300.00", date(2026, 11, 25))
    assert not PaidAheadReturn.objects.exists()
    assert PaidAhead.objects.count() == 1


def test_a_gift_goes_on_with_the_unit(world: World, year: Receipt) -> None:
    """After four months 830.77 and 69.23 are left; they are the buyer's, for his bills."""
    serve(world, 4)
    seller, buyer = world.accounts[:2]
    day = date(2027, 3, 15)
    pass_gift_on(
        account_id=seller.pk,
        successor_id=buyer.pk,
        fee_item_id=world.community.fee_items.get(code="property").pk,
        source="transfer:7",
        day=day,
        now=moment(day),
    )
    assert list_paid_ahead(seller.pk) == []
    (left,) = list_paid_ahead(buyer.pk)
    assert (left.money_left, left.gift_left) == (Decimal("830.77"), Decimal("69.23"))


# On time ------------------------------------------------------------------------------------------------


@pytest.fixture
def two_percent(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, percent=Decimal("2.00"))


@pytest.mark.parametrize(
    ("first", "after", "due", "paid_on", "given"),
    [
        # due on Friday 20 November
        ("2026-11-01", 19, "2026-11-20", "2026-11-19", ["2.00"]),
        ("2026-11-01", 19, "2026-11-20", "2026-11-20", ["2.00"]),
        ("2026-11-01", 19, "2026-11-20", "2026-11-21", []),
        # 5 October 2026 is a holiday: due on Thursday 8 October
        ("2026-10-01", 4, "2026-10-08", "2026-10-05", ["2.00"]),
        ("2026-10-01", 4, "2026-10-08", "2026-10-08", ["2.00"]),
        ("2026-10-01", 4, "2026-10-08", "2026-10-09", []),
        # Sunday 15 November: due on Monday
        ("2026-11-01", 14, "2026-11-16", "2026-11-16", ["2.00"]),
        ("2026-11-01", 14, "2026-11-16", "2026-11-17", []),
        # the last day of a year, and the leap day
        ("2026-12-01", 30, "2026-12-31", "2026-12-31", ["2.00"]),
        ("2026-12-01", 30, "2026-12-31", "2027-01-01", []),
        ("2028-02-01", 28, "2028-02-29", "2028-02-29", ["2.00"]),
        ("2028-02-01", 28, "2028-02-29", "2028-03-01", []),
    ],
)
def test_on_time_is_until_the_due_day(
    world: World, two_percent: None, first: str, after: int, due: str, paid_on: str, given: list[str]
) -> None:
    """The day before, on and after the due day, which moves to the next working day (Civil Code 203)."""
    BillingPolicy.objects.create(community=world.community, due_after_days=after)
    period = Period.of_month(date.fromisoformat(first))
    due_on = find_due_day(world.community, period)
    issue_bill(world.accounts[0], {"property": "100.00"}, due_on=due_on, period=period)
    pay(world, "100.00", date.fromisoformat(paid_on))
    assert (due_on.isoformat(), discounts()) == (due, given)


def test_on_time_pays_less_and_keeps_the_rest(world: World, two_percent: None) -> None:
    bill(world, property="60.00", parking="40.00")
    receipt = pay(world, "100.00")
    assert discounts() == ["1.20", "0.80"]
    assert [str(row.amount) for row in PrepaymentEntry.objects.all()] == ["2.00"]
    paid = receipt.source
    allocated = Allocation.objects.order_by("pk").values_list("source", "amount")
    assert list(allocated) == [(paid, Decimal("58.80")), (paid, Decimal("39.20"))]
    assert (outstanding(world), booked(chart.DISCOUNT)) == (ZERO, Decimal("2.00"))
    assert check_all(None) == []


@pytest.mark.parametrize(("amount", "given", "left"), [("98.00", ["2.00"], "0.00"), ("97.99", [], "2.01")])
def test_on_time_may_be_what_is_missing(
    world: World, two_percent: None, amount: str, given: list[str], left: str
) -> None:
    bill(world)
    pay(world, amount)
    assert (discounts(), outstanding(world)) == (given, Decimal(left))


@pytest.mark.parametrize("first", [0, 1])
def test_on_time_in_two_parts_in_any_order(world: World, two_percent: None, first: int) -> None:
    """Booked later does not mean paid later: the days of the payments decide."""
    bill(world)
    days = [date(2026, 11, 10), DUE]
    for day in (days[first], days[1 - first]):
        pay(world, "50.00", day)
    assert (discounts(), outstanding(world)) == (["2.00"], ZERO)


@pytest.mark.parametrize("first", [0, 1])
def test_on_time_not_when_one_part_came_late(world: World, two_percent: None, first: int) -> None:
    bill(world)
    days = [DUE, DUE + timedelta(days=1)]
    for day in (days[first], days[1 - first]):
        pay(world, "50.00", day)
    assert (discounts(), outstanding(world)) == ([], ZERO)


def test_on_time_of_one_fee_item_needs_the_whole_bill(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, "property", amount=Decimal("5.00"))
    bill(world, property="60.00", parking="40.00")
    pay(world, "60.00", date(2026, 11, 10))
    assert discounts() == []
    pay(world, "40.00")
    assert discounts() == ["5.00"]
    assert check_all(None) == []


def test_on_time_never_takes_a_bill_below_zero(world: World) -> None:
    make_rule(world.community, DiscountKind.ON_TIME, amount=Decimal("5.00"))
    small = bill(world, property="3.00")
    pay(world, "0.01")
    assert discounts() == ["3.00"]
    assert bill_balances([small.pk])[small.pk].outstanding == 0
    assert get_balance_of(world.accounts[0].pk) == Decimal("0.01")


def test_on_time_by_prepayment_in_the_night(world: World, two_percent: None) -> None:
    pay(world, "150.00", date(2026, 10, 30))
    bill(world)
    assert night(world, date(2026, 11, 1)) == Decimal("98.00")
    assert (discounts(), outstanding(world)) == (["2.00"], ZERO)


def bounce(world: World, receipt: Receipt, day: date) -> None:
    """Take the money of a receipt off its bills again, as whoever reverses a payment does."""
    rows = list(world.accounts[0].bills.get().lines.get().allocations.filter(source=receipt.source))
    reverse_allocations(
        allocations=rows, value_day=day, source="bounced", reason="退票", by="t", now=moment(day)
    )
    entry = JournalEntry.objects.get(source=receipt.source)
    reverse(entry=entry, booked_on=day, source="bounced")
    take_back_unearned(bill_ids=[rows[0].line.bill_id], day=day, now=moment(day))


def test_on_time_is_taken_back_with_the_payment(world: World, two_percent: None) -> None:
    only = bill(world)
    receipt = pay(world, "98.00")
    day = date(2026, 11, 25)
    bounce(world, receipt, day)
    assert discounts() == ["2.00", "-2.00"]
    assert bill_balances([only.pk])[only.pk].outstanding == Decimal("100.00")
    assert booked(chart.DISCOUNT) == 0
    pay(world, "100.00", DUE)
    assert (discounts(), outstanding(world)) == (["2.00", "-2.00", "2.00"], ZERO)


def test_on_time_stays_while_the_bill_is_paid(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    take_back_unearned(bill_ids=[only.pk], day=date(2026, 11, 25), now=moment(date(2026, 11, 25)))
    assert discounts() == ["2.00"]


# What people see ----------------------------------------------------------------------------------------


def test_bill_statement_and_portal_show_the_discount_alike(world: World, year: Receipt) -> None:
    """A bill of 100.00 with 7.69 of gift and 92.31 of money; the figures of all three agree."""
    only, day = bill(world, 1), month(1).start
    night(world, day)
    (sheet,) = list_bill_sheets(Bill.objects.filter(pk=only.pk), day)
    assert [(row.item, row.name, row.amount) for row in sheet.discounts] == [
        ("property", "交12个月送1个月", Decimal("7.69"))
    ]
    assert (sheet.paid, sheet.outstanding) == (Decimal("92.31"), ZERO)
    statement = get_statement([world.accounts[0].pk], date(2026, 11, 1), day)
    assert (statement.figures.credited, statement.figures.closing) == (Decimal("7.69"), ZERO)
    assert [row.words for row in statement.rows[-1].credits] == ["交12个月送1个月"]
    with translation.override("zh-hans"):
        (reduction,) = list_reductions(only)
    assert [(step.label, step.value, step.note) for step in reduction.steps] == [
        ("您预交了", "¥1,200.00", "不少于 12 个月，每月 100.00 元"),
        ("送您", "¥100.00", "100.00 × 1；用到哪张账单，就给到哪张账单"),
        ("到这张账单为止该得", "¥7.69", "100.00 × 100.00 ÷ 1,300.00"),
        ("交12个月送1个月", "¥7.69", ""),
    ]


def test_paper_of_a_day_before_the_discount_has_none(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    papers = [list_bill_sheets(Bill.objects.filter(pk=only.pk), day)[0] for day in (date(2026, 11, 19), DUE)]
    assert [(paper.discounted, paper.outstanding) for paper in papers] == [
        (ZERO, Decimal("100.00")),
        (Decimal("2.00"), ZERO),
    ]


def test_every_discount_comes_to_the_same_fen_again(world: World, year: Receipt, two_percent: None) -> None:
    bill(world, 1, property="100.00", parking="33.33")
    night(world, month(1).start)
    pay(world, "33.33", date(2026, 12, 20))
    opened = list_discounts(list(Bill.objects.values_list("pk", flat=True)))
    # 2 % of 92.31 + 33.33 = 125.64, all of it on what is still open
    assert [(view.item, str(view.amount)) for view in opened] == [("property", "7.69"), ("parking", "2.51")]
    assert all(view.explanation.agrees for view in opened)


@pytest.mark.parametrize(("day", "offer"), [(DUE, "2.00"), (DUE + timedelta(days=1), "0.00")])
def test_find_offer_is_until_the_due_day(world: World, two_percent: None, day: date, offer: str) -> None:
    assert find_offer(bill(world), day) == Decimal(offer)


def test_find_offer_of_a_bill_that_has_its_discount_is_nothing(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    assert find_offer(only, DUE) == ZERO


def test_offers_name_the_sum_that_earns_the_gift(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    account = world.accounts[0]
    (offer,) = list_offers(account, DUE)
    assert (offer.needed, offer.gift) == (Decimal("1300.00"), Decimal("100.00"))
    prepay(world, "1300.00")
    assert PaidAhead.objects.get().gift == offer.gift
    assert list_offers(world.accounts[1], DUE) == []


# At the same moment -------------------------------------------------------------------------------------


@pytest.fixture
def town(transactional_db: None) -> World:
    """The community in a database that others see."""
    return make_world("town")


def pay_in_halves(town: World) -> None:
    """98.00 of 100.00 in two payments at once, at 2 % for paying on time."""
    make_rule(town.community, DiscountKind.ON_TIME, percent=Decimal("2.00"))
    bill(town)
    all_at_once(lambda: pay(town, "49.00"), lambda: pay(town, "49.00"))


def test_two_halves_at_once_earn_one_discount(town: World) -> None:
    pay_in_halves(town)
    assert (discounts(), outstanding(town)) == (["2.00"], ZERO)


def test_two_halves_at_once_without_locks_earn_none(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: each looks before the other's half is there, so neither finds the bill paid."""
    with no_locks(monkeypatch, "payments.book.decided"):
        pay_in_halves(town)
    assert discounts() == []


def test_a_discount_is_once_in_the_database(world: World, two_percent: None) -> None:
    """The source of the row names rule and bill: whoever misses the first one meets its unique key."""
    bill(world)
    pay(world, "98.00")
    first = Waiver.objects.get(kind="discount")
    again = Approval(first.source, first.reason, "anna", "boris", DUE, moment(DUE))
    with pytest.raises(AlreadyPostedError):
        reduce_lines(amounts={first.line_id: Decimal("0.01")}, kind=ReductionKind.DISCOUNT, approval=again)
