"""Orders of the past, noted by the thousand: a community's history before its platforms' bills are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from billing.selectors.outstanding import open_lines
from core.bulk import copy_rows, reserve_ids
from core.money import ZERO
from payments.domain.lifecycle import IntentState
from payments.models import Intent, IntentPart, MerchantAccount
from payments.selectors.policies import get_policy
from payments.services.intents import NothingToPayError, make_order_number


@dataclass(frozen=True)
class PastWish:
    """That somebody set out to pay these lines, in yuan, at a moment in the past."""

    parts: Mapping[int, Decimal]
    created_at: datetime
    payer_id: int | None = None

    @property
    def amount(self) -> Decimal:
        """The sum of the parts."""
        return sum(self.parts.values(), ZERO)


@transaction.atomic
def create_intents_in_bulk(*, merchant: MerchantAccount, wishes: Sequence[PastWish]) -> list[str]:
    """Note orders of the past as sent to the merchant's platform; return their order numbers, in the order given.

    The platform is not called: its bills say what was paid (`bulk.settle_in_bulk`). An order its bills never mention
    is asked about like any other. Wishes that overlap are fine, as they are when two people pay one bill.

    Raises NothingToPayError when a line is not open, or less than a wish wants of it.
    """
    _refuse_more_than_open(merchant, wishes)
    minutes = get_policy(merchant.community_id).intent_minutes
    intent_ids = reserve_ids(Intent, len(wishes))
    numbers = [make_order_number(wish.created_at) for wish in wishes]
    _write_intents(merchant, wishes, intent_ids, numbers, timedelta(minutes=minutes))
    parts = [(key, part) for key, wish in zip(intent_ids, wishes, strict=True) for part in wish.parts.items()]
    copy_rows(
        IntentPart._meta.db_table,
        {
            "intent_id": [key for key, _ in parts],
            "line_id": [line_id for _, (line_id, _) in parts],
            "amount": [amount for _, (_, amount) in parts],
        },
    )
    return numbers


def _refuse_more_than_open(merchant: MerchantAccount, wishes: Sequence[PastWish]) -> None:
    line_ids = {line_id for wish in wishes for line_id in wish.parts}
    left = {line.line_id: line.outstanding for line in open_lines(line_ids=line_ids)}
    for wish in wishes:
        if not wish.parts or any(not 0 < amount <= left.get(line, 0) for line, amount in wish.parts.items()):
            raise NothingToPayError()


def _write_intents(
    merchant: MerchantAccount,
    wishes: Sequence[PastWish],
    intent_ids: Sequence[int],
    numbers: Sequence[str],
    open_for: timedelta,
) -> None:
    count = len(wishes)
    copy_rows(
        Intent._meta.db_table,
        {
            "id": list(intent_ids),
            "community_id": [merchant.community_id] * count,
            "merchant_id": [merchant.pk] * count,
            "number": numbers,
            "amount": [wish.amount for wish in wishes],
            "state": [IntentState.PENDING.value] * count,
            "payer_id": [wish.payer_id for wish in wishes],
            "opened_by_link": [False] * count,
            "instruction": [{}] * count,
            "created_at": [wish.created_at for wish in wishes],
            "started_at": [wish.created_at for wish in wishes],
            "expires_at": [wish.created_at + open_for for wish in wishes],
            "next_query_at": [wish.created_at + open_for for wish in wishes],
            "query_count": [0] * count,
            "last_word": [""] * count,
        },
    )
