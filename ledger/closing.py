"""Closing the books through a day (B12): asked first whether anything stands against it, then for good.

Apps register what they would say against closing a month:

    @closing_check("billing.drafts")
    def drafts(scope: ClosingScope) -> Iterator[Problem]: ...

A problem that blocks must be settled first; one that does not is shown to whoever closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError, InvalidError, Problem
from core.invariants import check_all
from estates.models import Community, Company
from ledger.models import ClosedPeriod


class NotOverError(InvalidError):
    """The last day to be closed is not over yet."""

    code = "ledger.not_over"
    message = _("Only days that are over can be closed.")


class AlreadyClosedError(ConflictError):
    """The books are closed through that day, or a later one."""

    code = "ledger.already_closed"
    message = _("The books are closed through that day already.")


class NotReadyToCloseError(ConflictError):
    """Something must be settled first. ``problems`` says what."""

    code = "ledger.not_ready_to_close"
    message = _("Something must be settled before the month can be closed.")


@dataclass(frozen=True)
class ClosingScope:
    """What is to be closed: the communities, through the day, as of today."""

    community_ids: frozenset[int]
    through: date
    as_of: date


ClosingCheck = Callable[[ClosingScope], Iterable[Problem]]

_checks: dict[str, ClosingCheck] = {}


def closing_check(name: str) -> Callable[[ClosingCheck], ClosingCheck]:
    """Register what an app says against closing; named app.rule."""

    def register(check: ClosingCheck) -> ClosingCheck:
        _checks[name] = check
        return check

    return register


@closing_check("ledger.books")
def books_in_order(scope: ClosingScope) -> Iterator[Problem]:
    """The books must be right before they are closed: every invariant, as of the last day."""
    yield from check_all(scope.through)


def list_objections(
    *, company: Company, community: Community | None, through: date, as_of: date
) -> list[Problem]:
    """Return what stands against closing, what blocks first."""
    communities = Community.objects.filter(company=company)
    if community is not None:
        communities = communities.filter(pk=community.pk)
    scope = ClosingScope(frozenset(communities.values_list("pk", flat=True)), through, as_of)
    found = [problem for name in sorted(_checks) for problem in _checks[name](scope)]
    return sorted(found, key=lambda problem: not problem.blocks)


@transaction.atomic
def close_period(
    *, company: Company, community: Community | None, through: date, by: Any, now: datetime, as_of: date
) -> ClosedPeriod:
    """Close the books of a company, or of one community, through a day; nothing opens them again.

    Waits for whoever is posting; whoever posts afterwards is refused by the database.

    Raises NotOverError, AlreadyClosedError, NotReadyToCloseError.
    """
    if through >= as_of:
        raise NotOverError()
    closed = ClosedPeriod.objects.filter(Q(community=None) | Q(community=community), company=company)
    if closed.filter(through__gte=through).exists():
        raise AlreadyClosedError()
    period = ClosedPeriod.objects.create(
        company=company, community=community, through=through, closed_by=str(by), closed_at=now
    )
    objections = list_objections(company=company, community=community, through=through, as_of=as_of)
    if blocking := [problem for problem in objections if problem.blocks]:
        raise NotReadyToCloseError(problems=blocking)
    audit.record(
        action="ledger.close_period",
        target=period,
        by=by,
        community_id=community.pk if community else None,
        after={"through": through, "remarks": [problem.message for problem in objections]},
    )
    return period
