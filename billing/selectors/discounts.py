"""Discounts as they stand: the rules of a day, what is left of money paid ahead, and what bills were given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Max, Min, Q, Sum

from billing.domain.discounts import Ahead, promise_months, promise_percent, round_fen, shrink
from billing.domain.explain_discount import LEFT
from billing.models import (
    Bill,
    ChargeAccount,
    ChargeLine,
    Discount,
    DiscountKind,
    DiscountRule,
    PaidAhead,
    PaidAheadReturn,
    RequestState,
    Waiver,
)
from billing.models.discounts import AHEAD
from billing.models.requests import RequestQuerySet
from billing.models.runs import REGULAR
from billing.selectors.outstanding import OpenLine, open_lines
from core.money import to_fen, to_yuan
from core.periods import Period, month_fraction
from estates.models import SpanQuerySet

"""The schedule of the bills a discount is for: neither late fee nor corrections nor what was brought in."""


def approved_rules(community_id: int, *kinds: str) -> SpanQuerySet:
    """The approved rules of a community, of these kinds, whatever their days."""
    rules: SpanQuerySet = SpanQuerySet(DiscountRule).select_related("fee_item").order_by("start", "pk")
    return rules.filter(community=community_id, state=RequestState.APPROVED, kind__in=kinds)


def list_rules(user: Any) -> RequestQuerySet[DiscountRule]:
    """The rules in a person's scope, of each community the newest first."""
    rules: RequestQuerySet[DiscountRule] = DiscountRule.objects.visible_to(user)
    return rules.select_related("community", "fee_item")


def list_rules_on_time(community_id: int) -> list[DiscountRule]:
    """The rules of a community for bills paid on time."""
    return list(approved_rules(community_id, DiscountKind.ON_TIME))


def list_rules_ahead(community_id: int, day: date, fee_item_id: int | None = None) -> list[DiscountRule]:
    """The rules that money paid ahead on a day earns by, for one fee item or all of them."""
    rules = approved_rules(community_id, *AHEAD).on(day)
    return list(rules.filter(fee_item=fee_item_id) if fee_item_id else rules)


def find_monthly_fee(account_id: int, fee_item_id: int) -> Fraction | None:
    """What an account is charged a month for a fee item by its last regular bill with it, in fen, exactly.

    None before the first. Lines of several pieces count together, over the days they cover.
    """
    lines = ChargeLine.objects.filter(
        bill__in=Bill.objects.issued().filter(account=account_id, schedule=REGULAR), fee_item=fee_item_id
    )
    last = lines.order_by("-bill__period_start", "-bill_id").values_list("bill_id", flat=True).first()
    if last is None:
        return None
    whole = lines.filter(bill=last).aggregate(
        sum=Sum("amount"), start=Min("period_start"), end=Max("period_end")
    )
    return Fraction(to_fen(whole["sum"])) / month_fraction(Period(whole["start"], whole["end"]))


# Paid ahead ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """What an account may pay ahead by a rule: the least that earns the gift, what is open included, and the gift."""

    rule: DiscountRule
    needed: Decimal
    gift: Decimal

    @property
    def fee_item_id(self) -> int:
        """The fee item it is for."""
        return self.rule.fee_item_id or 0


def list_offers(account: ChargeAccount, day: date) -> list[Offer]:
    """What an account may pay ahead on a day to earn a gift, rule by rule; none for a fee item never billed."""
    rules = list_rules_ahead(account.community_id, day)
    if not rules:
        return []
    lines = open_lines(account_ids=[account.pk])
    found = [_offer(rule, account.pk, lines) for rule in rules]
    return [offer for offer in found if offer]


def _offer(rule: DiscountRule, account_id: int, lines: Iterable[OpenLine]) -> Offer | None:
    monthly = find_monthly_fee(account_id, rule.fee_item_id or 0)
    if not monthly:
        return None
    open_now = sum(to_fen(line.outstanding) for line in lines if line.fee_item_id == rule.fee_item_id)
    least = round_fen(monthly * (rule.months or 0) * (1 - Fraction(rule.percent or 0) / 100))
    return Offer(rule, to_yuan(open_now + least), to_yuan(weigh_gift(rule, least, monthly)))


def weigh_gift(rule: DiscountRule, ahead: int, monthly: Fraction) -> int:
    """Return the gift a rule gives for so much money ahead, both in fen; nothing for less than its months."""
    months = rule.months or 0
    if ahead <= 0:
        return 0
    if rule.kind == DiscountKind.MONTHS:
        return promise_months(ahead, monthly, months=months, gift_months=rule.gift_months or 0)
    return promise_percent(ahead, monthly, months=months, percent=Fraction(rule.percent or 0) / 100)


