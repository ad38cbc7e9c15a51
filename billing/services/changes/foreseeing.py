"""What agreeing to a change would do to bills, tried out and taken back before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ChargeLine, UnitChange
from billing.services.changes.deciding import approval_of
from billing.services.changes.making import Made, make_change
from core.periods import Period


@dataclass(frozen=True)
class Expected:
    """What a payer would owe more, or less, of a fee item for a period, in yuan."""

    payer: str
    name: str
    period: Period
    amount: Decimal


def foresee_change(*, change: UnitChange, now: datetime) -> Sequence[Expected]:
    """Return what a waiting change would do to bills of days gone by; nothing of it stays.

    Raises what `make_change` raises.
    """
    with transaction.atomic():
        made = make_change(change=change, approval=approval_of(change, _("a second person"), now))
        expected = list(_list_expected(made))
        transaction.set_rollback(True)
    return expected


def _list_expected(made: Made) -> Iterator[Expected]:
    places = ("fee_item", "bill__account__payer")
    reduced = ChargeLine.objects.select_related(*places).in_bulk(
        [r.line_id for r in made.corrected.reductions]
    )
    for row in made.corrected.reductions:
        line = reduced[row.line_id]
        yield _expect(line, -row.amount)
    for line in (
        ChargeLine.objects.filter(bill__in=made.corrected.bills).select_related(*places).order_by("pk")
    ):
        yield _expect(line, line.amount)


def _expect(line: ChargeLine, amount: Decimal) -> Expected:
    period = Period(line.period_start, line.period_end)
    return Expected(line.bill.account.payer.name, line.fee_item.name, period, amount)
