"""Noting that bills were printed: a delivery fact that stands beside the messages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from billing.models import Bill, BillState
from billing.selectors.delivery import PRINTED
from core import audit


@transaction.atomic
def note_printed(*, bills: QuerySet[Bill], by: Any) -> None:
    """Record who printed which issued bills of one community, all in one row of the audit trail."""
    issued = bills.filter(state=BillState.ISSUED).order_by("pk")
    rows = list(issued.values_list("pk", "community_id", "run_id"))
    if rows:
        audit.record(
            action=PRINTED,
            target=f"billing.billrun:{rows[0][2]}",
            by=by,
            community_id=rows[0][1],
            after={"bills": [pk for pk, _community, _run in rows]},
        )
