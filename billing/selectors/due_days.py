"""The day by which a bill that is issued on some day is to be paid."""

from __future__ import annotations

from datetime import date, timedelta

from billing.models import BillingPolicy
from core.calendars import get_calendar


def find_due_day(community_id: int, day: date) -> date:
    """Return the due day of a bill issued on a day: the community's term, moved to a working day (Civil Code 203)."""
    policy = BillingPolicy.objects.filter(community=community_id).first() or BillingPolicy()
    return get_calendar().next_workday(day + timedelta(days=policy.due_after_days))
