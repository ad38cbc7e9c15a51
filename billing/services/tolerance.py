"""Differences of a fen never keep a bill open: what a payment leaves within the tolerance is let go of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ReductionKind, Tolerance, Waiver
from billing.selectors.outstanding import OpenLine, bill_balances, open_lines
from billing.services.approval import Approval
from billing.services.reductions import reduce_lines
from core.money import ZERO, format_yuan

BY = "tolerance policy"


def find_tolerance(community_id: int, day: date) -> Decimal:
    """The most a payment of a day may leave on a bill in a community; nothing where no policy is in force."""
    row = Tolerance.objects.filter(community=community_id).on(day).first()
    return row.amount if row else ZERO


def has_tolerance(community_id: int) -> bool:
    """Whether a community has ever let go of anything: asked before thousands of payments are looked at."""
    return Tolerance.objects.filter(community=community_id, amount__gt=0).exists()


@transaction.atomic
def forgive_remainders(
    *, community_id: int, bill_ids: Collection[int], source: str, day: date, now: datetime
) -> list[Waiver]:
    """Let go of what a payment left on these bills, where all that is open on one lies within the tolerance.

    The remainder is a row of its own beside the payment, posted as given up on the first day the books are open;
    ``source`` names the payment and makes it once. The caller names the bills the payment was set against.
    """
    tolerance = find_tolerance(community_id, day)
    if not tolerance or not bill_ids:
        return []
    # Of all the bill, also of lines the payment did not meet: a small rest beside an open line is no
    # remainder.
    balances = bill_balances(bill_ids)
    small = [pk for pk, balance in balances.items() if 0 < balance.outstanding <= tolerance]
    left = open_lines(bill_ids=small) if small else []
    if not left:
        return []
    return reduce_lines(
        amounts=_by_line(left), kind=ReductionKind.TOLERANCE, approval=_approval(source, tolerance, day, now)
    )


def _by_line(lines: Collection[OpenLine]) -> dict[int, Decimal]:
    return {line.line_id: line.outstanding for line in lines}


def _approval(source: str, tolerance: Decimal, day: date, now: datetime) -> Approval:
    """The payment asks, the policy of the community agrees: a person set it, and the audit trail has who."""
    reason = _("Remainder of no more than %(amount)s yuan") % {"amount": format_yuan(tolerance)}
    return Approval(f"tolerance:{source}", reason, source, BY, day, now)
