"""Charge lines that open into their steps, and what changed against the bill before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.explaining.changes import main_cause, tell_change
from billing.explaining.steps import tell_steps, tell_summary
from billing.pages.late_fees import late_fee_card
from billing.selectors.explained import ExplainedBill, ExplainedLine
from portal.pages import ChangeView, LateFeeView, LineView, StepView


@dataclass(frozen=True)
class Comparison:
    """The change against the same account's bill before; nothing to compare with leaves ``change`` None."""

    change: Decimal | None = None
    main_cause: str = ""
    changes: tuple[ChangeView, ...] = ()


def view_lines(opened: ExplainedBill) -> tuple[LineView, ...]:
    """The lines of a bill in the order of their fee items, each with its steps in the reader's language."""
    return tuple(_line(line) for line in opened.lines)


def _line(line: ExplainedLine) -> LineView:
    steps = tell_steps(line.explanation, name=line.name)
    return LineView(
        name=line.name,
        summary=tell_summary(line.explanation),
        amount=line.amount,
        steps=tuple(StepView(step.label, step.value, step.note, step.is_result) for step in steps),
    )


def view_late_fee(bill_id: int, as_of: date) -> LateFeeView | None:
    """What a bill paid late has borne so far and was not charged yet; None when there is nothing to tell."""
    card = late_fee_card(bill_id, as_of)
    if card is None or not card.open:
        return None
    lines = tuple(
        LineView(
            name=row.name,
            summary="",
            amount=row.amount,
            steps=tuple(StepView(step.label, step.value, step.note, step.is_result) for step in row.steps),
        )
        for row in card.rows
        if row.amount
    )
    return LateFeeView(card.open, lines, card.is_resting)


def compare_with_previous(opened: ExplainedBill) -> Comparison:
    """What each fee item adds to the difference between this bill and the account's bill before it, and why.

    When no item changed, there is nothing to list.
    """
    changes = tuple(ChangeView(name, tell_change(change), change.amount) for name, change in opened.changes)
    told = changes if any(change.change for change in changes) else ()
    return Comparison(opened.change, main_cause(opened.changes), told)
