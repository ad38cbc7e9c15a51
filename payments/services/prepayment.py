"""Using what owners have with us: the next bill takes it first (C2.3, B10)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from billing.selectors.outstanding import open_lines
from billing.services.settlement import AllocationDraft, record_allocations
from core.money import to_fen, to_yuan
from ledger import chart
from ledger.services import Leg, post
from payments.domain.allocation import Decision, decide
from payments.models import PrepaymentEntry
from payments.selectors.claims import make_claim
from payments.selectors.policies import get_policy
from payments.services.booking import lock_accounts


def use_prepayments(*, day: date, now: datetime) -> int:
    """Set prepayments against the open bills of their accounts; return how many accounts used some.

    Once an account and day, however often it is called. Each account in a transaction of its own.
    """
    held = PrepaymentEntry.objects.values("account_id").annotate(held=Sum("amount")).filter(held__gt=0)
    account_ids = list(held.order_by("account_id").values_list("account_id", flat=True))
    return sum(use_prepayment(account_id=account_id, day=day, now=now) > 0 for account_id in account_ids)


@transaction.atomic
def use_prepayment(*, account_id: int, day: date, now: datetime) -> Decimal:
    """Set an account's prepayment against its open bills by the community's policy; return what was used, in yuan.

    Locks the account, then reads balance and bills. The entry's source names the day, so that a second use on one
    day finds the first and does nothing.
    """
    account = lock_accounts([account_id])[account_id]
    entries = PrepaymentEntry.objects.filter(account_id=account_id)
    source = f"used:{day:%Y-%m-%d}"
    lines = open_lines(account_ids=[account_id])
    if not lines or entries.filter(source=source).exists():
        return Decimal("0.00")
    decision = decide(
        max(to_fen(entries.balance()), 0),
        map(make_claim, lines),
        policy=get_policy(account.community_id).for_allocation,
        as_of=day,
        chosen=None,
        owners={},
        primary=account_id,
    )
    used = to_yuan(sum(decision.parts.values()))
    if used:
        _write(account.community.company_id, account.community_id, account_id, decision, source, day, now)
    return used


def _write(
    company_id: int,
    community_id: int,
    account_id: int,
    decision: Decision,
    source: str,
    day: date,
    now: datetime,
) -> None:
    used = to_yuan(sum(decision.parts.values()))
    entry = PrepaymentEntry.objects.create(
        account_id=account_id, amount=-used, value_day=day, source=source, written_at=now
    )
    drafts = [AllocationDraft(line_id, to_yuan(fen)) for line_id, fen in decision.parts.items()]
    deed = f"prepayment:{entry.pk}"
    record_allocations(drafts=drafts, value_day=day, source=deed, by=None, now=now)
    post(
        company_id=company_id,
        community_id=community_id,
        booked_on=day,
        kind="prepayment",
        source=deed,
        legs=[Leg(chart.PREPAYMENT, used, account_id), Leg(chart.RECEIVABLE, -used, account_id)],
    )
