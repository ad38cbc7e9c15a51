"""Keeping for an account what its lines no longer ask for: the surplus of a correction becomes prepayment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from billing.models import ChargeAccount
from billing.services.approval import Approval, the_one_community
from ledger import chart
from ledger.services import Leg, post
from payments.models import PrepaymentEntry


def keep_released(*, amounts: Mapping[int, Decimal], approval: Approval) -> None:
    """Turn released money into prepayment of its accounts, entry and journal together.

    Runs inside the transaction of the correction. One entry an account and deed.
    """
    PrepaymentEntry.objects.bulk_create(
        PrepaymentEntry(
            account_id=account_id,
            amount=amount,
            value_day=approval.day,
            source=approval.source,
            written_at=approval.now,
        )
        for account_id, amount in amounts.items()
    )
    accounts = ChargeAccount.objects.filter(pk__in=amounts).select_related("community")
    community = the_one_community([account.community for account in accounts])
    post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=approval.day,
        kind="release",
        source=f"released:{approval.source}",
        memo=approval.reason,
        legs=[
            leg
            for account_id, amount in amounts.items()
            for leg in (
                Leg(chart.RECEIVABLE, amount, account_id),
                Leg(chart.PREPAYMENT, -amount, account_id),
            )
        ],
    )
