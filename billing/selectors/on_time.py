"""Bills as the rules for paying on time see them: what each asks for, which money came when, what a rule would give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from billing.domain.discounts import Money, is_on_time, money_by, split_in_order, weigh_percent
from billing.models import Allocation, Bill, ChargeLine, DiscountKind, DiscountRule, Waiver
from billing.models.runs import REGULAR
from billing.selectors.discounts import list_rules_on_time, live_discounts
from core.money import ZERO, to_fen, to_yuan

NEW = 2**62
"""Comes after every row there is: money that is about to be set against a bill."""


@dataclass(frozen=True)
class Asked:
    """A line of a bill: its fee item, what it asks for after reductions, and what of that is open, in fen."""

    fee_item_id: int
    asked: int
    open: int


@dataclass(frozen=True)
class Outlook:
    """A bill, its lines by id, and the money on it."""

    bill: Bill
    lines: Mapping[int, Asked]
    money: Sequence[Money]

    def is_earned(self, discount: int, given: int = 0) -> bool:
        """Whether it was paid on time but for a discount; ``given`` is what of that stands on the lines already."""
        owed = sum(line.asked for line in self.lines.values()) + given
        by_due_day = money_by(self.money, self.bill.due_on)
        now = sum(row.amount for row in self.money)
        return is_on_time(owed=owed, by_due_day=by_due_day, now=now, discount=discount)


@dataclass(frozen=True)
class Share:
    """What a rule gives on a bill: in all (fen), to which lines (yuan), and the figures each is worked out from."""

    rule: DiscountRule
    discount: int
    amounts: Mapping[int, Decimal]
    inputs: Mapping[int, dict[str, Any]]


def list_shares(outlook: Outlook, rules: Iterable[DiscountRule]) -> list[Share]:
    """What the rules that hold on the bill's due day would give; nothing when it has its discount already."""
    given = Waiver.objects.filter(live_discounts(bill_ids=[outlook.bill.pk], kind=DiscountKind.ON_TIME))
    if outlook.bill.schedule != REGULAR or given.exists():
        return []
    return [_weigh(rule, outlook) for rule in rules if _holds(rule, outlook.bill)]


def find_offer(bill: Bill, as_of: date) -> Decimal:
    """What a bill that is not paid yet would be less if it were paid whole by its due day; nothing after that day."""
    rules = list_rules_on_time(bill.community_id) if as_of <= bill.due_on else []
    if not rules:
        return ZERO
    (outlook,) = list_outlooks([bill])
    return to_yuan(sum(share.discount for share in list_shares(outlook, rules)))


def _weigh(rule: DiscountRule, outlook: Outlook) -> Share:
    """What a rule would give, shared among its lines by what is open on them, so that nothing needs to be given back.

    Where less is open than the discount, what was paid before has to give way: then by what they ask for.
    """
    lines = {
        pk: line
        for pk, line in outlook.lines.items()
        if line.asked > 0 and rule.fee_item_id in (None, line.fee_item_id)
    }
    base = sum(line.asked for line in lines.values())
    discount = _discount_of(rule, base)
    weights = [line.open for line in lines.values()]
    if sum(weights) < discount:
        weights = [line.asked for line in lines.values()]
    parts = split_in_order(discount, weights) if discount else []
    amounts = {pk: to_yuan(part) for pk, part in zip(lines, parts, strict=False) if part}
    inputs = {
        pk: _inputs(rule, base, outlook.bill.due_on, weights, at)
        for at, pk in enumerate(lines)
        if pk in amounts
    }
    return Share(rule, discount, amounts, inputs)


def _discount_of(rule: DiscountRule, base: int) -> int:
    if rule.amount is not None:
        return min(to_fen(rule.amount), base)
    return weigh_percent(base, Fraction(rule.percent or 0) / 100)


def _inputs(rule: DiscountRule, base: int, due_on: date, weights: Sequence[int], at: int) -> dict[str, Any]:
    gives = {"percent": str(rule.percent)} if rule.amount is None else {"amount": str(rule.amount)}
    return {
        "kind": rule.kind,
        "base": str(to_yuan(base)),
        **gives,
        "due_on": due_on.isoformat(),
        "weights": [str(to_yuan(weight)) for weight in weights],
        "at": at,
    }


def _holds(rule: DiscountRule, bill: Bill) -> bool:
    """Whether a rule is in force on the day a bill falls due."""
    return rule.start <= bill.due_on and (rule.end is None or bill.due_on < rule.end)


def list_outlooks(bills: Iterable[Bill], arriving: Sequence[Money] = ()) -> list[Outlook]:
    """The outlooks of bills, with money that is about to arrive; in three queries however many bills."""
    found = {bill.pk: bill for bill in bills}
    lines = ChargeLine.objects.filter(bill__in=found)
    waived = _sum_of(Waiver.objects.filter(line__bill__in=found))
    money = [*_list_money(found), *arriving]
    settled: dict[int, int] = {}
    for row in money:
        if row.pk < NEW:
            settled[row.line] = settled.get(row.line, 0) + row.amount
    of_bill: dict[int, dict[int, Asked]] = {pk: {} for pk in found}
    for pk, bill_id, item, amount in lines.order_by("pk").values_list("pk", "bill", "fee_item", "amount"):
        asked = to_fen(amount) - waived.get(pk, 0)
        of_bill[bill_id][pk] = Asked(item, asked, asked - settled.get(pk, 0))
    return [
        Outlook(bill, of_bill[pk], [row for row in money if row.line in of_bill[pk]])
        for pk, bill in found.items()
    ]


def _sum_of(rows: Any) -> dict[int, int]:
    sums = rows.order_by().values_list("line").annotate(Sum("amount"))
    return {line: to_fen(amount) for line, amount in sums}


def _list_money(bills: Collection[int]) -> list[Money]:
    rows = Allocation.objects.filter(line__bill__in=bills).order_by("pk")
    return [
        Money(pk, line, to_fen(amount), day, source, reverses)
        for pk, line, amount, day, source, reverses in rows.values_list(
            "pk", "line", "amount", "value_day", "source", "reverses"
        )
    ]


def arriving(parts: Mapping[int, int], day: date) -> list[Money]:
    """Money that is about to be set against lines: fen by line, on the day it came."""
    return [Money(NEW + place, line, fen, day, "") for place, (line, fen) in enumerate(parts.items())]
