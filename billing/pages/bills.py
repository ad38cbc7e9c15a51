"""A bill on the staff pages: every line opened, how it was settled and delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing.explaining.changes import tell_change
from billing.explaining.steps import StepText, tell_steps, tell_summary
from billing.models import Bill, BillState
from billing.pages.late_fees import late_fee_card
from billing.selectors.delivery import DeliveryRow, list_deliveries
from billing.selectors.explained import ExplainedLine, explain_bill
from billing.selectors.outstanding import bill_balances
from billing.selectors.settling import SettledRow, list_settled
from core.access import may
from core.figures import format_period
from core.periods import Period


@dataclass(frozen=True)
class ShownLine:
    """A charge line on the staff's page of a bill; ``agrees``: the sum done again came to the billed amount."""

    name: str
    period: str
    summary: str
    amount: Decimal
    steps: tuple[StepText, ...]
    agrees: bool
    change: Decimal | None
    why: str


def bill_page(bill: Bill, user: Any, as_of: date) -> dict[str, Any]:
    """Return a bill with every line opened, how it was settled and delivered, and the acts open to this person."""
    opened = explain_bill(bill.pk)
    balance = bill_balances([bill.pk], as_of).get(bill.pk)
    settled: list[SettledRow] = list_settled(bill)
    delivered: list[DeliveryRow] = list_deliveries(bill)
    return {
        "bill": bill,
        "period": format_period(Period(bill.period_start, bill.period_end)),
        "lines": [show_line(line) for line in opened.lines],
        "change": opened.change,
        "gone": [(name, change.amount) for name, change in opened.gone],
        "balance": balance,
        "state": bill_state(bill, balance.outstanding if balance else Decimal(0), as_of),
        "late_fee": late_fee_card(bill.pk, as_of),
        "can_charge_late_fee": may(user, "billing.approve"),
        "settled": settled,
        "delivered": delivered,
        "can_correct": bill.state == BillState.ISSUED and may(user, "billing.correct"),
    }


def show_line(line: ExplainedLine) -> ShownLine:
    """Put an opened line into the words of the staff pages."""
    return ShownLine(
        name=line.name,
        period=format_period(line.period),
        summary=tell_summary(line.explanation),
        amount=line.amount,
        steps=tuple(tell_steps(line.explanation, name=line.name)),
        agrees=line.explanation.agrees,
        change=line.change.amount if line.change else None,
        why=tell_change(line.change) if line.change else "",
    )


def bill_state(bill: Bill, outstanding: Decimal, as_of: date) -> dict[str, Any]:
    """Return the mark of a bill: draft and void in words, else paid, due or overdue with its days."""
    if bill.state != BillState.ISSUED:
        return {"word": str(BillState(bill.state).label)}
    if outstanding <= 0:
        return {"name": "paid"}
    days = (as_of - bill.due_on).days
    return {"name": "overdue", "days": days} if days > 0 else {"name": "due"}
