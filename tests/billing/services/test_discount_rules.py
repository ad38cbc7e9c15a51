"""Rules of discounts: two people, no two for the same fees on the same days, and an end that surprises nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.domain.requests import RequestDecidedError
from billing.models import ChargeAccount, DiscountKind, DiscountRule, RequestState
from billing.services.approval import SamePersonError
from billing.services.discount_rules import (
    EndTooEarlyError,
    OverlappingRulesError,
    approve_rule,
    end_rule,
    propose_rule,
    refuse_rule,
)
from core.models import AuditRecord
from core.reasons import ReasonMissingError
from estates.models import Community
from tests.billing.discounts import make_rule, twelve_and_one
from tests.billing.factories import make_community, make_fee_item

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 5, 1, tzinfo=UTC)
TODAY = date(2026, 11, 5)


@pytest.fixture
def community(account: ChargeAccount) -> Community:
    return account.community


def draft(community: Community, **facts: Any) -> DiscountRule:
    """Two percent for paying on time, from December 2026 on."""
    defaults = {
        "kind": DiscountKind.ON_TIME,
        "name": "按时交优惠",
        "percent": Decimal("2.00"),
        "start": date(2026, 12, 1),
        "reason": "第 8 号决议",
    }
    return DiscountRule(community=community, **defaults | facts)


def test_rule_waits_for_a_second_person(community: Community) -> None:
    rule = propose_rule(rule=draft(community), by="anna", now=NOW)
    assert rule.state == RequestState.REQUESTED
    with pytest.raises(SamePersonError):
        approve_rule(rule=rule, by="anna", now=NOW)
    approved = approve_rule(rule=rule, by="boris", now=NOW)
    assert (approved.state, approved.decided_by) == (RequestState.APPROVED, "boris")
    with pytest.raises(RequestDecidedError):
        refuse_rule(rule=rule, by="clara", now=NOW)
    assert list(AuditRecord.objects.order_by("pk").values_list("action", flat=True)) == [
        "billing.request_discount",
        "billing.approved_discount",
    ]


def test_rule_needs_to_say_where_it_was_agreed(community: Community) -> None:
    with pytest.raises(ReasonMissingError):
        propose_rule(rule=draft(community, reason=" "), by="anna", now=NOW)


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (date(2026, 11, 1), date(2026, 12, 1), False),  # ends the day before
        (date(2026, 11, 1), date(2026, 12, 2), True),
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),  # begins the day after
        (date(2026, 11, 1), None, True),
    ],
)
def test_rules_of_a_kind_and_scope_never_overlap(
    community: Community, start: date, end: date | None, overlaps: bool
) -> None:
    make_rule(
        community, DiscountKind.ON_TIME, percent=Decimal(1), start=date(2026, 12, 1), end=date(2027, 1, 1)
    )
    rule = draft(community, start=start, end=end)
    if overlaps:
        with pytest.raises(OverlappingRulesError, match="on_time"):
            propose_rule(rule=rule, by="anna", now=NOW)
    else:
        assert propose_rule(rule=rule, by="anna", now=NOW).pk


@pytest.mark.parametrize(
    ("held", "wanted", "overlaps"),
    [
        ("property", "property", True),
        ("property", "parking", False),
        ("", "property", True),  # the whole bill has the item in it
        ("property", "", True),
        ("", "", True),
    ],
)
def test_a_rule_for_all_items_overlaps_with_any(
    community: Community, held: str, wanted: str, overlaps: bool
) -> None:
    make_rule(community, DiscountKind.ON_TIME, held, percent=Decimal(1))
    rule = draft(community, fee_item=make_fee_item(community, wanted) if wanted else None)
    if overlaps:
        with pytest.raises(OverlappingRulesError):
            propose_rule(rule=rule, by="anna", now=NOW)
    else:
        assert propose_rule(rule=rule, by="anna", now=NOW).pk


def test_rules_of_another_kind_or_community_do_not_overlap(community: Community) -> None:
    twelve_and_one(community)
    make_rule(make_community("lushan"), DiscountKind.ON_TIME, percent=Decimal(1))
    assert propose_rule(rule=draft(community, start=date(2026, 10, 1)), by="anna", now=NOW).pk


def test_of_two_waiting_rules_the_second_is_refused_by_words_and_by_the_database(
    community: Community,
) -> None:
    first, second = (propose_rule(rule=draft(community), by="anna", now=NOW) for _ in range(2))
    approve_rule(rule=first, by="boris", now=NOW)
    with pytest.raises(OverlappingRulesError):
        approve_rule(rule=second, by="boris", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        DiscountRule.objects.filter(pk=second.pk).update(state=RequestState.APPROVED, decided_by="boris")


@pytest.mark.parametrize(
    "terms",
    [
        {"percent": None},
        {"percent": Decimal(2), "amount": Decimal(5)},
        {"kind": DiscountKind.MONTHS},
        {"kind": DiscountKind.PERCENT, "months": 12},
    ],
)
def test_a_rule_without_its_terms_is_refused_by_the_database(
    community: Community, terms: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        propose_rule(rule=draft(community, **terms), by="anna", now=NOW)


@pytest.mark.parametrize(
    ("last_day", "may"),
    [
        (date(2026, 11, 4), False),  # yesterday
        (date(2026, 11, 5), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),  # longer than agreed
    ],
)
def test_end_rule_neither_in_the_past_nor_later(community: Community, last_day: date, may: bool) -> None:
    rule = make_rule(community, DiscountKind.ON_TIME, percent=Decimal(1), end=date(2027, 1, 1))
    if may:
        assert end_rule(rule=rule, last_day=last_day, by="boris", today=TODAY).last_day == last_day
    else:
        with pytest.raises(EndTooEarlyError):
            end_rule(rule=rule, last_day=last_day, by="boris", today=TODAY)
