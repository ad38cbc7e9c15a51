"""A hand-over and the bills it changes: written down at once, or by two people where days were billed already (A2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import UnitChange
from billing.models.changes import ChangeKind
from billing.selectors.hand_over import find_moved, find_waiting_hand_over, is_billed_since
from billing.services.changes import request_change
from core.errors import ConflictError
from core.failpoints import failpoint
from core.figures import format_date
from estates.models import Unit
from estates.services.hand_overs import RefusalWithoutReasonError, record_hand_over


class HandOverWaitsError(ConflictError):
    """One hand-over of a unit waits at a time."""

    code = "billing.hand_over_waits"
    message = gettext_lazy("A hand-over of this unit waits for a second person already.")


@transaction.atomic
def hand_over(
    *, unit: Unit, on: date, was_refused: bool = False, reason: str = "", by: Any, now: datetime
) -> UnitChange | None:
    """Write down that a unit was handed over on a day, or refused with a reason that makes it count.

    Where days were billed that would be somebody else's to pay, nothing is written: the change that waits for a second
    person is returned, and approving it puts the bills of developer and owner right. The unit is locked, so that of two
    hand-overs in the same instant the second finds the first.

    Raises RefusalWithoutReasonError, HandOverWaitsError.
    """
    if was_refused and not reason.strip():
        raise RefusalWithoutReasonError()
    unit = (
        Unit.objects.select_for_update(of=("self",), no_key=True).select_related("community").get(pk=unit.pk)
    )
    since = find_moved(unit, on)
    if since is None or not is_billed_since(unit, since):
        record_hand_over(unit=unit, on=on, was_refused=was_refused, reason=reason, by=by, now=now)
        return None
    if find_waiting_hand_over(unit):
        raise HandOverWaitsError()
    failpoint("billing.hand_over.looked")
    change = UnitChange(
        community=unit.community,
        unit=unit,
        kind=ChangeKind.HAND_OVER,
        first_day=on,
        was_refused=was_refused,
        reason=reason.strip() or _tell(on),
    )
    return request_change(change=change, by=by, now=now)


def _tell(on: date) -> str:
    """Return the reason, in the installation's language, that is printed with the correction."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("Handed over on %(day)s") % {"day": format_date(on)}
