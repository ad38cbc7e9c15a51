"""A fen never keeps a bill open: the tolerance of a community, from a day on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.models import Allocation, Bill, ChargeAccount, Tolerance, Waiver
from billing.policies import ToleranceForm
from billing.selectors.outstanding import bill_balances
from billing.services.settlement import AllocationDraft, record_allocations
from billing.services.tolerance import find_tolerance, forgive_remainders, has_tolerance
from tests.billing.factories import book_receipt, issue_bill

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 5, 1, tzinfo=UTC)
DAY = date(2026, 11, 5)


@pytest.fixture
def bill(account: ChargeAccount) -> Bill:
    """100.00 in two lines, and 0.05 let go of from November on."""
    Tolerance.objects.create(community=account.community, amount=Decimal("0.05"), start=date(2026, 11, 1))
    return issue_bill(account, {"property": "60.00", "water": "40.00"})


def pay(bill: Bill, amounts: dict[str, str]) -> list[Waiver]:
    lines = dict(bill.lines.values_list("fee_item__code", "pk"))
    drafts = [AllocationDraft(lines[code], Decimal(amount)) for code, amount in amounts.items()]
    record_allocations(drafts=drafts, value_day=DAY, source="t:7", by="t", now=NOW)
    book_receipt(bill.account, str(sum(draft.amount for draft in drafts)), DAY, "t:7")
    return forgive_remainders(
        community_id=bill.community_id, bill_ids=[bill.pk], source="t:7", day=DAY, now=NOW
    )


@pytest.mark.parametrize(("paid", "let_go"), [("39.96", "0.04"), ("39.95", "0.05"), ("39.94", None)])
def test_forgive_remainders_up_to_the_tolerance(bill: Bill, paid: str, let_go: str | None) -> None:
    rows = pay(bill, {"property": "60.00", "water": paid})
    assert [(str(row.amount), row.kind) for row in rows] == ([(let_go, "tolerance")] if let_go else [])
    left = Decimal(0) if let_go else Decimal("0.06")
    assert bill_balances([bill.pk])[bill.pk].outstanding == left


def test_forgive_remainders_of_several_lines_counts_them_together(bill: Bill) -> None:
    assert pay(bill, {"property": "59.97", "water": "39.96"}) == []


def test_forgive_remainders_twice_is_once(bill: Bill) -> None:
    pay(bill, {"property": "60.00", "water": "39.99"})
    again = forgive_remainders(
        community_id=bill.community_id, bill_ids=[bill.pk], source="t:7", day=DAY, now=NOW
    )
    assert (again, Waiver.objects.count(), Allocation.objects.count()) == ([], 1, 2)


def test_forgive_remainders_needs_a_policy_of_the_day(bill: Bill) -> None:
    Tolerance.objects.update(start=date(2026, 11, 6))
    assert pay(bill, {"property": "60.00", "water": "39.99"}) == []


@pytest.mark.parametrize(
    ("day", "amount"),
    [(date(2026, 10, 31), "0.00"), (date(2026, 11, 1), "0.05"), (date(2026, 12, 1), "0.00")],
)
def test_find_tolerance_is_that_of_the_day(bill: Bill, day: date, amount: str) -> None:
    Tolerance.objects.create(community=bill.community, amount=Decimal("0.00"), start=date(2026, 12, 1))
    assert find_tolerance(bill.community_id, day) == Decimal(amount)
    assert has_tolerance(bill.community_id)


def test_tolerance_form_keeps_what_held_before(bill: Bill) -> None:
    newest = Tolerance.objects.get()
    form = ToleranceForm({"amount": "0.10", "start": "2027-01-01"}, instance=newest)
    assert form.is_valid(), form.errors
    form.save()
    rows = Tolerance.objects.order_by("start").values_list("amount", "start")
    assert list(rows) == [(Decimal("0.05"), date(2026, 11, 1)), (Decimal("0.10"), date(2027, 1, 1))]
    again = ToleranceForm(
        {"amount": "0.08", "start": "2027-01-01"}, instance=Tolerance.objects.latest("start")
    )
    assert again.is_valid()
    again.save()
    assert Tolerance.objects.count() == 2
