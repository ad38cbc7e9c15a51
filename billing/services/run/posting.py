"""Bills enter the journal a chunk at a time: one entry, one receivable leg a bill (ADR 0006)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from billing.domain.slab import IntArray
from billing.models import BillRun, PostingProfile
from core.events import publish
from core.failpoints import failpoint
from ledger.chart import RECEIVABLE, REVENUE
from ledger.services import LegColumn, post_columns


@dataclass(frozen=True)
class Owed:
    """Bills that become owed together: ids, accounts and totals in parallel, and the sum of each fee item."""

    bill_ids: IntArray
    account_ids: IntArray
    totals_fen: IntArray
    fen_by_item: Mapping[int, int]


def post_bills(run: BillRun, chunk: int | str, owed: Owed, day: date | None = None) -> None:
    """Post the chunk's bills as one entry: receivable by account, against what each fee is in the books.

    On the run's booking day, unless another is given. Posting a chunk twice is refused by the journal. Subscribers
    of ``billing.bills_issued`` learn the ids.
    """
    if not owed.bill_ids.size:
        return
    day = day or run.booked_on
    assert day, "issuing has begun"
    post_columns(
        company_id=run.community.company_id,
        community_id=run.community_id,
        booked_on=day,
        kind="bills",
        source=f"bill_run:{run.pk}:{chunk}",
        columns=[LegColumn(RECEIVABLE, owed.totals_fen, owed.account_ids), *_credits(day, owed)],
    )
    failpoint("billing.chunk.posted")
    publish("billing.bills_issued", run_id=run.pk, bill_ids=owed.bill_ids.tolist())


def _credits(day: date, owed: Owed) -> list[LegColumn]:
    """One leg for each ledger account, as the posting profiles of the fee items say for the day."""
    fen: dict[str, int] = defaultdict(int)
    for item, code in find_ledger_codes(list(owed.fen_by_item), day).items():
        fen[code] -= owed.fen_by_item[item]
    return [LegColumn(code, np.array([amount], dtype=np.int64)) for code, amount in sorted(fen.items())]


def find_ledger_codes(fee_item_ids: list[int], day: date) -> dict[int, str]:
    """Return the ledger account each fee item is booked to on a day; revenue where no profile says otherwise."""
    profiles = PostingProfile.objects.filter(fee_item_id__in=fee_item_ids, start__lte=day).order_by("start")
    return dict.fromkeys(fee_item_ids, REVENUE) | dict(profiles.values_list("fee_item_id", "ledger_code"))