@dataclass(frozen=True)
class Standing:
    """A payment ahead and what is left of it."""

    row: PaidAhead
    ahead: Ahead
    has_discounted: frozenset[int]

    @property
    def money_left(self) -> Decimal:
        """What is left of the money, in yuan."""
        return to_yuan(self.ahead.money)

    @property
    def gift_left(self) -> Decimal:
        """What is still to come of the gift, in yuan."""
        return to_yuan(self.ahead.gift_left)


def list_paid_ahead(account_id: int, fee_item_id: int | None = None) -> list[Standing]:
    """The payments ahead of an account that something is left of, the earliest first; for one fee item, or all."""
    rows = PaidAhead.objects.filter(account=account_id).select_related("rule__fee_item")
    if fee_item_id:
        rows = rows.filter(rule__fee_item=fee_item_id)
    standing = _weigh(list(rows.order_by("day", "pk")))
    return [one for one in standing if one.ahead.money > 0]


def _weigh(rows: Collection[PaidAhead]) -> list[Standing]:
    """Put together what was promised, what discounts that still stand have used, and what was given back."""
    used, lines = _sum_used(rows)
    returned: Mapping[int, tuple[Decimal, Decimal]] = {
        pk: (money, gift)
        for pk, money, gift in PaidAheadReturn.objects.filter(ahead__in=rows)
        .order_by()
        .values_list("ahead")
        .annotate(Sum("money"), Sum("gift"))
    }
    return [_standing(row, used[row.pk], returned.get(row.pk), lines[row.pk]) for row in rows]


def _standing(
    row: PaidAhead, used: tuple[int, int], returned: tuple[Decimal, Decimal] | None, lines: Collection[int]
) -> Standing:
    money, gift = (to_fen(amount) for amount in returned) if returned else (0, 0)
    ahead = Ahead(to_fen(row.paid), to_fen(row.gift), used[0] + money, used[1] + gift)
    return Standing(row, ahead, frozenset(lines))


def _sum_used(rows: Collection[PaidAhead]) -> tuple[dict[int, tuple[int, int]], dict[int, set[int]]]:
    """Money and gift that live discounts have used, and the lines that ever had one, by payment ahead."""
    used: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    lines: dict[int, set[int]] = defaultdict(set)
    found: Iterable[Any] = Discount.objects.filter(ahead__in=rows).values_list(
        "ahead", "waiver__line", "waiver__amount", "waiver__reversal", "inputs__covered"
    )
    for pk, line, amount, reversal, covered in found:
        lines[pk].add(line)
        if reversal is None:
            money, gift = used[pk]
            earned = to_fen(amount)
            used[pk] = money + to_fen(Decimal(covered)) - earned, gift + earned
    return used, lines


# What turned out wrong ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shrinking:
    """A discount of a line that turns out to cost less: given ``on`` an amount of which so much is ``left``."""

    row: Waiver
    on: Decimal
    left: Decimal

    @property
    def stays(self) -> Decimal:
        """What stays of the discount, in yuan."""
        return to_yuan(shrink(to_fen(self.row.amount), to_fen(self.on), to_fen(self.left)))

    @property
    def inputs(self) -> dict[str, str]:
        """The figures it is worked out from again; of a payment ahead also what it covers of the line now."""
        figures = {"kind": LEFT, "given": str(self.row.amount), "on": str(self.on), "left": str(self.left)}
        return figures | ({"covered": str(self.left)} if self.row.discount.ahead_id else {})


def list_shrinking(asks: Mapping[int, Decimal], less: Mapping[int, Decimal]) -> list[Shrinking]:
    """The discounts that go down with their lines, which ask for so much now and turn out to cost so much less.

    A discount for paying on time was given on all of the line; one for paying ahead on what the payment
    covered, so that it stays until the line costs less than that.
    """
    live = Waiver.objects.filter(line__in=less, kind="discount", reverses=None, reversal=None)
    by_line: dict[int, list[Waiver]] = defaultdict(list)
    for row in live.select_related("discount__rule", "discount__ahead").order_by("pk"):
        by_line[row.line_id].append(row)
    shrinking = []
    for line_id, rows in by_line.items():
        base = asks[line_id] + sum((row.amount for row in rows), Decimal(0))
        costs = max(base - less[line_id], Decimal("0.00"))
        for row in rows:
            on = Decimal(row.discount.inputs["covered"]) if row.discount.ahead_id else base
            if costs < on:
                shrinking.append(Shrinking(row, on, costs))
    return shrinking


def sum_given_back(shrinking: Iterable[Shrinking]) -> dict[int, Decimal]:
    """What goes of discounts with their lines, by line."""
    sums: dict[int, Decimal] = defaultdict(lambda: Decimal("0.00"))
    for one in shrinking:
        sums[one.row.line_id] += one.row.amount - one.stays
    return sums


def live_discounts(*, bill_ids: Collection[int], kind: str) -> Q:
    """The reductions of bills that a rule of the kind gave and nobody took back."""
    return Q(
        line__bill__in=bill_ids, reverses=None, reversal=None, kind="discount", discount__rule__kind=kind
    )
