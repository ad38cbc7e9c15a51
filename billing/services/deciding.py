"""Deciding a request: another person than the one who asked, within a limit, once (S-19).

The service of one kind of request locks its row, checks the decision here, does what was asked for and writes the
decision here, all in one transaction. So two approvals at once are one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from billing.domain.requests import RequestDecidedError, is_within_limit, next_request_state
from billing.models.requests import LimitedRequest, Request
from billing.selectors.requests import get_limits, list_roles
from billing.services.approval import refuse_same_person
from core.errors import ConflictError
from users.models import User

Decided = TypeVar("Decided", bound=Request)


class OverLimitError(ConflictError):
    """The amount is beyond what this person may approve."""

    code = "billing.over_limit"
    message = _("This is more than you may approve. Somebody with a higher limit decides.")


class NotYoursError(ConflictError):
    """Only who asked may take a request back."""

    code = "billing.not_yours"
    message = _("Only the person who asked can take this back.")


def check_decision(request: Request, by: Any) -> None:
    """Refuse a second decision, and one by who asked. Raises RequestDecidedError, SamePersonError."""
    _refuse_decided(request)
    refuse_same_person(request.requested_by, by)


def check_approval(request: LimitedRequest, by: User) -> None:
    """Refuse an approval that is not this person's to give.

    Raises RequestDecidedError, SamePersonError, OverLimitError.
    """
    check_decision(request, by)
    community = request.community  # type: ignore[attr-defined]  # every kind of request has one
    if not is_within_limit(request.amount, list_roles(by, community), get_limits(community)):
        raise OverLimitError()


def check_withdrawal(request: LimitedRequest, by: User) -> None:
    """Let only who asked take a request back, before it is decided. Raises NotYoursError, RequestDecidedError."""
    if request.requested_by_id != by.pk:
        raise NotYoursError()
    _refuse_decided(request)


def _refuse_decided(request: Request) -> None:
    if not request.is_waiting:
        raise RequestDecidedError(_("This has been decided already."))


def write_decision(request: Decided, step: str, *, by: User | str, now: datetime, **noted: Any) -> Decided:
    """Write what was decided, by whom (as the kind of request keeps people) and what else it notes of a decision.

    The caller records the audit.
    """
    state = next_request_state(request.state, step)
    decision = {"state": state, "decided_by": by, "decided_at": now, **noted}
    for name, value in decision.items():
        setattr(request, name, value)
    request.save(update_fields=list(decision))
    return request
