"""Charge lines that open into their steps, and what changed against the bill before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from billing.models import Bill, BillState
from portal.pages import ChangeView, LineView

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Comparison:
    """The change against the same account's bill before; nothing to compare with leaves ``change`` None."""

    change: Decimal | None = None
    main_cause: str = ""
    changes: tuple[ChangeView, ...] = ()


def view_lines(bill: Bill) -> tuple[LineView, ...]:
    """The lines of a bill in the order of their fee items, each with its steps in the reader's language."""
    rows = bill.lines.select_related("fee_item").order_by("fee_item__rank", "fee_item__code", "part")
    return tuple(LineView(line.fee_item.name, "", line.amount, ()) for line in rows)


def compare_with_previous(bill: Bill) -> Comparison:
    """What each fee item adds to the difference between this bill and the account's bill before it."""
    earlier = Bill.objects.filter(
        account=bill.account_id,
        schedule=bill.schedule,
        state=BillState.ISSUED,
        period_start__lt=bill.period_start,
    )
    previous = earlier.order_by("-period_start").first()
    if previous is None:
        return Comparison()
    before, now = _amounts(previous), _amounts(bill)
    changes = {name: now.get(name, ZERO) - before.get(name, ZERO) for name in [*now, *before]}
    rows = tuple(ChangeView(name, "", change) for name, change in changes.items() if change)
    main = max(rows, key=lambda row: abs(row.change), default=None)
    return Comparison(bill.total - previous.total, main.name if main else "", rows)


def _amounts(bill: Bill) -> dict[str, Decimal]:
    rows = bill.lines.values_list("fee_item__name").annotate(Sum("amount")).order_by("fee_item__rank")
    return dict(rows)
