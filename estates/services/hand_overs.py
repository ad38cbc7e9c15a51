"""A unit is handed over to its owner, or refused without reason, which counts as handed over (丽水 art. 35)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import InvalidError
from estates.models import HandOver, Unit, UnitState


class RefusalWithoutReasonError(InvalidError):
    """Who says that an owner refused must say why that counts as handed over."""

    code = "refusal_without_reason"
    message = _(
        "Say why the refusal counts as a hand-over: what was offered, when, and how the owner was told."
    )


@transaction.atomic
def record_hand_over(
    *, unit: Unit, on: date, was_refused: bool = False, reason: str = "", by: Any, now: datetime
) -> HandOver:
    """Write down that a unit was handed over on a day; from then on, or from the next month, its owner pays.

    Which of the two is the city's rule (``estates.domain.city_packs``). Written again, it replaces the day.

    Raises RefusalWithoutReasonError.
    """
    if was_refused and not reason.strip():
        raise RefusalWithoutReasonError()
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    before = {"handed_over_on": unit.handed_over_on, "state": unit.state}
    facts = {"on": on, "was_refused": was_refused, "reason": reason}
    row, _is_new = HandOver.objects.update_or_create(
        unit=unit, defaults={**facts, "recorded_by": str(by), "recorded_at": now}
    )
    unit.handed_over_on = on
    if unit.is_developers:
        unit.state = UnitState.VACANT
    unit.save(update_fields=["handed_over_on", "state"])
    audit.record(
        action="estates.record_hand_over",
        target=unit,
        by=by,
        community_id=unit.community_id,
        before=before,
        after={**facts, "state": unit.state},
        reason=reason,
    )
    return row
