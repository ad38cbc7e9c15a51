"""One figure, one function: the same outstanding amount by line, by bill, by account, as of any day."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from billing.models import Bill, ChargeAccount
from billing.selectors.outstanding import (
    account_balance,
    account_balances,
    bill_balances,
    bills_with_outstanding,
    open_lines,
)
from billing.services.bills import void_bill
from billing.services.settlement import AllocationDraft, record_allocations
from core.invariants import check_all
from core.periods import Period
from estates.models import Community
from tests.billing.factories import book_receipt, draft_bill, issue_bill, make_account, make_fee_item, waive

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@transaction.atomic
def pay(account: ChargeAccount, bill: Bill, code: str, amount: str, day: int) -> None:
    draft = AllocationDraft(bill.lines.get(fee_item__code=code).pk, Decimal(amount))
    now = datetime(2026, 11, day, tzinfo=UTC)
    source = f"money:{bill.pk}:{code}:{day}"
    value_day = date(2026, 11, day)
    record_allocations(drafts=[draft], value_day=value_day, source=source, by=None, now=now)
    book_receipt(account, amount, value_day, source)


@pytest.fixture
def two_bills(account: ChargeAccount) -> tuple[Bill, Bill]:
    """October paid down on 5 and 9 November, a waiver on the 7th; November as it came.

    October   property 210.47 − 100.00 (5th) − 42.09 (7th)      water 89.00 − 89.00 (9th)
    November  property 210.47                                    water 65.00
    """
    make_fee_item(account.community, "water", rank=20)
    make_fee_item(account.community, "property", rank=10)
    october = issue_bill(account, {"water": "89.00", "property": "210.47"}, period=OCTOBER)
    november = issue_bill(account, {"water": "65.00", "property": "210.47"})
    pay(account, october, "property", "100.00", 5)
    given_up = october.lines.get(fee_item__code="property")
    waive(given_up, "42.09", date(2026, 11, 7), datetime(2026, 11, 7, tzinfo=UTC))
    pay(account, october, "water", "89.00", 9)
    return october, november


@pytest.mark.parametrize(
    ("as_of", "outstanding"),
    [
        (date(2026, 9, 30), "0.00"),
        (date(2026, 10, 1), "299.47"),
        (date(2026, 10, 31), "299.47"),
        (date(2026, 11, 1), "574.94"),
        (date(2026, 11, 4), "574.94"),
        (date(2026, 11, 5), "474.94"),
        (date(2026, 11, 7), "432.85"),
        (date(2026, 11, 9), "343.85"),
        (None, "343.85"),
    ],
)
def test_account_balance_as_of(
    two_bills: tuple[Bill, Bill], account: ChargeAccount, as_of: date | None, outstanding: str
) -> None:
    assert account_balance(account.pk, as_of).outstanding == Decimal(outstanding)


def test_open_lines_by_due_day_then_rank(two_bills: tuple[Bill, Bill], account: ChargeAccount) -> None:
    lines = open_lines(account_ids=[account.pk])
    told = [(line.period.start.month, line.fee_item_code, str(line.outstanding)) for line in lines]
    assert told == [(10, "property", "68.38"), (11, "property", "210.47"), (11, "water", "65.00")]
    assert (lines[0].settled, lines[0].waived) == (Decimal("100.00"), Decimal("42.09"))
    assert (lines[0].unit, lines[0].due_on) == ("8-2-301", date(2026, 10, 20))


def test_open_lines_of_a_bill_on_an_earlier_day(two_bills: tuple[Bill, Bill]) -> None:
    october, _ = two_bills
    lines = open_lines(bill_ids=[october.pk], as_of=date(2026, 11, 6))
    assert [(line.fee_item_code, str(line.outstanding)) for line in lines] == [
        ("property", "110.47"),
        ("water", "89.00"),
    ]
    assert open_lines(line_ids=[]) == []


def test_every_way_to_ask_gives_the_same_figure(two_bills: tuple[Bill, Bill], account: ChargeAccount) -> None:
    for as_of in (None, date(2026, 11, 6)):
        of_bills = bill_balances(Bill.objects.all(), as_of)
        annotated = bills_with_outstanding(Bill.objects.all(), as_of)
        lines = open_lines(account_ids=[account.pk], as_of=as_of)
        assert {bill.pk: bill.outstanding for bill in annotated} == {
            bill_id: balance.outstanding for bill_id, balance in of_bills.items()
        }
        assert sum(line.outstanding for line in lines) == account_balance(account.pk, as_of).outstanding
        assert sum(balance.outstanding for balance in of_bills.values()) == sum(
            line.outstanding for line in lines
        )


def test_drafts_are_not_owed(account: ChargeAccount) -> None:
    draft_bill(account, {"property": "210.47"})
    assert open_lines(account_ids=[account.pk]) == []
    assert bill_balances(Bill.objects.all()) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_balances_take_the_same_queries_for_one_and_three(
    community: Community, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    accounts = [make_account(community, f"8-1-{number}") for number in range(count)]
    bills = [issue_bill(account, {"property": "1.00", "water": "2.00"}) for account in accounts]
    with django_assert_num_queries(3):
        assert len(bill_balances([bill.pk for bill in bills])) == count
    with django_assert_num_queries(3):
        assert len(account_balances([account.pk for account in accounts])) == count
    with django_assert_num_queries(1):
        assert len(open_lines(account_ids=[account.pk for account in accounts])) == 2 * count


def test_bill_voided_later_was_owed_until_then(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    void_bill(bill=bill, reason="wrong area", day=date(2026, 11, 6), by="王芳")
    owed = [account_balance(account.pk, date(2026, 11, day)).outstanding for day in (5, 6)]
    assert owed == [Decimal("210.47"), Decimal("0.00")]
    assert [len(bill_balances([bill.pk], date(2026, 11, day))) for day in (5, 6)] == [1, 0]
    assert [check_all(date(2026, 11, day)) for day in (5, 6)] == [[], []]
