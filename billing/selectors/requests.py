"""Requests as the desk reads them: who may decide, and what approving one would do, in figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from billing.domain.requests import is_within_limit
from billing.models import (
    Bill,
    ChargeLine,
    CorrectionPolicy,
    CorrectionRequest,
    ReductionKind,
    RequestKind,
    UnitChange,
    Waiver,
)
from billing.models.bills import CORRECTION
from billing.models.corrections import WHOLE_BILL
from billing.models.requests import RequestQuerySet
from billing.selectors.discounts import list_shrinking, sum_given_back
from billing.selectors.late_fee_lines import find_charged
from billing.selectors.outstanding import lines_with_outstanding
from core.errors import Problem
from core.figures import format_money
from core.money import ZERO
from core.periods import Period
from estates.models import Community
from users.models import User
from users.roles import Role

LESS = (RequestKind.WAIVER, RequestKind.LESS, RequestKind.WRITE_OFF)


@dataclass(frozen=True)
class LineOutlook:
    """A line and what a request does to it, in yuan: what it asks for and what is open, before and after."""

    line_id: int
    name: str
    period: Period
    charged: Decimal
    settled: Decimal
    asked: Decimal
    charged_after: Decimal
    released: Decimal
    limit: Decimal

    @property
    def open_before(self) -> Decimal:
        """What was left to pay."""
        return self.charged - self.settled

    @property
    def open_after(self) -> Decimal:
        """What is left to pay afterwards."""
        return self.charged_after - self.settled + self.released


@dataclass(frozen=True)
class Outlook:
    """What approving would do: line by line, in sum, and what stands against it.

    `late_fee`: what was charged on a bill that becomes void, in yuan; it goes back with the bill.
    """

    lines: list[LineOutlook]
    measured: Decimal
    problems: list[Problem]
    late_fee: Decimal

    @property
    def released(self) -> Decimal:
        """Money that goes back to the account as prepayment."""
        return sum((line.released for line in self.lines), ZERO)

    @property
    def charged(self) -> Decimal:
        """What the bill asks for now."""
        return sum((line.charged for line in self.lines), ZERO)

    @property
    def charged_after(self) -> Decimal:
        """What the bill, with its correction bill, asks for afterwards."""
        return sum((line.charged_after for line in self.lines), ZERO)

    @property
    def open_before(self) -> Decimal:
        """What is open now."""
        return sum((line.open_before for line in self.lines), ZERO)

    @property
    def open_after(self) -> Decimal:
        """What is open afterwards."""
        return sum((line.open_after for line in self.lines), ZERO)


def foresee(bill: Bill, kind: RequestKind, parts: Mapping[int, Decimal]) -> Outlook:
    """Return what approving such a request would do to the bill as it stands now."""
    rows = lines_with_outstanding(ChargeLine.objects.filter(bill=bill).select_related("fee_item"))
    lines = list(rows.order_by("fee_item__rank", "fee_item", "part"))
    written_off = _sum_written_off(bill) if kind == RequestKind.RECOVERY else {}
    back = _sum_discounts_back(lines, parts) if kind == RequestKind.LESS else {}
    outlook = [
        _foresee_line(line, kind, parts.get(line.pk, ZERO), written_off, back.get(line.pk, ZERO))
        for line in lines
    ]
    problems = [_too_much(line) for line in outlook if line.asked > line.limit]
    if strangers := set(parts) - {line.pk for line in lines}:
        problems.append(
            Problem("billing.line_not_owed", _("A line is not on this bill."), {"line": min(strangers)})
        )
    if kind not in WHOLE_BILL:
        return Outlook(outlook, sum(parts.values(), ZERO), problems, ZERO)
    late_fee = sum(find_charged([line.pk for line in lines]).values(), ZERO)
    return Outlook(outlook, bill.total, problems, late_fee)


def _foresee_line(
    line: ChargeLine, kind: RequestKind, asked: Decimal, written_off: Mapping[int, Decimal], back: Decimal
) -> LineOutlook:
    settled, waived = line.settled, line.waived  # type: ignore[attr-defined]
    charged = line.amount - waived
    if kind in WHOLE_BILL:
        after, limit, released = ZERO, ZERO, settled
    elif kind in LESS:
        after = charged - asked + back
        limit = charged - settled if kind == RequestKind.WRITE_OFF else charged + back
        released = max(ZERO, settled - after)
    else:
        after, released = charged + asked, ZERO
        limit = written_off.get(line.pk, ZERO) if kind == RequestKind.RECOVERY else asked
    return LineOutlook(
        line_id=line.pk,
        name=line.fee_item.name,
        period=Period(line.period_start, line.period_end),
        charged=charged,
        settled=settled,
        asked=asked,
        charged_after=after,
        released=released,
        limit=limit,
    )


def _sum_discounts_back(lines: Iterable[Any], parts: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    """What goes of discounts with lines that turn out to cost less."""
    asks = {line.pk: line.amount - line.waived for line in lines}
    return sum_given_back(list_shrinking(asks, {pk: less for pk, less in parts.items() if pk in asks}))


def _sum_written_off(bill: Bill) -> dict[int, Decimal]:
    rows = Waiver.objects.filter(kind=ReductionKind.WRITE_OFF, line__bill=bill)
    return dict(rows.order_by().values_list("line").annotate(Sum("amount")))


def _too_much(line: LineOutlook) -> Problem:
    message = _("%(name)s: %(asked)s is more than the %(limit)s that are possible.")
    figures = {"name": line.name, "asked": format_money(line.asked), "limit": format_money(line.limit)}
    return Problem("billing.more_than_possible", message % figures, {"line": line.line_id})


# Who may decide -----------------------------------------------------------------------------------------


def get_limits(community: Community) -> dict[str, Decimal | None]:
    """Up to which amount each role approves in a community; None: any amount."""
    stored = CorrectionPolicy.objects.filter(community=community).first()
    policy = stored or CorrectionPolicy(community=community)
    return {
        Role.COMPANY_ADMIN: None,
        Role.MANAGER: Decimal(policy.manager_limit),
        Role.FINANCE: Decimal(policy.finance_limit),
    }


def list_roles(user: User, community: Community) -> list[str]:
    """The roles a person holds in a community, by name or with its whole company."""
    if user.is_superuser:
        return [Role.COMPANY_ADMIN]
    here = Q(community=community) | Q(community=None, company=community.company_id)
    return list(user.memberships.filter(here).values_list("role", flat=True))


def may_decide(user: User, request: CorrectionRequest) -> bool:
    """Whether this person could approve the request: another one, in time, within the limit."""
    if not request.is_waiting or request.requested_by_id == user.pk:
        return False
    roles = list_roles(user, request.community)
    return is_within_limit(request.amount, roles, get_limits(request.community))


# Lists --------------------------------------------------------------------------------------------------


def list_changes(user: User) -> RequestQuerySet[UnitChange]:
    """The changes of units that this person may see, newest first."""
    rows: RequestQuerySet[UnitChange] = UnitChange.objects.visible_to(user)
    return rows.select_related("unit__building", "community__company")


def list_requests(user: User) -> RequestQuerySet[CorrectionRequest]:
    """The requests this person may see, the newest first, with what a list shows."""
    rows: RequestQuerySet[CorrectionRequest] = CorrectionRequest.objects.visible_to(user)
    return rows.select_related("community", "bill__account__unit__building", "requested_by", "decided_by")


def count_to_decide(user: User) -> int:
    """How many requests wait for a decision that this person may take part in: other people's."""
    return CorrectionRequest.objects.visible_to(user).waiting().exclude(requested_by=user).count()


def list_effects(request: CorrectionRequest) -> tuple[list[Waiver], list[Bill]]:
    """What an approved request wrote: reductions (and reversals), and correction bills."""
    reductions = Waiver.objects.filter(
        Q(source=request.source) | Q(source__startswith=f"{request.source}:")
    ).select_related("line__fee_item")
    bills = Bill.objects.filter(account=request.bill.account_id, schedule=CORRECTION)
    more = bills.filter(lines__inputs__deed=request.source).distinct().order_by("pk")
    return list(reductions.order_by("pk")), list(more)
