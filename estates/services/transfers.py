"""A unit changes hands: the ties of the old owner end, those of the new one begin (A4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError
from estates.models import Occupancy, OccupancyRole, Person, Unit

LEAVING = (OccupancyRole.OWNER, OccupancyRole.FAMILY, OccupancyRole.TEMPORARY)


class NothingToTransferError(ConflictError):
    """Nobody holds the unit on the day before, so there is nobody to take it over from."""

    code = "no_owner_before"
    message = _("Nobody owns the unit on the day before. Import the owner with the roster first.")


class LaterOwnerError(ConflictError):
    """Somebody's ownership begins on the day or after it."""

    code = "later_owner"
    message = _("The register has an owner who begins on that day or later. Transfers go forward in time.")


@dataclass(frozen=True)
class Transfer:
    """Who left and who came; ``fate``: created, or unchanged when it had been written before."""

    fate: str
    old: tuple[Person, ...]
    new: Person


@transaction.atomic
def change_owner(*, unit: Unit, first_day: date, name: str, phone: str, reason: str, by: Any) -> Transfer:
    """Let a unit belong to a new owner from ``first_day`` on, who pays unless a tenant does.

    Tenants stay; owners and their families leave. The same transfer twice changes nothing.

    Raises NothingToTransferError, LaterOwnerError.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    owners = Occupancy.objects.filter(unit=unit, role=OccupancyRole.OWNER).select_related("person")
    same = owners.filter(start=first_day, person__name=name, person__phone=phone).first()
    if same:
        return Transfer("unchanged", (), same.person)
    leaving = list(owners.overlapping(first_day, date.max))
    if any(tie.start >= first_day for tie in leaving):
        raise LaterOwnerError()
    if not leaving:
        raise NothingToTransferError()
    person = _find_or_create_person(unit, name, phone, reason)
    pays = _end_ties(unit, first_day)
    Occupancy.objects.create(
        unit=unit, person=person, role=OccupancyRole.OWNER, is_payer=pays, start=first_day
    )
    old = tuple(tie.person for tie in leaving)
    audit.record(
        action="estates.change_owner",
        target=unit,
        by=by,
        community_id=unit.community_id,
        before={"owners": [person.name for person in old]},
        after={"owner": name, "from": first_day},
        reason=reason,
    )
    return Transfer("created", old, person)


def _find_or_create_person(unit: Unit, name: str, phone: str, reason: str) -> Person:
    """A name with a phone is one person in all communities of a company; without a phone it is somebody new."""
    company = unit.community.company_id
    found = Person.objects.filter(company=company, name=name, phone=phone).first() if phone else None
    return found or Person.objects.create(
        company_id=company, name=name, phone=phone, contact_source=reason[:50] if phone else ""
    )


def _end_ties(unit: Unit, first_day: date) -> bool:
    """End what the old owner's household has; return whether the new owner is the payer.

    Where nobody was marked as payer, the first owner paid: now that there are two, both are marked, each for
    their days.
    """
    ties = Occupancy.objects.filter(unit=unit)
    tenant_pays = ties.filter(role=OccupancyRole.TENANT, is_payer=True).overlapping(first_day, date.max)
    if tenant_pays.exists():
        ties.filter(role__in=LEAVING).overlapping(first_day, date.max).update(end=first_day)
        return False
    if not ties.filter(is_payer=True).exists():
        first = ties.filter(role=OccupancyRole.OWNER).order_by("start", "pk")[:1]
        ties.filter(pk__in=first.values("pk")).update(is_payer=True)
    ties.filter(role__in=LEAVING).overlapping(first_day, date.max).update(end=first_day)
    return True
