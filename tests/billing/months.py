"""A month of a village, billed."""

from __future__ import annotations

from datetime import UTC, date, datetime

from billing.models import Bill, BillRun
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import Village

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


def bill_month(village: Village, month: str = "2026-11", *, issue: bool = True) -> BillRun:
    """Bill the village for a month; without ``issue`` the bills stay drafts."""
    period = Period.month(month)
    bill_period(community=village.community, period=period, now=NOW, by="test", issue=issue)
    return BillRun.objects.get(period_start=period.start)


def bill_of(room: str, month: int = 11) -> Bill:
    """The bill of a unit for a month of 2026."""
    found: Bill = Bill.objects.get(account__unit__code=room, period_start=date(2026, month, 1))
    return found
