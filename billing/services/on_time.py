"""The discount for a bill that is paid whole by its due day: given with the payment, taken back with it (B5).

Nothing is counted along: whether a bill was paid on time follows from its rows and their days, so that payments may be
heard of in any order. Callers hold the locks of the accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from billing.models import (
    Bill,
    Discount,
    DiscountKind,
    DiscountRule,
    ReductionKind,
    Waiver,
)
from billing.models.runs import REGULAR
from billing.selectors.discounts import list_rules_on_time, live_discounts
from billing.selectors.on_time import Share, arriving, list_outlooks, list_shares
from billing.services.approval import Approval
from billing.services.locking import lock_lines
from billing.services.reductions import reduce_lines, reverse_reductions
from core.money import to_fen
from ledger.selectors import get_booking_day


def discount_on_time(
    *, community_id: int, parts: Mapping[int, int], value_day: date, now: datetime
) -> list[Waiver]:
    """Give bills the discount they earn by money that is about to be set against them: ``parts`` in fen, by line.

    So the money pays what is left and no more, and the rest of it is free for something else. A bill that has one is
    left alone. Posted on the value day, or the first day the books are open.
    """
    rules = list_rules_on_time(community_id) if parts else []
    if not rules:
        return []
    lock_lines(parts)
    bills = Bill.objects.issued().filter(lines__in=parts, schedule=REGULAR).select_related("community")
    waivers: list[Waiver] = []
    for outlook in list_outlooks(bills.distinct(), arriving(parts, value_day)):
        shares = list_shares(outlook, rules)
        if outlook.is_earned(sum(share.discount for share in shares)):
            waivers += [row for share in shares for row in _give(outlook.bill, share, value_day, now)]
    return waivers


def take_back_unearned(*, bill_ids: Collection[int], day: date, now: datetime) -> list[Waiver]:
    """Take back the discount of bills that are no longer paid whole by money that came in time.

    For whoever takes money off a bill again: a payment that bounced, was refunded or booked by mistake.
    """
    live = list(
        Waiver.objects.filter(live_discounts(bill_ids=bill_ids, kind=DiscountKind.ON_TIME)).order_by("pk")
    )
    lock_lines([row.line_id for row in live])
    bills = Bill.objects.issued().filter(pk__in=bill_ids).select_related("community")
    reversals: list[Waiver] = []
    for outlook in list_outlooks(bills):
        of_bill = [row for row in live if row.line_id in outlook.lines]
        given = sum(to_fen(row.amount) for row in of_bill)
        if of_bill and not outlook.is_earned(given, given):
            reversals += _take_back(outlook.bill, of_bill, day, now)
    return reversals


def _give(bill: Bill, share: Share, value_day: date, now: datetime) -> list[Waiver]:
    if not share.amounts:
        return []
    rule, before = share.rule, _count_given(bill, share.rule)
    approval = Approval(
        f"on_time:{rule.pk}:{bill.pk}:{before}",
        rule.name,
        rule.requested_by,
        rule.decided_by,
        _open_day(bill, value_day),
        now,
    )
    waivers = reduce_lines(amounts=share.amounts, kind=ReductionKind.DISCOUNT, approval=approval)
    Discount.objects.bulk_create(
        Discount(waiver=waiver, rule=rule, inputs=share.inputs[waiver.line_id]) for waiver in waivers
    )
    return waivers


def _take_back(bill: Bill, rows: Sequence[Waiver], day: date, now: datetime) -> list[Waiver]:
    """Reverse the rows of a bill, deed by deed: those of one rule share a source."""
    reversals: list[Waiver] = []
    for source in dict.fromkeys(row.source for row in rows):
        of_deed = [row for row in rows if row.source == source]
        rule = of_deed[0].discount.rule
        approval = Approval(
            f"{source}:back", rule.name, rule.requested_by, rule.decided_by, _open_day(bill, day), now
        )
        reversals += reverse_reductions(reductions=of_deed, approval=approval)
    return reversals


def _count_given(bill: Bill, rule: DiscountRule) -> int:
    """How often a rule gave a discount on a bill before; each time but the last was taken back."""
    given = Waiver.objects.filter(line__bill=bill, discount__rule=rule)
    return given.values("source").distinct().count()


def _open_day(bill: Bill, day: date) -> date:
    books = bill.community
    return get_booking_day(company_id=books.company_id, community_id=books.pk, day=day)
