"""What happened to the issued bills of a run: notices sent, bills opened, amounts paid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Bill, BillRun, BillState
from billing.selectors.delivery import find_notices
from billing.selectors.outstanding import bill_balances
from core.money import ZERO
from messaging.domain.lifecycle import MessageState

TOLD = [MessageState.SENT.value, MessageState.DELIVERED.value, MessageState.OPENED.value]


@dataclass(frozen=True)
class RunProgress:
    """Bills issued and paid in full, payers, those told and those who looked, and yuan billed and settled."""

    issued: int
    paid: int
    payers: int
    told: int
    opened: int
    billed: Decimal
    settled: Decimal


def measure_progress(run: BillRun) -> RunProgress:
    """Count from the facts of this moment; six queries however many bills."""
    bills = Bill.objects.filter(run=run, state=BillState.ISSUED)
    balances = bill_balances(bills).values()
    notices = find_notices(run)
    return RunProgress(
        issued=len(balances),
        paid=sum(balance.outstanding <= 0 for balance in balances),
        payers=bills.values("account__payer").distinct().count(),
        told=notices.filter(state__in=TOLD).values("person").distinct().count(),
        opened=notices.filter(state=MessageState.OPENED.value).values("person").distinct().count(),
        billed=sum((balance.amount for balance in balances), ZERO),
        settled=sum((balance.settled for balance in balances), ZERO),
    )
