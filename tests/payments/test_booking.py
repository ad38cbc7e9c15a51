"""Money becomes a receipt, allocations, prepayment and a balanced entry."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Allocation, LateFeePolicy
from core.models import OutboxEvent
from ledger import chart
from ledger.selectors import get_balance
from payments.models import Channel, PrepaymentEntry, Receipt, ReceiptSeries
from payments.services.booking import Incoming, book_receipt
from payments.services.numbering import take_numbers
from tests.payments.world import NOW, World


def money(world: World, amount: str, **more: Any) -> Incoming:
    return Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW, **more)


def test_book_receipt_meets_the_oldest_bill_first_and_keeps_the_rest_as_prepayment(world: World) -> None:
    world.bill(world.accounts[0], "268.41", due=date(2026, 10, 20))
    world.bill(world.accounts[0], "291.36")

    receipt = book_receipt(incoming=money(world, "605.30", tendered=Decimal("610.00")), now=NOW)

    assert world.open_amounts() == []
    assert list(Allocation.objects.order_by("pk").values_list("amount", "source")) == [
        (Decimal("268.41"), f"receipt:{receipt.pk}"),
        (Decimal("291.36"), f"receipt:{receipt.pk}"),
    ]
    assert PrepaymentEntry.objects.get().amount == Decimal("45.53")
    assert receipt.number == "SJ2026-000001"
    assert get_balance(code=chart.CASH) == Decimal("605.30")
    assert get_balance(code=chart.RECEIVABLE) == Decimal("0.00")
    assert get_balance(code=chart.PREPAYMENT, charge_account_id=world.accounts[0].pk) == Decimal("-45.53")


def test_book_receipt_tells_the_others(world: World) -> None:
    world.bill(world.accounts[0], "10.00")
    receipt = book_receipt(incoming=money(world, "10.00"), now=NOW)
    event = OutboxEvent.objects.get(name="payments.received")
    assert event.payload == {"receipt_id": receipt.pk}


def test_book_receipt_of_a_choice_touches_no_other_line(world: World) -> None:
    first, second = world.bill(world.accounts[0], "100.00", "50.00")
    (other,) = world.bill(world.accounts[1], "80.00")
    chosen = {second.pk: Decimal("50.00"), other.pk: Decimal("30.00")}

    book_receipt(incoming=money(world, "80.00", chosen=chosen), now=NOW)

    assert world.open_amounts() == [Decimal("100.00"), Decimal("50.00")]
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=world.accounts[1].pk) == Decimal("50.00")
    assert first.pk not in Allocation.objects.values_list("line_id", flat=True)


def test_book_receipt_leaves_money_with_the_unit_it_was_chosen_for(world: World) -> None:
    (mine,) = world.bill(world.accounts[0], "100.00")
    (neighbour,) = world.bill(world.accounts[1], "60.00")
    chosen = {mine.pk: Decimal("100.00"), neighbour.pk: Decimal("60.00")}
    book_receipt(incoming=money(world, "60.00", chosen={neighbour.pk: Decimal("60.00")}), now=NOW)

    book_receipt(incoming=money(world, "160.00", chosen=chosen), now=NOW)

    assert list(PrepaymentEntry.objects.values_list("account_id", "amount")) == [
        (world.accounts[1].pk, Decimal("60.00"))
    ]


@pytest.mark.parametrize(
    ("paid_at", "day"),
    [
        (datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 16, 0, 0, tzinfo=UTC), date(2026, 11, 20)),
    ],
    ids=["23:59:59 in Shanghai", "midnight in Shanghai"],
)
def test_book_receipt_takes_the_value_day_of_the_place(world: World, paid_at: datetime, day: date) -> None:
    incoming = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("1.00"), paid_at)
    assert book_receipt(incoming=incoming, now=NOW).value_day == day


def test_book_receipt_of_one_transaction_twice_is_refused_by_the_database(world: World) -> None:
    wechat = Incoming(world.accounts[0].pk, Channel.WECHAT, Decimal("5.00"), NOW, transaction_id="4200001")
    book_receipt(incoming=wechat, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        book_receipt(incoming=wechat, now=NOW)
    assert Receipt.objects.count() == 1
    assert get_balance(code=chart.WECHAT) == Decimal("5.00")


def test_take_numbers_leaves_no_gap_when_a_receipt_is_rolled_back(world: World) -> None:
    book_receipt(incoming=money(world, "1.00"), now=NOW)
    with transaction.atomic():
        book_receipt(incoming=money(world, "1.00"), now=NOW)
        transaction.set_rollback(True)
    book_receipt(incoming=money(world, "1.00"), now=NOW)
    assert list(Receipt.objects.order_by("pk").values_list("number", flat=True)) == [
        "SJ2026-000001",
        "SJ2026-000002",
    ]


@pytest.mark.broken_books("numbers are taken for no receipt")
def test_take_numbers_starts_anew_with_each_year_and_company(world: World) -> None:
    with transaction.atomic():
        assert take_numbers(company_id=world.company.pk, prefix="SJ", day=date(2026, 12, 31), count=2) == [
            "SJ2026-000001",
            "SJ2026-000002",
        ]
        assert take_numbers(company_id=world.company.pk, prefix="SJ", day=date(2027, 1, 1)) == [
            "SJ2027-000001"
        ]
    assert ReceiptSeries.objects.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_receipt SET amount = 1",
        "DELETE FROM payments_receipt",
        "UPDATE payments_prepaymententry SET amount = 1",
        "DELETE FROM payments_prepaymententry",
        "TRUNCATE payments_receiptprint",
    ],
)
def test_money_rows_refuse_every_change(world: World, statement: str) -> None:
    book_receipt(incoming=money(world, "1.00"), now=NOW + timedelta(hours=1))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


MOST_QUERIES = 25
"""Of one payment, with the two of its savepoints in a test; each thing is locked, read and written once."""


@pytest.mark.parametrize("directed", [True, False], ids=["chosen lines", "by the policy"])
@pytest.mark.parametrize("bills", [1, 3])
def test_book_receipt_asks_the_database_a_bounded_number_of_times(
    world: World, bills: int, directed: bool
) -> None:
    LateFeePolicy.objects.create(community=world.community, start=date(2026, 1, 1), percent=Decimal("0.05"))
    lines = [line for _ in range(bills) for line in world.bill(world.accounts[0], "10.00", "5.00")]
    chosen = {line.pk: line.amount for line in lines} if directed else None
    incoming = money(world, f"{15 * bills}.00", chosen=chosen)
    with CaptureQueriesContext(connection) as asked:
        book_receipt(incoming=incoming, now=NOW)
    assert len(asked) <= MOST_QUERIES
    assert world.open_amounts() == []
