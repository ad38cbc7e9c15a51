"""Keeping for an account what its lines no longer ask for: the surplus of a correction becomes prepayment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from billing.models import ChargeAccount
from billing.services.approval import Approval, the_one_community
from billing.services.releasing import Freed
from core.money import to_fen, to_yuan
from ledger import chart
from ledger.services import Leg, post
from payments.models import PrepaymentEntry

USED = "prepayment:"
"""What the source of an allocation begins with that used prepayment: the number of the entry follows."""


def keep_released(*, freed: Sequence[Freed], approval: Approval) -> None:
    """Turn released money into prepayment of its accounts, entry and journal together.

    What was prepayment for a fee item is so again; all other money may pay anything. Runs inside the transaction of the
    correction. One entry an account, purpose and release.
    """
    kept = _sum_up(freed)
    PrepaymentEntry.objects.bulk_create(
        PrepaymentEntry(
            account_id=account_id,
            fee_item_id=fee_item_id,
            amount=to_yuan(fen),
            value_day=approval.day,
            source=approval.source,
            written_at=approval.now,
        )
        for (account_id, fee_item_id), fen in kept.items()
    )
    accounts = ChargeAccount.objects.filter(pk__in={account_id for account_id, _item in kept})
    community = the_one_community({one.community for one in accounts.select_related("community")})
    post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=approval.day,
        kind="release",
        source=f"released:{approval.source}",
        memo=approval.reason,
        legs=[
            leg
            for (account_id, _item), fen in kept.items()
            for leg in (
                Leg(chart.RECEIVABLE, to_yuan(fen), account_id),
                Leg(chart.PREPAYMENT, -to_yuan(fen), account_id),
            )
        ],
    )


def _sum_up(freed: Sequence[Freed]) -> Mapping[tuple[int, int | None], int]:
    """The fen that come back to each account, by the fee item they were paid ahead for, if any."""
    entries = [one.source.removeprefix(USED) for one in freed if one.source.startswith(USED)]
    items = dict(PrepaymentEntry.objects.filter(pk__in=entries).values_list("pk", "fee_item"))
    meant_for = {f"{USED}{pk}": item for pk, item in items.items()}
    kept: Counter[tuple[int, int | None]] = Counter()
    for one in sorted(freed, key=lambda one: one.account_id):
        kept[one.account_id, meant_for.get(one.source)] += to_fen(one.amount)
    return kept
