"""Approved rules of discounts, for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from billing.models import DiscountKind, DiscountRule, RequestState
from estates.models import Community
from tests.billing.factories import make_fee_item

ASKED = datetime(2026, 10, 1, 2, tzinfo=UTC)


def make_rule(community: Community, kind: DiscountKind, item: str = "", **terms: Any) -> DiscountRule:
    """A rule in force from 1 October 2026 on, asked for by one person and approved by another."""
    defaults: dict[str, Any] = {
        "name": str(kind),
        "start": date(2026, 10, 1),
        "reason": "业主大会第 7 号决议",
        "state": RequestState.APPROVED,
        "requested_by": "anna",
        "requested_at": ASKED,
        "decided_by": "boris",
        "decided_at": ASKED,
    }
    fee_item = make_fee_item(community, item) if item else None
    rule: DiscountRule = DiscountRule.objects.create(
        community=community, kind=kind, fee_item=fee_item, **defaults | terms
    )
    return rule


def twelve_and_one(community: Community, item: str = "property", **terms: Any) -> DiscountRule:
    """Pay twelve months of a fee item, get one."""
    return make_rule(
        community, DiscountKind.MONTHS, item, name="交12个月送1个月", months=12, gift_months=1, **terms
    )
