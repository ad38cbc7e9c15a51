"""The way of a vacancy: somebody applies, somebody looks, a second person decides, and use ends it (§4.7).

What a decision and an end do to bills is billing's (`billing.services.vacancies`), which calls these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.calendars import day_of
from core.errors import ConflictError, InvalidError
from core.events import publish
from core.logs import mask_text
from core.reasons import require_reason
from estates.domain.vacancy import Offer, next_state
from estates.models import EndCause, EntitlementState, Meter, Unit, VacancyEntitlement, VacancyPhoto
from estates.models.vacancies import OPEN
from estates.services.recording import Taken, record_reading
from estates.services.unit_facts import VacancyOverlapsError

SOURCE = "vacancy"


class AppliedAlreadyError(ConflictError):
    """One application of a unit waits at a time."""

    code = "vacancy_applied"
    message = _("An application for this unit waits already.")


class NotEmptyYetError(InvalidError):
    """A unit cannot be empty from a day to come."""

    code = "vacancy_not_yet"
    message = _("Say since when the unit has been empty; the day cannot be later than today.")


@dataclass(frozen=True)
class Inspection:
    """What somebody found in a unit: the day, in words, what its meters showed by their ids, and photos."""

    on: date
    findings: str
    readings: Mapping[int, Decimal] = field(default_factory=dict)
    photos: Sequence[File] = ()


@transaction.atomic
def apply_for_vacancy(
    *, unit: Unit, empty_since: date, reason: str, offer: Offer, by: Any, now: datetime, applicant: str = ""
) -> VacancyEntitlement:
    """Record an application for vacancy, with the share that would be due if it were approved.

    ``applicant`` is how pages name who applied where it was not staff: never by a whole telephone number.

    Raises NotEmptyYetError, AppliedAlreadyError.
    """
    if empty_since > day_of(now):
        raise NotEmptyYetError()
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if VacancyEntitlement.objects.filter(unit=unit, state__in=OPEN).exists():
        raise AppliedAlreadyError()
    vacancy = VacancyEntitlement.objects.create(
        unit=unit,
        empty_since=empty_since,
        start=offer.start,
        share=offer.share,
        reason=reason,
        recorded_by=mask_text(applicant or str(by)),
        recorded_at=now,
    )
    _audit("apply_for_vacancy", vacancy, by, {"empty_since": empty_since}, reason)
    return vacancy


@transaction.atomic
def inspect_vacancy(
    *, vacancy: VacancyEntitlement, inspection: Inspection, by: Any, now: datetime
) -> VacancyEntitlement:
    """Write down what somebody found; the meters' values become readings of that day.

    Raises VacancyStepError, and what `record_reading` raises.
    """
    vacancy = lock_vacancy(vacancy)
    state = next_state(vacancy.state, "inspect")
    _read_meters(vacancy, inspection, by, now)
    for photo in inspection.photos:
        VacancyPhoto.objects.create(vacancy=vacancy, photo=photo)
    vacancy.inspected_by, vacancy.inspected_on = str(by), inspection.on
    vacancy.findings, vacancy.state = inspection.findings, EntitlementState(state)
    vacancy.save(update_fields=["inspected_by", "inspected_on", "findings", "state"])
    facts = {"on": inspection.on, "photos": len(inspection.photos), "readings": len(inspection.readings)}
    _audit("inspect_vacancy", vacancy, by, facts, inspection.findings[:200])
    return vacancy


def _read_meters(vacancy: VacancyEntitlement, inspection: Inspection, by: Any, now: datetime) -> None:
    meters = Meter.objects.filter(unit=vacancy.unit_id, pk__in=inspection.readings).select_related(
        "community"
    )
    taken = Taken(by=by, now=now, source=SOURCE, reader=str(by)[:50])
    for meter in meters.order_by("pk"):
        value = inspection.readings[meter.pk]
        record_reading(meter=meter, on=inspection.on, value=value, taken=taken, confirmed=True)


@transaction.atomic
def grant_application(
    *, vacancy: VacancyEntitlement, offer: Offer, reason: str, by: Any, now: datetime
) -> VacancyEntitlement:
    """Make an inspected application an entitlement from the offer's day on, with the texts it rests on.

    Raises VacancyStepError, VacancyOverlapsError.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=vacancy.unit_id)
    vacancy = lock_vacancy(vacancy)
    state = next_state(vacancy.state, "approve")
    others = VacancyEntitlement.objects.granted().filter(unit=vacancy.unit_id)
    if others.overlapping(offer.start, date.max).exists():
        raise VacancyOverlapsError()
    vacancy.start, vacancy.share, vacancy.articles = offer.start, offer.share, " · ".join(offer.articles)
    vacancy.save(update_fields=["start", "share", "articles"])
    return _decide(vacancy, state, reason, by, now)


