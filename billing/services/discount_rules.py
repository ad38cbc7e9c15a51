"""Rules of discounts: one person proposes, another agrees, and from then on they hold for every owner alike (B5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import DiscountRule
from billing.selectors.discounts import approved_rules
from billing.services.deciding import check_decision, write_decision
from core import audit
from core.errors import ConflictError, InvalidError
from core.figures import format_date, format_span
from core.reasons import require_reason
from estates.models import Community

FACTS = (
    "kind", "fee_item_id", "name", "months", "gift_months", "percent", "amount", "start", "end",
)  # fmt: skip


class OverlappingRulesError(ConflictError):
    """Another rule of the kind holds for the same fees on some of the days."""

    code = "billing.discount_overlaps"


class EndTooEarlyError(InvalidError):
    """A rule that owners may have relied on cannot end in the past, nor be made longer."""

    code = "billing.discount_end"
    message = gettext_lazy("A rule can end today or later, not in the past, and not later than it said.")


@transaction.atomic
def propose_rule(*, rule: DiscountRule, by: Any, now: datetime) -> DiscountRule:
    """Write down a new rule; it gives nothing before another person has approved it.

    Raises ReasonMissingError, OverlappingRulesError.
    """
    rule.reason = require_reason(rule.reason)
    refuse_overlap(rule)
    rule.requested_by, rule.requested_at = str(by), now
    rule.save()
    _audit("billing.request_discount", rule, by)
    return rule


@transaction.atomic
def approve_rule(*, rule: DiscountRule, by: Any, now: datetime) -> DiscountRule:
    """Agree to a rule. The community is locked, so that of two rules that overlap one is approved.

    Raises RequestDecidedError, SamePersonError, OverlappingRulesError.
    """
    Community.objects.select_for_update(no_key=True).get(pk=rule.community_id)
    rule = _lock(rule)
    check_decision(rule, by)
    refuse_overlap(rule)
    return _decide(rule, "approve", by, now)


@transaction.atomic
def refuse_rule(*, rule: DiscountRule, by: Any, now: datetime) -> DiscountRule:
    """Say no to a rule. Raises RequestDecidedError, SamePersonError."""
    rule = _lock(rule)
    check_decision(rule, by)
    return _decide(rule, "refuse", by, now)


@transaction.atomic
def end_rule(*, rule: DiscountRule, last_day: date, by: Any, today: date) -> DiscountRule:
    """Let a rule hold until a day and no longer; what it has given or promised stays.

    Raises EndTooEarlyError.
    """
    rule = _lock(rule)
    end = last_day + timedelta(days=1)
    if last_day < max(today, rule.start) or (rule.end and end > rule.end):
        raise EndTooEarlyError()
    before, rule.end = rule.end, end
    rule.save(update_fields=["end"])
    audit.record(
        action="billing.end_discount",
        target=rule,
        by=by,
        community_id=rule.community_id,
        before={"end": before},
        after={"end": end},
    )
    return rule


def refuse_overlap(rule: DiscountRule) -> None:
    """Raise OverlappingRulesError, naming the other rule and its days, when an approved one stands in the way.

    A rule for all fee items overlaps with one for any of them.
    """
    others = approved_rules(rule.community_id, rule.kind)
    if rule.fee_item_id:
        others = others.filter(Q(fee_item=None) | Q(fee_item=rule.fee_item_id))
    other = others.exclude(pk=rule.pk).overlapping(rule.start, rule.end or date.max).first()
    if other:
        words = {"name": other.name, "days": tell_days(other)}
        raise OverlappingRulesError(
            _("“%(name)s” holds for the same fees %(days)s. End it first, or choose other days.") % words
        )


def tell_days(rule: DiscountRule) -> str:
    """Say from when until when a rule holds."""
    if rule.last_day:
        return format_span(rule.start, rule.last_day)
    return _("%(day)s and after") % {"day": format_date(rule.start)}


def _lock(rule: DiscountRule) -> DiscountRule:
    found: DiscountRule = DiscountRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    return found


def _decide(rule: DiscountRule, step: str, by: Any, now: datetime) -> DiscountRule:
    write_decision(rule, step, by=str(by), now=now)
    _audit(f"billing.{rule.state}_discount", rule, by)
    return rule


def _audit(action: str, rule: DiscountRule, by: Any) -> None:
    audit.record(
        action=action,
        target=rule,
        by=by,
        community_id=rule.community_id,
        after={name: getattr(rule, name) for name in FACTS},
        reason=rule.reason,
    )
