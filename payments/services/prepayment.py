"""Using what owners have with us: the next bill takes it first, each part for what it is meant for (C2.3, B10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from billing.models import ChargeAccount
from billing.selectors.outstanding import OpenLine, open_lines
from billing.services.late_fee_bills import charge_at_payment
from billing.services.locking import lock_accounts
from billing.services.on_time import discount_on_time
from billing.services.paid_ahead import discount_paid_ahead
from billing.services.settlement import AllocationDraft, record_allocations
from core.money import ZERO, to_fen, to_yuan
from ledger import chart
from ledger.selectors import get_booking_day
from ledger.services import Leg, post
from payments.domain.allocation import Decision, decide
from payments.models import PrepaymentEntry
from payments.selectors.claims import make_claims
from payments.selectors.policies import get_policy
from payments.selectors.prepayments import Purse, list_purses
from payments.services.booking import let_go_of_remainders
from payments.services.keeping import USED


@dataclass(frozen=True)
class _Use:
    """Using one account's prepayment: whose, under which name, on which day it counts."""

    account: ChargeAccount
    source: str
    day: date
    now: datetime


def use_prepayments(*, day: date, now: datetime) -> int:
    """Set prepayments against the open bills of their accounts; return how many accounts used some.

    Once an account and day, however often it is called. Each account in a transaction of its own.
    """
    held = PrepaymentEntry.objects.values("account_id").annotate(held=Sum("amount")).filter(held__gt=0)
    account_ids = list(held.order_by("account_id").values_list("account_id", flat=True))
    return sum(use_prepayment(account_id=account_id, day=day, now=now) > 0 for account_id in account_ids)


@transaction.atomic
def use_prepayment(*, account_id: int, day: date, now: datetime, deed: str = "") -> Decimal:
    """Set an account's prepayment against its open bills and return what was used, in yuan.

    What is meant for a fee item pays that one, first; the rest pays what is open by the community's policy. Locks
    the account, then reads balances and bills. The entries' source names the deed, or else the day, so that a second
    use by one deed or on one day finds the first and does nothing; what falls into a closed month is booked on the
    first open day.
    """
    account = lock_accounts([account_id])[account_id]
    source = f"used:{deed or format(day, '%Y-%m-%d')}"
    if PrepaymentEntry.objects.filter(account_id=account_id, source=source).exists():
        return ZERO
    books = account.community
    booked_on = get_booking_day(company_id=books.company_id, community_id=books.pk, day=day)
    use = _Use(account, source, booked_on, now)
    return sum((_use_purse(use, purse) for purse in list_purses(account_id) if purse.amount > 0), ZERO)


def _use_purse(use: _Use, purse: Purse) -> Decimal:
    """Set one part of the prepayment against the lines it may pay; return what was used, in yuan.

    What was paid ahead brings its gift along, and a bill it pays whole by the due day has its discount first. The late
    fee of what it meets is charged where the clause says so, and met too by what is not meant for a fee item.
    """
    if purse.fee_item_id:
        discount_paid_ahead(
            account_id=use.account.pk, fee_item_id=purse.fee_item_id, day=use.day, now=use.now
        )
    decision, met = _decide(use, purse)
    if discount_on_time(
        community_id=use.account.community_id, parts=decision.parts, value_day=use.day, now=use.now
    ):
        decision, met = _decide(use, purse)
    accounts = {use.account.pk: use.account}
    if charge_at_payment(accounts=accounts, as_of=use.day, now=use.now, met=met).bills:
        decision, _met = _decide(use, purse)
    used = to_yuan(sum(decision.parts.values()))
    if used:
        drafts = [AllocationDraft(line_id, to_yuan(fen)) for line_id, fen in decision.parts.items()]
        _write(use, purse, used, drafts)
    return used


def _decide(use: _Use, purse: Purse) -> tuple[Decision, list[OpenLine]]:
    """How much the purse pays of which of the lines that are open now, and these lines."""
    lines = [line for line in open_lines(account_ids=[use.account.pk]) if _may_pay(purse, line)]
    policy = get_policy(use.account.community_id).for_allocation
    decision = decide(
        to_fen(purse.amount),
        make_claims(lines, policy=policy, as_of=use.day),
        policy=policy,
        as_of=use.day,
        chosen=None,
        owners={},
        primary=use.account.pk,
    )
    return decision, [line for line in lines if line.line_id in decision.parts]


def _may_pay(purse: Purse, line: OpenLine) -> bool:
    return purse.fee_item_id in (None, line.fee_item_id)


def _write(use: _Use, purse: Purse, used: Decimal, drafts: list[AllocationDraft]) -> None:
    account = use.account
    entry = PrepaymentEntry.objects.create(
        account=account,
        fee_item_id=purse.fee_item_id,
        amount=-used,
        value_day=use.day,
        source=use.source,
        written_at=use.now,
    )
    deed = f"{USED}{entry.pk}"
    record_allocations(drafts=drafts, value_day=use.day, source=deed, by=None, now=use.now)
    post(
        company_id=account.community.company_id,
        community_id=account.community_id,
        booked_on=use.day,
        kind="prepayment",
        source=deed,
        legs=[Leg(chart.PREPAYMENT, used, account.pk), Leg(chart.RECEIVABLE, -used, account.pk)],
    )
    let_go_of_remainders(
        company_id=account.community.company_id,
        community_id=account.community_id,
        line_ids=[draft.line_id for draft in drafts],
        source=deed,
        day=use.day,
        now=use.now,
    )
