"""Prepayments and deposits that owners had before their community went live: kept here, booked by billing."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, Sum

from billing.models import RequestState
from billing.services.opening_keepers import HeldDeposit, Holdings
from core.money import ZERO
from estates.models import Community
from payments.domain.lifecycle import IntentState
from payments.models import Channel, Deposit, DepositKind, IntentPart, PrepaymentEntry

RENOVATION, CARD = re.compile("装修"), re.compile("门禁|卡")
OLD_PAPER = "QC"
"""Numbers of deposits whose paper another system gave: QC-import-place. No series of ours counts them."""


class OpeningHoldings:
    """The keeper of ``billing.services.opening_keepers``: a prepayment entry an account, a deposit a row."""

    def bring_in(self, *, holdings: Holdings, day: date, now: datetime) -> None:
        """Write down what accounts had with us."""
        PrepaymentEntry.objects.bulk_create(
            PrepaymentEntry(
                account_id=account, amount=amount, value_day=day, source=holdings.source, written_at=now
            )
            for account, amount in holdings.prepaid.items()
        )
        company_id = Community.objects.values_list("company_id", flat=True).get(pk=holdings.community_id)
        Deposit.objects.bulk_create(
            Deposit(
                company_id=company_id,
                community_id=holdings.community_id,
                account_id=deposit.account_id,
                kind=_kind(deposit),
                number=f"{_prefix(holdings)}{place}",
                channel=Channel.TRANSFER,
                amount=deposit.amount,
                note=deposit.name[:200],
                value_day=day,
                taken_by=holdings.source,
                taken_at=now,
            )
            for place, deposit in enumerate(holdings.deposits, start=1)
        )

    def find_spent(self, *, holdings: Holdings) -> Collection[int]:
        """Return the accounts that no longer have so much prepayment with us."""
        rows = PrepaymentEntry.objects.filter(account__in=holdings.prepaid).order_by().values_list("account")
        held = dict(rows.annotate(sum=Sum("amount")))
        return [account for account, amount in holdings.prepaid.items() if held.get(account, ZERO) < amount]

    def find_given_back(self, *, holdings: Holdings) -> Collection[int]:
        """Return the accounts a deposit of which was asked for, given back, deducted from, or passed on."""
        asked = Q(payouts__state__in=(RequestState.REQUESTED, RequestState.APPROVED))
        rows = Deposit.objects.filter(
            asked | Q(successor__isnull=False), number__startswith=_prefix(holdings)
        )
        return list(rows.values_list("account_id", flat=True).distinct())

    def find_busy_lines(self, *, line_ids: Collection[int]) -> Collection[int]:
        """Return the lines of orders that may still be paid."""
        open_states = (IntentState.CREATED, IntentState.PENDING, IntentState.UNKNOWN)
        parts = IntentPart.objects.filter(line__in=list(line_ids), intent__state__in=open_states)
        return list(parts.values_list("line", flat=True))

    def take_back(self, *, holdings: Holdings, day: date, now: datetime) -> None:
        """Take back what was brought in: prepayments by new rows, deposits by the day they were undone."""
        PrepaymentEntry.objects.bulk_create(
            PrepaymentEntry(
                account_id=account,
                amount=-amount,
                value_day=day,
                source=f"{holdings.source}:undone",
                written_at=now,
            )
            for account, amount in holdings.prepaid.items()
        )
        Deposit.objects.filter(community=holdings.community_id, number__startswith=_prefix(holdings)).update(
            undone_on=day
        )


def _prefix(holdings: Holdings) -> str:
    return f"{OLD_PAPER}-{holdings.source.rpartition(':')[2]}-"


def _kind(deposit: HeldDeposit) -> DepositKind:
    if RENOVATION.search(deposit.name):
        return DepositKind.RENOVATION
    return DepositKind.ACCESS_CARD if CARD.search(deposit.name) else DepositKind.OTHER
