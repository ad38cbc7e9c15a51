"""Discounts for paying ahead: the gift is promised with the money, earned as it is used, and gone with what leaves.

Payments keeps the money and says when it comes, meets bills and is paid back; billing knows the rules. Every act here
runs inside the transaction of that deed, which holds the lock of the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.domain.discounts import Ahead
from billing.models import (
    Bill,
    ChargeAccount,
    Discount,
    DiscountKind,
    DiscountRule,
    PaidAhead,
    PaidAheadReturn,
    ReductionKind,
    Waiver,
)
from billing.models.runs import REGULAR
from billing.selectors.discounts import (
    Standing,
    find_monthly_fee,
    list_paid_ahead,
    list_rules_ahead,
    weigh_gift,
)
from billing.selectors.outstanding import open_lines
from billing.services.approval import Approval
from billing.services.reductions import reduce_lines
from core.money import ZERO, to_fen, to_yuan


def promise_gift(
    *, account: ChargeAccount, fee_item_id: int, paid: Decimal, source: str, day: date, now: datetime
) -> PaidAhead | None:
    """Promise the gift that so much prepayment for a fee item earns on its day; None where no rule is met.

    What the account still owes of the fee item is not ahead. Of several rules the one that gives most counts.
    ``source`` names the payment and makes the promise once.
    """
    rules = list_rules_ahead(account.community_id, day, fee_item_id)
    monthly = find_monthly_fee(account.pk, fee_item_id) if rules else None
    if not monthly:
        return None
    owed = sum((line.outstanding for line in _list_open(account.pk, fee_item_id)), ZERO)
    ahead = to_fen(paid - owed)
    gift, rule = max(((weigh_gift(rule, ahead, monthly), rule) for rule in rules), key=lambda pair: pair[0])
    if not gift:
        return None
    row: PaidAhead = PaidAhead.objects.create(
        rule=rule,
        account=account,
        source=source,
        day=day,
        paid=to_yuan(ahead),
        gift=to_yuan(gift),
        inputs=_terms(rule) | {"monthly": str(monthly / 100)},
        written_at=now,
    )
    return row


def discount_paid_ahead(*, account_id: int, fee_item_id: int, day: date, now: datetime) -> list[Waiver]:
    """Give the open lines that money paid ahead is about to meet their share of the gift.

    Only bills that were issued since the payment; each line once a payment. The earliest payment serves first.
    """
    given: list[Waiver] = []
    for standing in list_paid_ahead(account_id, fee_item_id):
        given += _discount(standing, day, now)
    return given


def take_back_gift(
    *, account_id: int, fee_item_id: int, held: Decimal, source: str, day: date, now: datetime
) -> list[PaidAheadReturn]:
    """Take the gift back with money that was paid back, in proportion: ``held`` is what is left for the fee item.

    Payments ahead never have more left than is held; the latest gives way first. What bills were given stays.
    """
    standing = list_paid_ahead(account_id, fee_item_id)
    gone = sum(one.ahead.money for one in standing) - to_fen(held)
    returns = []
    for one in reversed(standing):
        money = min(gone, one.ahead.money)
        if money > 0:
            gone -= money
            returns.append(_return(one, money, source, day, now))
    return PaidAheadReturn.objects.bulk_create(returns)


def pass_gift_on(
    *, account_id: int, successor_id: int, fee_item_id: int, source: str, day: date, now: datetime
) -> None:
    """Let another account go on with payments ahead, money and gift as they are left: the unit changed hands."""
    for one in list_paid_ahead(account_id, fee_item_id):
        _return(one, one.ahead.money, source, day, now).save()
        if one.ahead.gift_left:
            PaidAhead.objects.create(
                rule=one.row.rule,
                account_id=successor_id,
                source=f"{source}:{one.row.pk}",
                day=day,
                paid=one.money_left,
                gift=one.gift_left,
                inputs=one.row.inputs | {"passed_on": True},
                written_at=now,
            )


def _return(standing: Standing, money: int, source: str, day: date, now: datetime) -> PaidAheadReturn:
    return PaidAheadReturn(
        ahead=standing.row,
        source=source,
        day=day,
        money=to_yuan(money),
        gift=to_yuan(standing.ahead.forfeit(money)),
        written_at=now,
    )


def _discount(standing: Standing, day: date, now: datetime) -> list[Waiver]:
    amounts, inputs = _share(standing, _list_lines(standing))
    if not amounts:
        return []
    rule = standing.row.rule
    approval = Approval(f"ahead:{standing.row.pk}", rule.name, rule.requested_by, rule.decided_by, day, now)
    waivers = reduce_lines(amounts=amounts, kind=ReductionKind.DISCOUNT, approval=approval)
    Discount.objects.bulk_create(
        Discount(waiver=waiver, rule=rule, ahead=standing.row, inputs=inputs[waiver.line_id])
        for waiver in waivers
    )
    return waivers


def _share(
    standing: Standing, owed: Mapping[int, Decimal]
) -> tuple[dict[int, Decimal], dict[int, dict[str, Any]]]:
    """The share of each line, one after another, and the figures it is worked out from."""
    ahead, amounts, inputs = standing.ahead, {}, {}
    for line_id, outstanding in owed.items():
        earned = ahead.earn(to_fen(outstanding))
        if earned:
            amounts[line_id] = to_yuan(earned)
            inputs[line_id] = standing.row.inputs | _figures(ahead, outstanding)
            ahead = ahead.use(to_fen(outstanding))
    return amounts, inputs


def _figures(ahead: Ahead, owed: Decimal) -> dict[str, str]:
    covered = min(to_fen(owed), ahead.money + ahead.gift_left)
    fen = {
        "paid": ahead.paid,
        "gift": ahead.gift,
        "money_gone": ahead.money_gone,
        "gift_gone": ahead.gift_gone,
        "covered": covered,
    }
    return {name: str(to_yuan(amount)) for name, amount in fen.items()} | {"owed": str(owed)}


def _terms(rule: DiscountRule) -> dict[str, Any]:
    gives = (
        {"gift_months": rule.gift_months}
        if rule.kind == DiscountKind.MONTHS
        else {"percent": str(rule.percent)}
    )
    return {"kind": rule.kind, "months": rule.months, **gives}


def _list_lines(standing: Standing) -> dict[int, Decimal]:
    """What is open on the lines a payment ahead may still discount, the earliest due first."""
    row = standing.row
    found = _list_open(row.account_id, row.rule.fee_item_id or 0)
    bills = Bill.objects.filter(
        pk__in={line.bill_id for line in found}, schedule=REGULAR, issued_on__gte=row.day
    )
    since = set(bills.values_list("pk", flat=True))
    return {
        line.line_id: line.outstanding
        for line in found
        if line.bill_id in since and line.line_id not in standing.has_discounted
    }


def _list_open(account_id: int, fee_item_id: int) -> list[Any]:
    return [line for line in open_lines(account_ids=[account_id]) if line.fee_item_id == fee_item_id]
