"""Each invariant of billing sees the row that breaks it."""

import pytest
from django.db import connection

from billing.models import Bill, ChargeAccount
from core.invariants import check_all
from tests.billing.factories import draft_bill, issue_bill

BROKEN = "each test breaks one rule and looks for its name"


def found() -> list[tuple[str, dict[str, object]]]:
    return [(problem.code, dict(problem.where)) for problem in check_all()]


@pytest.mark.broken_books(BROKEN)
def test_total_that_is_not_the_sum_of_its_lines(account: ChargeAccount) -> None:
    bill = draft_bill(account, {"property": "210.47"})
    Bill.objects.filter(pk=bill.pk).update(total="210.48")
    assert found() == [("billing.bill_totals", {"bill": bill.number})]


@pytest.mark.broken_books(BROKEN)
def test_line_settled_beyond_its_amount_and_receivable_off_the_journal(account: ChargeAccount) -> None:
    line = issue_bill(account, {"property": "210.47"}).lines.get()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_allocation DISABLE TRIGGER billing_allocation_weigh")
        cursor.execute(
            "INSERT INTO billing_allocation (line_id, amount, value_day, source, written_at)"
            " VALUES (%s, 210.48, '2026-11-09', 'raw', now())",
            [line.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_allocation ENABLE TRIGGER billing_allocation_weigh")
    assert found() == [
        ("billing.lines_settled", {"line": line.pk}),
        ("billing.receivables", {"account": account.pk}),
    ]


@pytest.mark.broken_books(BROKEN)
def test_issued_bill_that_is_not_in_the_books(account: ChargeAccount) -> None:
    bill = draft_bill(account, {"property": "210.47"})
    Bill.objects.filter(pk=bill.pk).update(state="issued", issued_on="2026-11-01")
    assert found() == [("billing.receivables", {"account": account.pk})]
