"""Contracts written down, and the decision what happens after their end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from billing.models import Contract
from core import audit

FACTS = (
    "number", "kind", "start", "end", "price_basis", "included_meters", "fee_clause", "allocation_clause",
    "late_fee_clause", "documents", "after_end", "decision_reason",
)  # fmt: skip


@transaction.atomic
def keep_contract(*, contract: Contract, day: date, by: Any) -> Contract:
    """Write a contract that a person typed in, new or changed; a new decision carries who took it, and when.

    Bills that were made stay as they are. Two contracts of one community on one day are refused by the database.
    """
    before = Contract.objects.filter(pk=contract.pk).values(*FACTS).first()
    if contract.after_end != (before["after_end"] if before else ""):
        contract.decided_by = str(by)[:150] if contract.after_end else ""
        contract.decided_on = day if contract.after_end else None
    contract.save()
    audit.record(
        action="billing.keep_contract",
        target=contract,
        by=by,
        community_id=contract.community_id,
        before=before,
        after={name: getattr(contract, name) for name in FACTS},
        reason=contract.decision_reason,
    )
    return contract
