"""Writes dated facts of units: a measured area, a vacancy that was approved. Billing reads them by their days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError
from estates.models import EntitlementState, Unit, UnitArea, VacancyEntitlement
from estates.selectors import find_area

DAY = timedelta(days=1)


class VacancyOverlapsError(ConflictError):
    """A unit has one vacancy at a time."""

    code = "vacancy_overlaps"
    message = _("The unit has another approved vacancy on some of these days.")


@transaction.atomic
def record_area(
    *,
    unit: Unit,
    first_day: date,
    last_day: date | None,
    area_m2: Decimal,
    reason: str,
    by: Any,
    approved_by: Any,
    now: datetime,
) -> str:
    """Write down what a unit measures from a day on; with ``last_day`` the area before holds again after it.

    Returns ``created``, ``updated`` (another area had been written for that day) or ``unchanged``.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    held = dict(UnitArea.objects.filter(unit=unit).values_list("start", "area_m2"))
    wanted = {first_day: area_m2, **_find_area_after(unit, last_day, held)}
    changed = {start: area for start, area in wanted.items() if held.get(start) != area}
    for start, area in changed.items():
        written = {"area_m2": area, "reason": reason, "recorded_at": now}
        people = {"recorded_by": str(by), "approved_by": str(approved_by)}
        UnitArea.objects.update_or_create(unit=unit, start=start, defaults={**written, **people})
    if not changed:
        return "unchanged"
    _audit(
        "estates.record_area",
        unit,
        by,
        {"area_m2": {str(day): area for day, area in changed.items()}, "approved_by": str(approved_by)},
        reason,
    )
    return "updated" if changed.keys() & held.keys() else "created"


def _find_area_after(
    unit: Unit, last_day: date | None, held: Mapping[date, Decimal]
) -> Mapping[date, Decimal]:
    """The area that holds again after the last day, by its first day; none where nobody knows it, or one is written."""
    if last_day is None or last_day + DAY in held:
        return {}
    before = find_area(unit, last_day + DAY)
    return {last_day + DAY: before} if before else {}


@transaction.atomic
def grant_vacancy(
    *,
    unit: Unit,
    first_day: date,
    last_day: date | None,
    share: Decimal,
    reason: str,
    by: Any,
    approved_by: Any,
    now: datetime,
) -> str:
    """Entitle a unit to owe a share of its fees while it stands empty. Returns ``created`` or ``unchanged``.

    Raises VacancyOverlapsError.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    end = last_day and last_day + DAY
    granted = VacancyEntitlement.objects.granted().filter(unit=unit)
    if granted.filter(start=first_day, end=end, share=share).exists():
        return "unchanged"
    if granted.overlapping(first_day, end or date.max).exists():
        raise VacancyOverlapsError()
    VacancyEntitlement.objects.create(
        unit=unit,
        start=first_day,
        end=end,
        share=share,
        state=EntitlementState.APPROVED,
        reason=reason,
        recorded_by=str(by),
        recorded_at=now,
        decided_by=str(approved_by),
        decided_at=now,
    )
    facts = {"share": share, "from": first_day, "to": last_day, "approved_by": str(approved_by)}
    _audit("estates.grant_vacancy", unit, by, facts, reason)
    return "created"


def _audit(action: str, unit: Unit, by: Any, after: dict[str, Any], reason: str) -> None:
    audit.record(
        action=action, target=unit, by=by, community_id=unit.community_id, after=after, reason=reason
    )
