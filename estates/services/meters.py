"""Acts on the instrument: another one in its place, a fault and its end, the meter it is fed through.

Each locks the readings of the community, judges with `estates.domain`, writes one row and an audit record.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError, InvalidError
from estates.domain.counting import Swap
from estates.domain.judging import judge
from estates.domain.tree import is_above
from estates.models import (
    FaultKind,
    Meter,
    MeterFault,
    Reading,
)
from estates.services.readings import change_multiplier, lock_readings
from estates.services.recording import (
    OddValue,
    Taken,
    audit_reading,
    estimate_next,
    must_be_latest,
    write_reading,
)


class OddTree(InvalidError):
    """A meter cannot be fed through itself, nor through another kind or community."""

    code = "odd_tree"
    message = _(
        "A meter can be fed only through another one of its kind and community, and not through itself."
    )


@transaction.atomic
def swap_meter(
    *,
    meter: Meter,
    on: date,
    old_closing: Decimal,
    new_opening: Decimal,
    taken: Taken,
    multiplier: Decimal | None = None,
    value: Decimal | None = None,
) -> Reading:
    """Record a change of instrument: the use of a period spans both.

    value: what the new one shows on that day, its first value unless said otherwise. Of a faulty meter the old value
    says nothing: it is estimated up to that day, and the fault ends.

    Raises:
        ReadAlready, NotTheLatest: another reading stands on that day or behind it.
        OddValue: the old value is below the last reading, or the new one below its opening.
    """
    lock_readings(meter.community)
    before = must_be_latest(meter, on)
    shown_now = new_opening if value is None else value
    fault = MeterFault.objects.filter(meter=meter, end=None).first()
    if fault:
        old_closing = estimate_next(before, on, None, None)[0].value
    swap = Swap(old_closing, new_opening, multiplier or meter.multiplier)
    judged = judge(before, on, shown_now, digits=meter.digits, swap=swap)
    if judged.shown is None or shown_now < new_opening:
        raise OddValue
    if multiplier:
        change_multiplier(meter.pk, multiplier)
        meter.multiplier = multiplier
    reading = write_reading(meter, judged.shown, taken)
    if fault:
        MeterFault.objects.filter(pk=fault.pk).update(end=on)
    audit_reading("swap_meter", meter, reading, taken)
    return reading


@transaction.atomic
def open_fault(*, meter: Meter, kind: FaultKind, start: date, reason: str, taken: Taken) -> MeterFault:
    """Record that a meter is stuck or counts backwards since a day; until the end of it, its use is estimated.

    Raises ConflictError when another fault of it is open.
    """
    lock_readings(meter.community)
    if MeterFault.objects.filter(meter=meter, end=None).exists():
        raise ConflictError(_("A fault of this meter is open already."))
    fault = MeterFault.objects.create(
        meter=meter,
        kind=kind,
        start=start,
        reason=reason,
        recorded_by=str(taken.by or ""),
        recorded_at=taken.now,
    )
    audit.record(
        action="estates.open_fault",
        target=meter,
        by=taken.by,
        community_id=meter.community_id,
        after={"kind": kind, "start": start},
        reason=reason,
    )
    return fault


def end_fault(*, fault: MeterFault, on: date, value: Decimal, taken: Taken) -> Reading:
    """Record that a meter counts again from `value` on: up to that day its use is estimated, from there it is read."""
    meter = fault.meter
    if fault.end is not None:
        raise ConflictError(_("This fault has ended already."))
    return swap_meter(
        meter=meter, on=on, old_closing=value, new_opening=value, taken=taken, multiplier=meter.multiplier
    )


@transaction.atomic
def hang_meter(*, meter: Meter, parent: Meter | None, by: Any) -> None:
    """Say through which meter this one is fed, or that it is fed through none. Raises OddTree."""
    lock_readings(meter.community)
    if parent is not None:
        check_tree(meter, parent)
    before = meter.parent_id
    Meter.objects.filter(pk=meter.pk).update(parent=parent)
    audit.record(
        action="estates.hang_meter",
        target=meter,
        by=by,
        community_id=meter.community_id,
        before={"parent": before},
        after={"parent": parent.pk if parent else None},
    )


def check_tree(meter: Meter, parent: Meter) -> None:
    """Raise OddTree when a meter cannot be fed through another one."""
    parents = dict(Meter.objects.filter(community=meter.community_id).values_list("pk", "parent_id"))
    of_a_kind = (meter.community_id, meter.kind) == (parent.community_id, parent.kind)
    if not of_a_kind or is_above(parents, meter.pk, parent.pk):
        raise OddTree
