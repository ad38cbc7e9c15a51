"""Reads of dunning."""

from __future__ import annotations

from datetime import date, timedelta

from payments.selectors.freshness import newest_payment_day


def is_payment_data_fresh(*, community_id: int, as_of: date, within_days: int) -> bool:
    """Say whether the payments of a community are known up to at most ``within_days`` before the day (F17)."""
    newest = newest_payment_day(community_id)
    return newest is not None and newest >= as_of - timedelta(days=within_days)