@transaction.atomic
def refuse_vacancy(*, vacancy: VacancyEntitlement, reason: str, by: Any, now: datetime) -> VacancyEntitlement:
    """Say no, and why; the full fee stays due. Raises VacancyStepError, ReasonMissingError."""
    reason = require_reason(reason)
    vacancy = lock_vacancy(vacancy)
    return _decide(vacancy, next_state(vacancy.state, "refuse"), reason, by, now)


@transaction.atomic
def end_vacancy(
    *,
    vacancy: VacancyEntitlement,
    first_used: date,
    cause: EndCause,
    by: Any,
    now: datetime,
    reading_id: int | None = None,
    because: str = "",
) -> VacancyEntitlement:
    """End a vacancy from the first day of use on; what shows it is kept. Raises VacancyStepError."""
    vacancy = lock_vacancy(vacancy)
    vacancy.state = EntitlementState(next_state(vacancy.state, "end"))
    vacancy.end = max(first_used, vacancy.start)
    vacancy.end_cause, vacancy.end_reading_id, vacancy.ended_because = cause, reading_id, because
    vacancy.ended_at = now
    vacancy.save(
        update_fields=["state", "end", "end_cause", "end_reading", "ended_because", "ended_at"]
    )  # fmt: skip
    _audit("end_vacancy", vacancy, by, {"end": vacancy.end, "cause": cause}, because)
    publish("estates.vacancy_decided", vacancy_id=vacancy.pk)
    return vacancy


@transaction.atomic
def note_seen(*, vacancy: VacancyEntitlement, by: Any, now: datetime) -> None:
    """Take a vacancy that use has ended off the work list; who looked first stays."""
    seen = VacancyEntitlement.objects.filter(pk=vacancy.pk, seen_at=None)
    if seen.update(seen_by=str(by), seen_at=now):
        _audit("see_vacancy", vacancy, by, {}, "")


def lock_vacancy(vacancy: VacancyEntitlement) -> VacancyEntitlement:
    """Return the row as it is now, and keep others from deciding it until the transaction ends."""
    rows = VacancyEntitlement.objects.select_for_update(of=("self",)).select_related("unit__community")
    return rows.get(pk=vacancy.pk)


def _decide(
    vacancy: VacancyEntitlement, state: str, reason: str, by: Any, now: datetime
) -> VacancyEntitlement:
    vacancy.state, vacancy.decision = EntitlementState(state), reason
    vacancy.decided_by, vacancy.decided_at = str(by), now
    vacancy.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    _audit(f"vacancy_{state}", vacancy, by, {"from": vacancy.start, "share": vacancy.share}, reason)
    publish("estates.vacancy_decided", vacancy_id=vacancy.pk)
    return vacancy


def _audit(action: str, vacancy: VacancyEntitlement, by: Any, after: Mapping[str, Any], reason: str) -> None:
    audit.record(
        action=f"estates.{action}",
        target=vacancy,
        by=by,
        community_id=vacancy.unit.community_id,
        after=dict(after),
        reason=reason,
    )
