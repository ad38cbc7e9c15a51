"""Asking for a change of what is owed, and deciding it: two people, a limit, one effect (B9, S-19).

Deciding locks the request, then does everything it asks for in the same transaction and under its name
(``request:7``), so that two approvals at once are one. Refusing and withdrawing only end it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import (
    Bill,
    BillState,
    CorrectionPart,
    CorrectionRequest,
    ReductionKind,
    RequestKind,
)
from billing.models.corrections import WHOLE_BILL
from billing.selectors.requests import Outlook, foresee
from billing.services.approval import Approval
from billing.services.attachments import KeptFile
from billing.services.corrections import correct_lines
from billing.services.deciding import (
    check_approval,
    check_decision,
    check_withdrawal,
    write_decision,
)
from billing.services.recovery import recover
from billing.services.reductions import reduce_lines
from billing.services.replacing import replace_bill, take_bill_back
from core import audit
from core.errors import ConflictError, InvalidError
from core.events import publish
from core.failpoints import failpoint
from core.reasons import require_reason
from users.models import User


class NothingAskedError(InvalidError):
    """A request about lines names none, or an amount that is not above zero."""

    code = "billing.nothing_asked"
    message = _("Please give an amount for at least one line.")


class NotPossibleError(ConflictError):
    """The bill does not allow what is asked. ``problems`` says where."""

    code = "billing.request_not_possible"
    message = _("The bill does not allow this.")


@dataclass(frozen=True)
class Wish:
    """What is asked of a bill: amounts by line, in yuan, for kinds that are about lines; else none."""

    kind: RequestKind
    reason: str
    parts: Mapping[int, Decimal]
    attachment: KeptFile | None = None


@transaction.atomic
def open_request(*, bill: Bill, wish: Wish, by: User, now: datetime) -> CorrectionRequest:
    """Record a request; nothing changes until another person has approved it.

    Raises ReasonMissingError, NothingAskedError, NotPossibleError.
    """
    reason = require_reason(wish.reason)
    _refuse_odd_amounts(wish)
    outlook = foresee(bill, wish.kind, wish.parts)
    _refuse_impossible(bill, outlook)
    request = CorrectionRequest.objects.create(
        community_id=bill.community_id,
        bill=bill,
        kind=wish.kind,
        amount=outlook.measured,
        reason=reason,
        attachment=wish.attachment.path if wish.attachment else "",
        attachment_name=wish.attachment.name if wish.attachment else "",
        requested_by=by,
        requested_at=now,
    )
    CorrectionPart.objects.bulk_create(
        CorrectionPart(request=request, line_id=line_id, amount=amount)
        for line_id, amount in wish.parts.items()
    )
    _audit("billing.request_correction", request, by, request.reason)
    return request


@transaction.atomic
def approve_request(
    *, request: CorrectionRequest, by: User, day: date, now: datetime, note: str = ""
) -> CorrectionRequest:
    """Approve a request and do what it asks for, dated ``day``: all of it or none.

    Raises SamePersonError, OverLimitError, RequestDecidedError, NotPossibleError, PeriodClosedError and what the
    acts themselves refuse.
    """
    request = _lock(request)
    check_approval(request, by)
    failpoint("billing.request.looked")
    parts = dict(request.parts.order_by("line").values_list("line", "amount"))
    _refuse_impossible(request.bill, foresee(request.bill, RequestKind(request.kind), parts))
    approval = Approval(
        request.source, request.reason, request.requested_by.get_username(), by.get_username(), day, now
    )
    ACTS[RequestKind(request.kind)](request.bill, parts, approval)
    return _announce(write_decision(request, "approve", by=by, now=now, note=note, booked_on=day), by)


@transaction.atomic
def refuse_request(*, request: CorrectionRequest, by: User, now: datetime, note: str) -> CorrectionRequest:
    """Refuse a request, with a reason. Raises ReasonMissingError, SamePersonError, RequestDecidedError."""
    note = require_reason(note)
    request = _lock(request)
    check_decision(request, by)
    return _announce(write_decision(request, "refuse", by=by, now=now, note=note), by)


@transaction.atomic
def withdraw_request(*, request: CorrectionRequest, by: User, now: datetime) -> CorrectionRequest:
    """Take one's own request back before it is decided. Raises NotYoursError, RequestDecidedError."""
    request = _lock(request)
    check_withdrawal(request, by)
    return _announce(write_decision(request, "withdraw", by=by, now=now), by)


# What approving does ------------------------------------------------------------------------------------

Act = Callable[[Bill, Mapping[int, Decimal], Approval], object]


def _reduce(kind: ReductionKind) -> Act:
    return lambda bill, parts, approval: reduce_lines(amounts=parts, kind=kind, approval=approval)


ACTS: Mapping[RequestKind, Act] = {
    RequestKind.WAIVER: _reduce(ReductionKind.WAIVER),
    RequestKind.LESS: _reduce(ReductionKind.CORRECTION),
    RequestKind.MORE: lambda bill, parts, approval: correct_lines(changes=parts, approval=approval),
    RequestKind.WRITE_OFF: _reduce(ReductionKind.WRITE_OFF),
    RequestKind.RECOVERY: lambda bill, parts, approval: recover(amounts=parts, approval=approval),
    RequestKind.VOID: lambda bill, parts, approval: take_bill_back(bill=bill, approval=approval),
    RequestKind.REISSUE: lambda bill, parts, approval: replace_bill(bill=bill, approval=approval),
}


# Parts --------------------------------------------------------------------------------------------------


def _refuse_odd_amounts(wish: Wish) -> None:
    has_parts = bool(wish.parts) and all(amount > 0 for amount in wish.parts.values())
    if has_parts == (wish.kind in WHOLE_BILL):
        raise NothingAskedError()


def _refuse_impossible(bill: Bill, outlook: Outlook) -> None:
    if bill.state != BillState.ISSUED or outlook.problems:
        raise NotPossibleError(problems=outlook.problems)


def _lock(request: CorrectionRequest) -> CorrectionRequest:
    locked = CorrectionRequest.objects.select_for_update(of=("self",))
    found: CorrectionRequest = locked.select_related("bill__community", "community", "requested_by").get(
        pk=request.pk
    )
    return found


def _announce(request: CorrectionRequest, by: User) -> CorrectionRequest:
    """Record a decision in the audit trail and tell who waits for it."""
    _audit(f"billing.{request.state}_correction", request, by, request.note or request.reason)
    publish("billing.request_decided", request_id=request.pk)
    return request


def _audit(action: str, request: CorrectionRequest, by: User, reason: str) -> None:
    audit.record(
        action=action,
        target=request,
        by=by,
        community_id=request.community_id,
        after={
            "bill": request.bill.number,
            "kind": request.kind,
            "amount": request.amount,
            "lines": dict(request.parts.order_by("line").values_list("line", "amount")),
        },
        reason=reason,
    )
