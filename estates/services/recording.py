"""Values of one meter: a reading, an estimate, an opening value, a misreading.

Each locks the readings of the community, judges with `estates.domain`, writes one row and an audit record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import ConflictError, InvalidError
from estates.domain.counting import STEP, Shown, go_on
from estates.domain.judging import Judged, estimate, judge, mirror
from estates.models import (
    CheckOutcome,
    CheckReason,
    Meter,
    MeterFault,
    Reading,
    ReadingCheck,
    ReadingMethod,
)
from estates.selectors import list_histories
from estates.services.readings import METERED_SINCE, is_metered_since, lock_readings


class ReadAlready(ConflictError):
    """The meter has a reading of that day."""

    code = "read_already"
    message = _("This meter has a reading of that day already; a recorded reading is not overwritten.")


class NotTheLatest(ConflictError):
    """Estimates, changes and faults go behind all readings, or they would change what is billed."""

    code = "not_the_latest"
    message = _("There are later readings of this meter. Choose a day after the last one.")


class NoHistory(InvalidError):
    """An estimate needs two real readings of the meter."""

    code = "no_history"
    message = _("This meter has no history to estimate from. Give a value.")


class MeterIsFaulty(ConflictError):
    """A faulty meter is estimated, not read."""

    code = "meter_faulty"
    message = _("This meter is recorded as faulty. Record the end of the fault, or an estimate.")


class OddValue(InvalidError):
    """The value cannot be right for this meter and day."""

    code = "odd_value"
    message = _("This value does not fit between the readings around it.")


@dataclass(frozen=True)
class Taken:
    """Who brought a value, when, and how."""

    by: Any
    now: datetime
    source: str = ""
    reader: str = ""
    note: str = ""
    photo: File | None = None


@dataclass(frozen=True)
class Recorded:
    """What came of a value: recorded, or held back; a check in either case when somebody must look."""

    reading: Reading | None
    check: ReadingCheck | None
    judged: Judged


@transaction.atomic
def record_reading(
    *, meter: Meter, on: date, value: Decimal, taken: Taken, confirmed: bool = False
) -> Recorded:
    """Record what a meter showed, or hold it back for a look.

    Held back: a value lower than the last one, and one far above the usual unless the reader `confirmed` to have
    looked again; then it is recorded and still listed. Nothing given is lost.

    Raises:
        ReadAlready: the day has a reading.
        MeterIsFaulty: it is estimated until its fault has ended.
        OddValue: above the later reading, or more digits than the dial has.
    """
    lock_readings(meter.community)
    _check_open(meter, on, value)
    before, after = _around(meter, on)
    judged = _judge(meter, on, value, before, after)
    if judged.doubt == "after":
        raise OddValue
    if judged.shown is None or (judged.doubt == "jump" and not confirmed):
        return Recorded(None, _hold_back(meter, on, value, judged, before, taken), judged)
    reading = write_reading(meter, judged.shown, taken)
    check = _list_doubt(meter, reading, judged, before, taken)
    audit_reading("read_meter", meter, reading, taken)
    return Recorded(reading, check, judged)


def judge_reading(*, meter: Meter, on: date, value: Decimal) -> Judged:
    """Return what `record_reading` would think of a value, and write nothing."""
    return _judge(meter, on, value, *_around(meter, on))


@transaction.atomic
def skip_meter(*, meter: Meter, on: date, reason: str, taken: Taken) -> ReadingCheck:
    """Record that a meter could not be read, and why; it stays on the list until a value is recorded."""
    lock_readings(meter.community)
    before, _after = _around(meter, on)
    check, _is_new = ReadingCheck.objects.get_or_create(
        meter=meter,
        read_on=on,
        closed_at=None,
        defaults={
            "reason": CheckReason.SKIPPED,
            "note": reason,
            "reader": taken.reader,
            "noticed_on": on,
            **_last_of(before),
        },
    )
    audit.record(
        action="estates.skip_meter",
        target=meter,
        by=taken.by,
        community_id=meter.community_id,
        reason=reason,
    )
    return check


@transaction.atomic
def estimate_reading(
    *, meter: Meter, on: date, taken: Taken, value: Decimal | None = None, shown: Decimal | None = None
) -> Reading:
    """Record an estimate: by the meter's own history, `value` as given, or as much as `shown` lies below the last.

    The next real readings even it out. Raises ReadAlready, NotTheLatest, NoHistory; OddValue below the last reading.
    """
    lock_readings(meter.community)
    before = must_be_latest(meter, on)
    guess, method = estimate_next(before, on, value, shown)
    if guess.counted < before[-1].counted:
        raise OddValue
    reading = write_reading(meter, guess, taken, is_estimate=True, method=method)
    audit_reading("estimate_reading", meter, reading, taken)
    return reading


@transaction.atomic
def give_opening(*, meter: Meter, on: date, value: Decimal, taken: Taken) -> Reading:
    """Record the value a meter began with, and where it is known from (`taken.source`): it bills from there.

    On the day of the first reading, that reading itself is the opening one.

    Raises:
        NotTheLatest: there is an earlier reading.
        OddValue: the value is above the first reading.
    """
    lock_readings(meter.community)
    first = Reading.objects.filter(meter=meter).order_by("read_on").first()
    if first is not None and first.read_on < on:
        raise NotTheLatest(_("There is an earlier reading of this meter; that one opens it."))
    if first is not None and value > first.value:
        raise OddValue
    if first is not None and first.read_on == on:
        reading = first
        Reading.objects.filter(pk=first.pk).update(is_opening=True, note=taken.source or taken.note)
    else:
        shown = Shown(on, value, meter.multiplier)
        reading = write_reading(meter, shown, taken, is_opening=True, method=ReadingMethod.GIVEN)
    audit_reading("give_opening", meter, reading, taken)
    return reading


@transaction.atomic
def mark_misread(*, meter: Meter, taken: Taken) -> Reading:
    """Take the last reading for a misreading: it stands as an estimate, and the next real reading evens it out.

    Bills stand on it, so it is not removed. Raises NotTheLatest when the meter has no reading.
    """
    lock_readings(meter.community)
    last = Reading.objects.filter(meter=meter).order_by("read_on").last()
    if last is None:
        raise NotTheLatest
    Reading.objects.filter(pk=last.pk).update(is_estimate=True, method=ReadingMethod.MISREAD)
    audit_reading("mark_misread", meter, last, taken)
    return last


# How rows are found and written --------------------------------------------------------------------------


def must_be_latest(meter: Meter, on: date) -> Sequence[Shown]:
    """Return the readings before a day behind which there are none. Raises ReadAlready, NotTheLatest, NoHistory."""
    if Reading.objects.filter(meter=meter, read_on=on).exists():
        raise ReadAlready
    before, after = _around(meter, on)
    if after or not before:
        raise NotTheLatest if after else NoHistory
    return before


def estimate_next(
    before: Sequence[Shown], on: date, value: Decimal | None, shown: Decimal | None
) -> tuple[Shown, ReadingMethod]:
    """Return what a meter shows by a given value, by one that ran backwards, or by its history. Raises NoHistory."""
    if value is not None:
        return go_on(before[-1], on, value, is_estimate=True), ReadingMethod.GIVEN
    if shown is not None:
        return mirror(before[-1], on, shown), ReadingMethod.BACKWARDS
    guess = estimate(before, on)
    if guess is None:
        raise NoHistory
    return guess, ReadingMethod.HISTORY


def write_reading(meter: Meter, shown: Shown, taken: Taken, **facts: Any) -> Reading:
    """Write one reading as it counts."""
    return Reading.objects.create(
        meter=meter,
        read_on=shown.on,
        value=shown.value,
        multiplier=None if shown.multiplier == meter.multiplier else shown.multiplier,
        base=shown.base,
        ahead=shown.ahead,
        old_closing=shown.old_closing,
        new_opening=shown.new_opening,
        source=taken.source,
        reader=taken.reader,
        note=taken.note,
        photo=taken.photo or "",
        **facts,
    )


def audit_reading(verb: str, meter: Meter, reading: Reading, taken: Taken) -> None:
    """Record an act that wrote a reading."""
    audit.record(
        action=f"estates.{verb}",
        target=meter,
        by=taken.by,
        community_id=meter.community_id,
        after={"read_on": reading.read_on, "value": reading.value},
        reason=taken.note or taken.source,
    )


def _around(meter: Meter, on: date) -> tuple[list[Shown], list[Shown]]:
    """The readings before a day and those behind it."""
    history = list_histories([meter.pk]).get(meter.pk, [])
    return [shown for shown in history if shown.on < on], [shown for shown in history if shown.on > on]


def _judge(meter: Meter, on: date, value: Decimal, before: Sequence[Shown], after: Sequence[Shown]) -> Judged:
    following = next(iter(after), None)
    return judge(before, on, value, multiplier=meter.multiplier, digits=meter.digits, after=following)


def _check_open(meter: Meter, on: date, value: Decimal) -> None:
    if Reading.objects.filter(meter=meter, read_on=on).exists():
        raise ReadAlready
    if MeterFault.objects.filter(meter=meter).on(on).exists():
        raise MeterIsFaulty
    if meter.digits is not None and value >= Decimal(10) ** meter.digits:
        raise OddValue(_("This dial has only %(digits)s digits.") % {"digits": meter.digits})


def _last_of(before: Sequence[Shown]) -> dict[str, Any]:
    return {"last_value": before[-1].value, "last_on": before[-1].on} if before else {}


def _hold_back(
    meter: Meter, on: date, value: Decimal, judged: Judged, before: Sequence[Shown], taken: Taken
) -> ReadingCheck:
    """Put a value on the list; one that waited for the same day is closed by it."""
    _settle_waiting(meter, on, taken)
    return ReadingCheck.objects.create(
        meter=meter,
        reason=judged.doubt,
        read_on=on,
        value=value,
        noticed_on=on,
        photo=taken.photo or "",
        **_facts_of(judged, before, taken),
    )


def _settle_waiting(meter: Meter, on: date, taken: Taken) -> None:
    """Close what waited for a day of a meter: another value has come."""
    ReadingCheck.objects.filter(meter=meter, read_on=on, closed_at=None).update(
        outcome=CheckOutcome.CORRECTED, closed_at=taken.now, closed_by=str(taken.by or "")
    )


def _facts_of(judged: Judged, before: Sequence[Shown], taken: Taken) -> dict[str, Any]:
    usual = judged.usual.mean.quantize(STEP) if judged.usual else None
    return {
        "usual": usual,
        "source": taken.source,
        "reader": taken.reader,
        "note": taken.note,
        **_last_of(before),
    }


def _list_doubt(
    meter: Meter, reading: Reading, judged: Judged, before: Sequence[Shown], taken: Taken
) -> ReadingCheck | None:
    """List a recorded reading that somebody should see: a jump, no use, or a first reading; settle what waited."""
    _settle_waiting(meter, reading.read_on, taken)
    reason = judged.doubt
    if not before and is_metered_since(meter.community, meter.kind, reading.read_on - METERED_SINCE):
        reason = CheckReason.OPENING
    if not reason:
        return None
    return ReadingCheck.objects.create(
        meter=meter,
        reason=reason,
        read_on=reading.read_on,
        value=reading.value,
        reading=reading,
        noticed_on=reading.read_on,
        **_facts_of(judged, before, taken),
    )
