"""The account statement from real rows: what it closes with is what is outstanding, on every day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from billing.models import Allocation, ChargeAccount, ChargeLine
from billing.selectors.outstanding import account_balances
from billing.selectors.statement import accounts_of_payer, accounts_of_unit, get_statement
from billing.services.bills import void_bill
from billing.services.settlement import AllocationDraft, record_allocations, reverse_allocations
from core.periods import Period
from estates.models import Community
from tests.billing.factories import book_receipt, issue_bill, make_account, make_community, waive
from tests.core.pdf import count_pages
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 5, 1, tzinfo=UTC)
SPAN = date(2026, 9, 1), date(2026, 11, 30)


@pytest.fixture
def moved(account: ChargeAccount) -> ChargeAccount:
    """September and October billed, September paid on 9 October, 5.00 of October waived, October's parking void."""
    september = issue_bill(account, {"property": "200.00"}, period=Period.month("2026-09"))
    october = issue_bill(account, {"property": "212.00"}, period=Period.month("2026-10"))
    wrong = issue_bill(account, {"parking": "50.00"}, period=Period.month("2026-10"), schedule="parking")
    pay(september.lines.get(), "200.00", date(2026, 10, 9))
    waive(october.lines.get(), "5.00", date(2026, 10, 20), NOW)
    void_bill(bill=wrong, reason="没有车位", day=date(2026, 10, 25), by="王芳")
    return account


def pay(line: ChargeLine, amount: str, day: date, source: str = "t:1") -> None:
    record_allocations(
        drafts=[AllocationDraft(line.pk, Decimal(amount))], value_day=day, source=source, by="t", now=NOW
    )
    book_receipt(line.bill.account, amount, day, source)


def test_statement_row_by_row(moved: ChargeAccount) -> None:
    found = get_statement([moved.pk], *SPAN)
    rows = [(str(r.figures.charged), str(r.figures.paid), str(r.figures.credited)) for r in found.rows]
    assert rows == [("200.00", "0.00", "0.00"), ("262.00", "200.00", "5.00"), ("-50.00", "0.00", "0.00")]
    assert str(found.figures.closing) == "207.00"
    assert (found.bill_count, found.payment_count, found.credit_count) == (3, 1, 1)


def test_statement_says_how_a_bill_compares_with_the_one_before(moved: ChargeAccount) -> None:
    with translation.override("en"):
        found = get_statement([moved.pk], *SPAN)
    assert [row.change for row in found.rows[:2]] == [
        "",
        "12.00\N{NO-BREAK SPACE}yuan more than last time, mostly for property",
    ]
    assert [movement.words for row in found.rows for movement in row.credits] == ["电梯停了 6 天"]


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 8, 31),
        date(2026, 9, 1),
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 10, 24),
        date(2026, 10, 25),
    ],
)
def test_statement_closes_with_what_is_outstanding_on_the_day(moved: ChargeAccount, day: date) -> None:
    closing = get_statement([moved.pk], date(2026, 1, 1), day).figures.closing
    assert closing == account_balances([moved.pk], day)[moved.pk].outstanding


def test_statement_shows_what_was_taken_back(moved: ChargeAccount) -> None:
    reverse_allocations(
        allocations=list(Allocation.objects.all()),
        source="t:back",
        value_day=date(2026, 11, 3),
        reason="退票",
        by="t",
        now=NOW,
    )
    book_receipt(moved, "-200.00", date(2026, 11, 3), "t:back")
    with translation.override("en"):
        found = get_statement([moved.pk], *SPAN)
    words = [(movement.words, str(movement.amount)) for row in found.rows for movement in row.payments]
    assert words == [("paid", "200.00"), ("paid taken back", "-200.00")]
    assert str(found.figures.closing) == "407.00"


def test_statement_of_a_unit_and_of_a_payer(moved: ChargeAccount, community: Community) -> None:
    garage = make_account(community, "8-2-302", "李明")
    issue_bill(garage, {"parking": "80.00"}, period=Period.month("2026-10"))
    assert list(accounts_of_unit(moved)) == [moved]
    both = accounts_of_payer(moved).values_list("pk", flat=True)
    assert str(get_statement(list(both), *SPAN).figures.closing) == "287.00"


def test_statement_page_and_paper(moved: ChargeAccount) -> None:
    client = member(Role.CASHIER, moved.community)
    page = client.get(
        reverse("billing:statement", args=[moved.pk]), {"first": "2026-09-01", "last": "2026-11-30"}
    )
    assert "207.00" in page.content.decode()
    paper = client.get(reverse("billing:statement_pdf", args=[moved.pk]))
    assert (paper.headers["Content-Type"], count_pages(paper.content)) == ("application/pdf", 1)


def test_statement_of_nonsense_days_is_the_last_twelve_months(moved: ChargeAccount) -> None:
    client = member(Role.CASHIER, moved.community)
    said = {"first": "2026-11-30", "last": "2026-01-01", "whole": "unit"}
    page = client.get(reverse("billing:statement", args=[moved.pk]), said)
    assert "The last day lies before the first." in page.content.decode()


def test_statement_of_another_community_is_not_there(moved: ChargeAccount) -> None:
    stranger: Client = member(Role.CASHIER, make_community("elsewhere"), "stranger")
    for route in ("billing:statement", "billing:statement_pdf"):
        assert stranger.get(reverse(route, args=[moved.pk])).status_code == 404
