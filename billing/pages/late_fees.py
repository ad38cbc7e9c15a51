"""The late fee of a bill as people read it: what has grown, how, and what a court would likely grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.domain.court_view import Yardsticks, weigh_terms
from billing.domain.explain import explain
from billing.explaining.steps import StepText, tell_steps
from billing.models import ChargeLine
from billing.models.bills import LATE_FEE
from billing.selectors.late_fee_lines import LateLine, list_late_lines
from billing.selectors.late_fee_policies import get_lending_rates
from core.figures import format_number
from core.money import ZERO


@dataclass(frozen=True)
class LateFeeRow:
    """The late fee of one line, opened: what is not charged yet, and what was charged before."""

    name: str
    amount: Decimal
    charged: Decimal
    steps: tuple[StepText, ...]


@dataclass(frozen=True)
class LateFeeCard:
    """The late fee of a bill as of a day, in yuan.

    ``open`` is neither charged nor paid yet; ``grown`` is all of it; ``court`` is the same days at 1.3 × LPR.
    ``yardsticks`` put the yearly rate beside what courts accept; ``is_resting``: it does not grow at the moment.
    """

    as_of: date
    open: Decimal
    grown: Decimal
    court: Decimal
    clause: str
    yardsticks: Yardsticks
    is_resting: bool
    rows: tuple[LateFeeRow, ...]

    @property
    def charged(self) -> Decimal:
        """What stands on late-fee bills already."""
        return self.grown - self.open

    @property
    def warning(self) -> str:
        """Which yardstick of courts the contract's rate passes, in words; empty when none."""
        return tell_yardsticks(self.yardsticks)


def tell_yardsticks(yardsticks: Yardsticks) -> str:
    """Say which yardstick of courts a yearly rate passes; empty when it passes none."""
    figures = {
        "yearly": format_number(yardsticks.yearly),
        "loss": format_number(yardsticks.loss),
        "lending": format_number(yardsticks.lending),
    }
    if yardsticks.passes_lending:
        text = _(
            "This is %(yearly)s%% a year. Courts often cut it: 1.3 × LPR is %(loss)s%%, and even 4 × LPR is only "
            "%(lending)s%%."
        )
        return text % figures
    if yardsticks.passes_loss:
        text = _("This is %(yearly)s%% a year, above 1.3 × LPR (%(loss)s%%): a court may cut it when asked.")
        return text % figures
    return ""


def late_fee_card(bill_id: int, as_of: date) -> LateFeeCard | None:
    """Return the late fee of a bill's lines as of the end of a day; None when it was never late or bears none."""
    late = list_late_lines(ChargeLine.objects.filter(bill=bill_id), as_of)
    if not late:
        return None
    rates = get_lending_rates()
    policy = late[0].policy
    return LateFeeCard(
        as_of=as_of,
        open=sum((line.open for line in late), ZERO),
        grown=sum((line.fee.amount for line in late), ZERO),
        court=sum((line.in_court(rates).amount for line in late), ZERO),
        clause=policy.clause,
        yardsticks=weigh_terms(policy.terms, rates.on(as_of)),
        is_resting=any(rest.holds(as_of) for rest in late[0].debt.rests),
        rows=tuple(_rows(late)),
    )


def _rows(late: Sequence[LateLine]) -> Sequence[LateFeeRow]:
    rows = []
    for line in late:
        opened = explain(method=LATE_FEE, inputs=line.inputs(line.charged), amount=line.open)
        steps = tuple(tell_steps(opened, name=line.fee_item))
        rows.append(LateFeeRow(line.fee_item, line.open, line.charged, steps))
    return [row for row in rows if row.amount or row.charged]
