"""Closes readings to look at: each by one of the moves its reason allows, with what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError, InvalidError
from estates.domain.counting import Shown, go_on
from estates.domain.looks import moves_for
from estates.models import CheckOutcome, CheckReason, FaultKind, Reading, ReadingCheck
from estates.selectors import list_histories
from estates.services.meters import open_fault, swap_meter
from estates.services.readings import lock_readings
from estates.services.recording import (
    Taken,
    estimate_reading,
    give_opening,
    mark_misread,
    record_reading,
    write_reading,
)


class ClosedAlready(ConflictError):
    """Somebody has looked at it already."""

    code = "closed_already"
    message = _("Somebody has settled this already.")


class MoveNotAllowed(InvalidError):
    """The reason of the check does not allow this move."""

    code = "move_not_allowed"
    message = _("This is not possible here.")


class FactMissing(InvalidError):
    """A move lacks a figure it needs."""

    code = "fact_missing"
    message = _("This needs a value.")


@dataclass(frozen=True)
class Found:
    """What a look has found: the figures of the move. Which are needed depends on it."""

    value: Decimal | None = None
    on: date | None = None
    old_closing: Decimal | None = None
    new_opening: Decimal | None = None
    multiplier: Decimal | None = None
    fault: FaultKind | None = None
    note: str = ""


@transaction.atomic
def settle_check(
    *, check: ReadingCheck, outcome: CheckOutcome, found: Found, by: Any, now: datetime
) -> ReadingCheck:
    """Close a reading to look at by one move, and do what the move says: record, correct, estimate, swap …

    Locks the community's readings, then the check; of two people who settle it at once the second is refused.

    Raises:
        ClosedAlready: somebody has settled it.
        MoveNotAllowed: its reason does not allow this.
        FactMissing: the move needs a figure that is not there.
        DomainError: as the move itself refuses (see `estates.services.recording` and `estates.services.meters`).
    """
    check = _lock(check)
    if check.closed_at is not None:
        raise ClosedAlready
    if outcome not in list_moves(check):
        raise MoveNotAllowed
    check.outcome, check.closing_note = outcome, found.note
    check.closed_at, check.closed_by = now, str(by or "")[:150]
    check.save(update_fields=["outcome", "closed_at", "closed_by", "closing_note"])
    MOVES[outcome](check, found, _taken(check, found, by, now))
    audit.record(
        action="estates.settle_check",
        target=check,
        by=by,
        community_id=check.meter.community_id,
        before={"reason": check.reason, "value": check.value},
        after={"outcome": outcome},
        reason=found.note,
    )
    return check


def _lock(check: ReadingCheck) -> ReadingCheck:
    lock_readings(check.meter.community)
    rows = ReadingCheck.objects.select_for_update(of=("self",)).select_related("meter__community")
    return rows.get(pk=check.pk)


def _taken(check: ReadingCheck, found: Found, by: Any, now: datetime) -> Taken:
    return Taken(by, now, check.source, check.reader, found.note or check.note, check.photo or None)


def list_moves(check: ReadingCheck) -> tuple[str, ...]:
    """Return what may be done about a check, the likeliest first."""
    return moves_for(
        check.reason, is_recorded=check.reading_id is not None, has_digits=check.meter.digits is not None
    )


# The moves ----------------------------------------------------------------------------------------------


def _confirm(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The value is right: record it if it was held back; a first reading then bills from itself."""
    if check.reading_id is None:
        _record(check, _need(check.value), taken)
    elif check.reason == CheckReason.OPENING:
        Reading.objects.filter(pk=check.reading_id).update(is_opening=True)


def _correct(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """Another value was meant."""
    _record(check, _need(found.value), taken)


def _record(check: ReadingCheck, value: Decimal, taken: Taken) -> None:
    recorded = record_reading(meter=check.meter, on=check.read_on, value=value, taken=taken, confirmed=True)
    if recorded.reading is None:
        raise InvalidError(_("This value is lower than the last reading too."))
    if recorded.check is not None:
        ReadingCheck.objects.filter(pk=recorded.check.pk).update(
            outcome=CheckOutcome.CONFIRMED, closed_at=taken.now, closed_by=str(taken.by or "")[:150]
        )


def _estimate(check: ReadingCheck, found: Found, taken: Taken) -> None:
    estimate_reading(meter=check.meter, on=check.read_on, value=found.value, taken=taken)


def _swap(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The instrument was changed, at the latest on the day of the value."""
    on, value = found.on or check.read_on, _need(check.value)
    opening = _need(found.new_opening)
    swap_meter(
        meter=check.meter, on=on, old_closing=_need(found.old_closing), new_opening=opening, taken=taken,
        multiplier=found.multiplier, value=value if on == check.read_on else opening,
    )  # fmt: skip
    if on != check.read_on:
        _record(check, value, taken)


def _turn(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The dial has passed its top since the last reading."""
    history = _history(check)
    top = Decimal(10) ** (check.meter.digits or 0)
    write_reading(check.meter, go_on(history[-1], check.read_on, _need(check.value), top=top), taken)


def _misread(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The reading before was wrong, or this one is: it stays as an estimate and the next real one evens it out."""
    mark_misread(meter=check.meter, taken=taken)
    if check.reading_id is None:
        _record(check, _need(check.value), taken)


def _fault(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The meter cannot be trusted since its last good reading."""
    start = check.last_on or check.read_on
    kind = found.fault or FaultKind.STUCK
    open_fault(meter=check.meter, kind=kind, start=start, reason=found.note or str(kind.label), taken=taken)


def _open(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The opening value is known, with its source."""
    if not found.note:
        raise FactMissing(_("Say where the opening value is known from."))
    given = replace(taken, source=found.note[:50], note="", photo=None)
    give_opening(meter=check.meter, on=found.on or check.read_on, value=_need(found.value), taken=given)


def _drop(check: ReadingCheck, found: Found, taken: Taken) -> None:
    """The value is left out; it stays on the closed check with the reason."""
    if not found.note:
        raise FactMissing(_("Say why the value is left out."))


def _need(value: Decimal | None) -> Decimal:
    if value is None:
        raise FactMissing
    return value


def _history(check: ReadingCheck) -> list[Shown]:
    history = list_histories([check.meter_id]).get(check.meter_id, [])
    if (
        not history
        or history[-1].on >= check.read_on
        or Reading.objects.filter(meter=check.meter_id, read_on=check.read_on).exists()
    ):
        raise MoveNotAllowed
    return history


MOVES: Mapping[str, Callable[[ReadingCheck, Found, Taken], None]] = {
    CheckOutcome.CONFIRMED: _confirm,
    CheckOutcome.CORRECTED: _correct,
    CheckOutcome.ESTIMATED: _estimate,
    CheckOutcome.SWAPPED: _swap,
    CheckOutcome.TURNED: _turn,
    CheckOutcome.MISREAD: _misread,
    CheckOutcome.FAULTY: _fault,
    CheckOutcome.OPENED: _open,
    CheckOutcome.DROPPED: _drop,
}
