"""Money against lines: never beyond the amount, taken back by a row, two people for a waiver."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from billing.models import Allocation, Bill, BillState, ChargeAccount, ChargeLine
from billing.selectors.outstanding import account_balance
from billing.services import settlement
from billing.services.approval import Approval, SamePersonError
from billing.services.reductions import MoreThanChargedError, reverse_reductions
from billing.services.settlement import (
    AllocationColumns,
    AllocationDraft,
    AlreadyTakenBackError,
    MoreThanOutstandingError,
    NotPositiveError,
    record_allocations,
    record_allocations_in_bulk,
    reverse_allocation,
)
from core.models import AuditRecord
from ledger import chart
from ledger.selectors import get_balance
from tests.billing.factories import book_receipt, draft_bill, issue_bill, waive
from tests.races import all_at_once

DAY = date(2026, 11, 9)
NOW = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


def line_of(bill: Bill, code: str = "property") -> ChargeLine:
    return bill.lines.get(fee_item__code=code)


@transaction.atomic
def pay(account: ChargeAccount, line: ChargeLine, amount: str, source: str = "money:1") -> Allocation:
    draft = AllocationDraft(line.pk, Decimal(amount))
    (allocation,) = record_allocations(drafts=[draft], value_day=DAY, source=source, by=None, now=NOW)
    book_receipt(account, amount, DAY, source)
    return allocation


def test_record_allocations_reduces_what_is_outstanding(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47", "water": "89.00"})
    pay(account, line_of(bill), "100.00")
    assert account_balance(account.pk).outstanding == Decimal("199.47")
    audit = AuditRecord.objects.get(action="billing.allocate")
    assert audit.after == {"lines": {str(line_of(bill).pk): "100.00"}, "value_day": "2026-11-09"}


def test_record_allocations_is_all_or_nothing(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47", "water": "89.00"})
    drafts = [
        AllocationDraft(line_of(bill).pk, Decimal("210.47")),
        AllocationDraft(line_of(bill, "water").pk, Decimal("89.01")),
    ]
    with pytest.raises(MoreThanOutstandingError) as refused:
        record_allocations(drafts=drafts, value_day=DAY, source="money:1", by=None, now=NOW)
    assert [problem.where for problem in refused.value.problems] == [{"line": line_of(bill, "water").pk}]
    assert not Allocation.objects.exists()


def test_record_allocations_adds_up_drafts_of_one_line(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    drafts = [AllocationDraft(line_of(bill).pk, Decimal("105.24"))] * 2
    with pytest.raises(MoreThanOutstandingError):
        record_allocations(drafts=drafts, value_day=DAY, source="money:1", by=None, now=NOW)


@pytest.mark.parametrize("amount", ["0.00", "-0.01"])
def test_record_allocations_wants_money(account: ChargeAccount, amount: str) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    draft = AllocationDraft(line_of(bill).pk, Decimal(amount))
    with pytest.raises(NotPositiveError):
        record_allocations(drafts=[draft], value_day=DAY, source="money:1", by=None, now=NOW)


def test_record_allocations_on_a_draft_bill_is_refused(account: ChargeAccount) -> None:
    bill = draft_bill(account, {"property": "210.47"})
    with pytest.raises(MoreThanOutstandingError) as refused:
        pay(account, line_of(bill), "1.00")
    assert [problem.code for problem in refused.value.problems] == ["billing.line_not_owed"]


def test_record_allocations_in_bulk_settles_many_receipts(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47", "water": "89.00"})
    columns = AllocationColumns(
        line_ids=np.array([line_of(bill).pk, line_of(bill).pk, line_of(bill, "water").pk]),
        amounts_fen=np.array([10000, 11047, 8900]),
        value_days=[DAY, date(2026, 11, 10), DAY],
        sources=["money:1", "money:2", "money:1"],
    )
    assert record_allocations_in_bulk(columns=columns, now=NOW) == 3
    book_receipt(account, "189.00", DAY, "money:1")
    book_receipt(account, "110.47", date(2026, 11, 10), "money:2")
    assert account_balance(account.pk).outstanding == Decimal("0.00")
    assert account_balance(account.pk, DAY).outstanding == Decimal("110.47")


def test_record_allocations_in_bulk_refuses_one_fen_too_much(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    columns = AllocationColumns(
        line_ids=np.array([line_of(bill).pk] * 2),
        amounts_fen=np.array([10000, 11048]),
        value_days=[DAY, DAY],
        sources=["money:1", "money:2"],
    )
    with pytest.raises(MoreThanOutstandingError):
        record_allocations_in_bulk(columns=columns, now=NOW)


def test_reverse_allocation_opens_the_line_again(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    allocation = pay(account, line_of(bill), "210.47")
    reversal = reverse_allocation(
        allocation=allocation,
        value_day=date(2026, 11, 12),
        source="refund:1",
        reason="paid twice",
        by=None,
        now=NOW,
    )
    book_receipt(account, "-210.47", date(2026, 11, 12), "refund:1")
    assert (reversal.amount, reversal.reverses_id) == (Decimal("-210.47"), allocation.pk)
    assert account_balance(account.pk, date(2026, 11, 11)).outstanding == Decimal("0.00")
    assert account_balance(account.pk, date(2026, 11, 12)).outstanding == Decimal("210.47")


def test_reverse_allocation_twice_is_refused(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    allocation = pay(account, line_of(bill), "210.47")
    take_back = partial(
        reverse_allocation, value_day=DAY, source="refund:1", reason="paid twice", by=None, now=NOW
    )
    reversal = take_back(allocation=allocation)
    book_receipt(account, "-210.47", DAY, "refund:1")
    for taken_back in (allocation, reversal):
        with pytest.raises(AlreadyTakenBackError):
            take_back(allocation=taken_back)


def test_waiver_reduces_the_line_and_the_receivable(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    waive(line_of(bill), "42.09", DAY, NOW)
    assert account_balance(account.pk).outstanding == Decimal("168.38")
    assert get_balance(code=chart.WAIVER) == Decimal("42.09")
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=account.pk) == Decimal("168.38")


def test_waiver_needs_a_second_person(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    with pytest.raises(SamePersonError):
        waive(line_of(bill), "42.09", DAY, NOW, agreed="王芳")


def test_waiver_never_exceeds_what_the_line_asks_for(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    pay(account, line_of(bill), "200.00")
    with pytest.raises(MoreThanChargedError):
        waive(line_of(bill), "210.48", DAY, NOW)
    waive(line_of(bill), "10.47", DAY, NOW)
    assert account_balance(account.pk).outstanding == Decimal("0.00")


def test_reverse_reductions_restores_the_line(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47"})
    waiver = waive(line_of(bill), "42.09", DAY, NOW)
    approval = Approval("", "counted twice", "王芳", "赵强", DAY, NOW)
    reverse_reductions(reductions=[waiver], approval=approval)
    assert account_balance(account.pk).outstanding == Decimal("210.47")
    with pytest.raises(AlreadyTakenBackError):
        reverse_reductions(reductions=[waiver], approval=approval)


# The database's own word ---------------------------------------------------------------------------


def insert_allocation(line: ChargeLine, amount: str, reverses: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_allocation (line_id, amount, value_day, source, reverses_id, written_at)"
            " VALUES (%s, %s, '2026-11-09', 'raw', %s, now())",
            [line.pk, amount, reverses],
        )


def test_guard_refuses_more_than_the_line(account: ChargeAccount) -> None:
    line = line_of(issue_bill(account, {"property": "210.47"}))
    with pytest.raises(IntegrityError, match="settled beyond its amount"), transaction.atomic():
        insert_allocation(line, "210.48")


def test_guard_counts_waivers_and_allocations_together(account: ChargeAccount) -> None:
    line = line_of(issue_bill(account, {"property": "210.47"}))
    waive(line, "42.09", DAY, NOW)
    with pytest.raises(IntegrityError, match="settled beyond its amount"), transaction.atomic():
        insert_allocation(line, "168.39")


def test_guard_refuses_less_than_nothing(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "210.47", "water": "89.00"})
    paid = pay(account, line_of(bill), "10.00")
    with pytest.raises(IntegrityError, match="below zero"), transaction.atomic():
        insert_allocation(line_of(bill, "water"), "-10.00", paid.pk)


def test_guard_refuses_money_on_a_draft(account: ChargeAccount) -> None:
    line = line_of(draft_bill(account, {"property": "210.47"}))
    with pytest.raises(IntegrityError, match="not issued"), transaction.atomic():
        insert_allocation(line, "1.00")


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["billing_allocation", "billing_waiver"])
def test_settlement_is_append_only(account: ChargeAccount, table: str, statement: str) -> None:
    line = line_of(issue_bill(account, {"property": "210.47"}))
    pay(account, line, "10.00")
    waive(line, "10.00", DAY, NOW)
    connection.check_constraints()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def pay_twice_at_once(account: ChargeAccount) -> list[str]:
    """Let two payers pay 210.47 for one line of as much at the same moment; return how the losers were told."""
    line = line_of(issue_bill(account, {"property": "210.47"}))
    found = all_at_once(*(partial(pay, account, line, "210.47", f"money:{number}") for number in (1, 2)))
    return [type(result).__name__ for result in found if isinstance(result, Exception)]


@pytest.mark.django_db(transaction=True)
def test_two_payers_of_one_line_at_once(account: ChargeAccount) -> None:
    assert pay_twice_at_once(account) == ["MoreThanOutstandingError"]
    assert account_balance(account.pk).outstanding == Decimal("0.00")


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody locks the lines, and both payers have looked before either writes."""
    looked = threading.Barrier(2, timeout=60)
    refuse = settlement._refuse_more_than_outstanding

    def refuse_and_wait(wanted: dict[int, Decimal]) -> None:
        refuse(wanted)
        looked.wait()

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows.all())
    monkeypatch.setattr(settlement, "_refuse_more_than_outstanding", refuse_and_wait)


@pytest.mark.usefixtures("unlocked")
@pytest.mark.django_db(transaction=True)
def test_two_payers_without_the_lock_are_stopped_by_the_guard(account: ChargeAccount) -> None:
    assert pay_twice_at_once(account) == ["IntegrityError"]
    assert account_balance(account.pk).settled == Decimal("210.47")


@pytest.mark.broken_books("the lock and the guard are both off: the red twin of the two tests above")
@pytest.mark.usefixtures("unlocked")
@pytest.mark.django_db(transaction=True)
def test_two_payers_without_lock_and_guard_pay_twice(account: ChargeAccount) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_allocation DISABLE TRIGGER billing_allocation_weigh")
    raised = pay_twice_at_once(account)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_allocation ENABLE TRIGGER billing_allocation_weigh")
    assert raised == []
    assert account_balance(account.pk).settled == Decimal("420.94")


def test_void_bill_owes_nothing(account: ChargeAccount) -> None:
    bill = draft_bill(account, {"property": "210.47"})
    Bill.objects.filter(pk=bill.pk).update(state=BillState.VOID)
    assert account_balance(account.pk).outstanding == Decimal("0.00")
