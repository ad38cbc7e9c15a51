"""Bills that no run makes: corrections, late fees charged, openings brought in. They are issued as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from billing.domain.numbers import bill_numbers
from billing.models import Bill, BillState
from core.bulk import reserve_ids
from core.periods import Period

BATCH = 2000


@dataclass(frozen=True)
class BillDraft:
    """What a bill of one account says above its lines; ``total`` is the sum of them, in yuan."""

    community_id: int
    account_id: int
    period: Period
    total: Decimal
    issued_on: date
    due_on: date


def create_bills(schedule: str, drafts: Sequence[BillDraft]) -> list[Bill]:
    """Write issued bills of a schedule in the order of the drafts; their lines and the journal are the caller's."""
    ids = reserve_ids(Bill, len(drafts))
    bills = [_bill(schedule, pk, draft) for pk, draft in zip(ids, drafts, strict=True)]
    return Bill.objects.bulk_create(bills, batch_size=BATCH)


def _bill(schedule: str, pk: int, draft: BillDraft) -> Bill:
    return Bill(
        pk=pk,
        community_id=draft.community_id,
        account_id=draft.account_id,
        number=bill_numbers(draft.period.start, np.array([pk], dtype=np.int64))[0],
        schedule=schedule,
        period_start=draft.period.start,
        period_end=draft.period.end,
        due_on=draft.due_on,
        total=draft.total,
        state=BillState.ISSUED,
        issued_on=draft.issued_on,
    )
