"""Two communities of one company and one of another, with bills, payments and arrears counted by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction

from billing.models import Bill, ChargeAccount
from billing.services.settlement import AllocationDraft, record_allocations
from core.periods import Period
from estates.models import Community, Unit
from tests.billing.factories import book_receipt, issue_bill, make_account, make_community

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
TODAY = date(2026, 11, 30)
SEPTEMBER, OCTOBER, NOVEMBER = (Period.month(f"2026-{month:02}") for month in (9, 10, 11))


@transaction.atomic
def pay(bill: Bill, amount: str, day: date) -> None:
    """Pay so much of the first line of a bill."""
    source = f"test:{bill.number}:{day}"
    book_receipt(bill.account, amount, day, source)
    draft = AllocationDraft(bill.lines.earliest("pk").pk, Decimal(amount))
    record_allocations(drafts=[draft], value_day=day, source=source, by=None, now=NOW)


@dataclass(frozen=True)
class World:
    """The spruce court: three flats in building 8 (the last on the top floor), a shop in 10, a parking space.

    301: always pays. 302: owes October, paid November. 2602: owes everything. The shop: paid September in
    November, half of October in October. The parking space: owes November.
    """

    spruce: Community
    accounts: dict[str, ChargeAccount]
    other: Community


def make_world() -> World:
    """Build it, bills of 100.00 a month for three months, 20.00 for the parking space in November."""
    spruce = make_community("spruce")
    accounts = {
        code: make_account(spruce, code, f"住户{code}")
        for code in ("8-2-301", "8-2-302", "8-1-2602", "10-1-1")
    }
    accounts["P-0-1"] = make_account(spruce, "P-0-1", "住户8-2-301")
    Unit.objects.filter(code="8-1-2602").update(is_top_floor=True)
    Unit.objects.filter(code="10-1-1").update(kind="shop")
    Unit.objects.filter(code="P-0-1").update(kind="parking", building=None, room="P-1")
    bills = {
        (code, month): issue_bill(account, {"property": "100.00"}, period=month)
        for code, account in accounts.items()
        for month in (SEPTEMBER, OCTOBER, NOVEMBER)
        if code != "P-0-1"
    }
    issue_bill(accounts["P-0-1"], {"parking": "20.00"}, period=NOVEMBER)
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        pay(bills["8-2-301", month], "100.00", month.start.replace(day=5))
    pay(bills["8-2-302", SEPTEMBER], "100.00", date(2026, 9, 25))
    pay(bills["8-2-302", NOVEMBER], "100.00", date(2026, 11, 20))
    pay(bills["10-1-1", OCTOBER], "50.00", date(2026, 10, 31))
    pay(bills["10-1-1", SEPTEMBER], "100.00", date(2026, 11, 2))
    other = make_community("elsewhere")
    issue_bill(make_account(other, "1-1-101", "别家"), {"property": "77.77"}, period=NOVEMBER)
    return World(spruce, accounts, other)
