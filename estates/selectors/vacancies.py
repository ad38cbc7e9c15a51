"""Reads of vacancies: what a community grants, what stands where, which meters speak, and signs of use (§4.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet

from core.errors import NotFoundError
from estates.domain.counting import Shown, use_between
from estates.domain.vacancy import shows_use
from estates.models import (
    Community,
    EndCause,
    EntitlementState,
    HandOver,
    Meter,
    Occupancy,
    OccupancyRole,
    Reading,
    Unit,
    VacancyEntitlement,
    VacancyPhoto,
    VacancyPolicy,
)
from estates.models.vacancies import OPEN
from estates.selectors.meters import list_histories


@dataclass(frozen=True)
class Use:
    """A sign that an empty unit is used: what it is, from which day, and the reading if one shows it."""

    vacancy: VacancyEntitlement
    on: date
    cause: EndCause
    reading_id: int | None = None


@dataclass(frozen=True)
class Counted:
    """What a meter of a unit counted between two readings; ``is_use``: more than an empty unit may use."""

    meter: Meter
    since: date
    until: date
    value: Decimal
    use: Decimal
    is_use: bool


def get_policy(community: Community, day: date) -> VacancyPolicy:
    """Return what a community grants on a day; one that grants nothing of its own where none was set."""
    found = VacancyPolicy.objects.filter(community=community).on(day).first()
    return found or VacancyPolicy(community=community, start=day)


def list_vacancies(user: Any) -> QuerySet[VacancyEntitlement]:
    """Return the vacancies in a person's scope with their units at hand."""
    rows: QuerySet[VacancyEntitlement] = VacancyEntitlement.objects.visible_to(user)
    return rows.select_related("unit__building", "unit__community").order_by("-recorded_at", "-pk")


def get_visible_vacancy(user: Any, pk: int) -> VacancyEntitlement:
    """Return a vacancy when the person may see it. Raises NotFoundError."""
    vacancy = list_vacancies(user).filter(pk=pk).first()
    if vacancy is None:
        raise NotFoundError
    return vacancy


def list_to_look_at(user: Any) -> QuerySet[VacancyEntitlement]:
    """Return what waits for somebody: applications, and vacancies that use has ended."""
    waiting = VacancyEntitlement.objects.open().values("pk")
    ended = VacancyEntitlement.objects.unseen().values("pk")
    return list_vacancies(user).filter(Q(pk__in=waiting) | Q(pk__in=ended))


def list_running(user: Any, day: date) -> QuerySet[VacancyEntitlement]:
    """Return the approved vacancies in a person's scope that have not come to their end by a day."""
    return list_vacancies(user).filter(_is_running(day))


def list_over(user: Any, day: date) -> QuerySet[VacancyEntitlement]:
    """Return the vacancies in a person's scope that were refused or have come to their end by a day."""
    return list_vacancies(user).exclude(_is_running(day)).exclude(state__in=OPEN)


def _is_running(day: date) -> Q:
    return Q(state=EntitlementState.APPROVED) & (Q(end=None) | Q(end__gt=day))


def is_unseen(vacancy: VacancyEntitlement) -> bool:
    """Whether use has ended the vacancy and nobody has looked at it yet."""
    return VacancyEntitlement.objects.unseen().filter(pk=vacancy.pk).exists()


def list_photos(user: Any) -> QuerySet[VacancyPhoto]:
    """Return the photos of inspections in a person's scope that are kept."""
    photos: QuerySet[VacancyPhoto] = VacancyPhoto.objects.visible_to(user)
    return photos.exclude(photo="")


def list_unit_meters(unit: Unit) -> list[Meter]:
    """Return the meters of a unit that somebody reads."""
    meters = Meter.objects.filter(unit=unit, is_prepaid=False, retired_on=None)
    return list(meters.select_related("community").order_by("kind", "code"))


def list_counted(unit: Unit, since: date, until: date) -> list[Counted]:
    """Return what the meters of a unit counted from reading to reading, newest first, as far as it touches the days."""
    steps = _list_steps(list_unit_meters(unit))
    within = (step for step in steps if since < step[2].on <= until)
    found = [
        Counted(
            meter,
            before.on,
            after.on,
            after.value,
            use_between(before, after),
            _is_use(unit, meter, before, after),
        )
        for meter, before, after in within
    ]
    return sorted(found, key=lambda row: row.until, reverse=True)


def list_uses(community: Community, as_of: date) -> list[Use]:
    """Return the first sign of use of each running vacancy of a community up to a day; none for those without."""
    running = VacancyEntitlement.objects.running().filter(unit__community=community).on(as_of)
    rows = list(running.select_related("unit__community").order_by("pk"))
    found = (min(_signs(row, as_of), key=lambda use: use.on, default=None) for row in rows)
    return [use for use in found if use]


def _signs(vacancy: VacancyEntitlement, as_of: date) -> Iterator[Use]:
    yield from _ties(vacancy, as_of)
    handed_over = HandOver.objects.filter(unit=vacancy.unit_id, on__gt=vacancy.start, on__lte=as_of).first()
    if handed_over:
        yield Use(vacancy, handed_over.on, EndCause.HAND_OVER)
    yield from _readings(vacancy, as_of)


def _ties(vacancy: VacancyEntitlement, as_of: date) -> Iterator[Use]:
    """Return occupancies that began after the first day: a new owner or a new resident."""
    came = Occupancy.objects.filter(unit=vacancy.unit_id, start__gt=vacancy.start, start__lte=as_of)
    for tie in came:
        is_owner = tie.role == OccupancyRole.OWNER
        yield Use(vacancy, tie.start, EndCause.TRANSFER if is_owner else EndCause.MOVE_IN)


def _readings(vacancy: VacancyEntitlement, as_of: date) -> Iterator[Use]:
    """Readings that show more than an empty unit uses; one whose days began before the vacancy says nothing of it."""
    unit = vacancy.unit
    for meter, before, after in _list_steps(list_unit_meters(unit)):
        if before.on >= vacancy.start and after.on <= as_of and _is_use(unit, meter, before, after):
            reading = Reading.objects.get(meter=meter, read_on=after.on)
            yield Use(vacancy, after.on, EndCause.READING, reading.pk)


def _list_steps(meters: Sequence[Meter]) -> Iterator[tuple[Meter, Shown, Shown]]:
    """Each meter with its readings two by two; an estimate is nobody's word for use."""
    histories = list_histories([meter.pk for meter in meters]) if meters else {}
    for meter in meters:
        real = [shown for shown in histories.get(meter.pk, ()) if not shown.is_estimate]
        for before, after in pairwise(real):
            yield meter, before, after


def _is_use(unit: Unit, meter: Meter, before: Shown, after: Shown) -> bool:
    most = get_policy(unit.community, after.on).most_of(meter.kind)
    return most is not None and shows_use(use_between(before, after), (after.on - before.on).days, most)
