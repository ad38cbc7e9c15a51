"""Judges meter readings of a file: against each other, what is recorded, and each meter's own history.

A meter the register does not know is made by its first reading, which opens it and bills nothing. A recorded reading
is never overwritten: what it has billed stands on it. What cannot be right is held back for a person to look at.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.tables.findings import Finding
from core.tables.rows import Row
from estates.domain.counting import ONE, Shown, Swap
from estates.domain.judging import Judged, judge
from estates.domain.plan import Fate
from estates.domain.reading_rows import LONGEST_CODE, ReadingEntry, ReadingSheets

REFUSALS = {"lower": "lower_than_before", "after": "higher_than_after", "jump": "far_above_usual"}


@dataclass(frozen=True, slots=True)
class HeldMeter:
    """A meter of the register; `unit` is empty for one of the community. A faulty one is estimated, not read."""

    id: int
    unit: str
    kind: str
    multiplier: Decimal = ONE
    digits: int | None = None
    is_faulty: bool = False


@dataclass(frozen=True)
class Meters:
    """The register's meters by code, the readings of each by id in the order of days, and its unit codes.

    The readings must hold a history before the file's first day and all later ones.
    """

    held: Mapping[str, HeldMeter]
    readings: Mapping[int, Sequence[Shown]]
    units: frozenset[str]

    def of_unit(self, unit: str, kind: str) -> list[str]:
        """The codes of a unit's meters, of one kind if it is named."""
        return [code for code, meter in self.held.items() if meter.unit == unit and kind in ("", meter.kind)]


@dataclass(frozen=True)
class ToLookAt:
    """A value that somebody must look at: why, after which reading, and what the meter usually counts a day."""

    entry: ReadingEntry
    reason: str
    last: Shown
    usual: Decimal | None


@dataclass
class ReadingPlan:
    """What an import of readings writes: new meters by code, new readings, and what is to be looked at.

    `held_back`: values that are not recorded; `quiet`: recorded ones that show no use where there always was some.
    `factors`: the new multiplier of each meter whose instrument was changed for one of another kind.
    """

    new_meters: dict[str, HeldMeter] = field(default_factory=dict)
    new_readings: list[ReadingEntry] = field(default_factory=list)
    held_back: list[ToLookAt] = field(default_factory=list)
    quiet: list[ToLookAt] = field(default_factory=list)
    factors: dict[str, Decimal] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new_readings or self.held_back)


def plan_readings(sheets: ReadingSheets, meters: Meters, *, accept_jumps: bool = False) -> ReadingPlan:
    """Return what the rows add to the register, meter by meter in the order of days.

    With `accept_jumps` a use far above the usual is taken: somebody has looked at it.
    """
    plan = ReadingPlan()
    for code, entries in _by_meter(sheets, meters).items():
        held = meters.held.get(code)
        meter = held or _new_meter(entries)
        accepted = _Line(meter, meters.units, plan, accept_jumps).take(
            entries, meters.readings.get(meter.id, ()) if held else ()
        )
        if held is None and not accepted:
            plan.held_back = [look for look in plan.held_back if look.entry.meter != code]
        elif held is None:
            plan.new_meters[code] = meter
            accepted[0].row.remark("meter", "meter_made", meter=code)
        plan.new_readings += accepted
    _settle(plan, sheets)
    return plan


def _by_meter(sheets: ReadingSheets, meters: Meters) -> dict[str, list[ReadingEntry]]:
    """Group the entries by meter; one that names only a unit means its meter of that kind, or makes it."""
    by_meter: dict[str, list[ReadingEntry]] = {}
    for entry in sheets.entries:
        if not entry.meter and not entry.row.is_rejected:
            _name_meter(entry, meters)
        if entry.meter:
            by_meter.setdefault(entry.meter, []).append(entry)
    return by_meter


def _name_meter(entry: ReadingEntry, meters: Meters) -> None:
    found = meters.of_unit(entry.unit, entry.kind)
    if len(found) > 1:
        entry.row.reject("meter", "which_meter", meters="、".join(sorted(found)))
    elif found:
        entry.meter = found[0]
    elif entry.kind:
        entry.meter = f"{entry.unit}-{entry.kind}"[:LONGEST_CODE]
    else:
        entry.row.reject("kind", "missing")


def _settle(plan: ReadingPlan, sheets: ReadingSheets) -> None:
    """Count the rows by fate and gather the findings."""
    rejected = sum(row.is_rejected for row in sheets.rows)
    created = len({id(entry.row) for entry in plan.new_readings})
    plan.counts = {
        Fate.CREATED.value: created,
        Fate.UPDATED.value: 0,
        Fate.UNCHANGED.value: len(sheets.rows) - created - rejected,
        Fate.REJECTED.value: rejected,
    }
    plan.findings = [*sheets.remarks, *(finding for row in sheets.rows for finding in row.findings)]


def _new_meter(entries: Sequence[ReadingEntry]) -> HeldMeter:
    """A meter not yet in the register: of its first row's unit, of the first kind and multiplier a row names."""
    kind = next((entry.kind for entry in entries if entry.kind), "")
    factor = next((entry.multiplier for entry in entries if entry.multiplier), ONE)
    return HeldMeter(0, entries[0].unit, kind, factor)


@dataclass
class _Line:
    """One meter's readings in the order of days: those recorded, into which those of the file are let one by one."""

    meter: HeldMeter
    units: frozenset[str]
    plan: ReadingPlan
    accept_jumps: bool
    accepted: list[ReadingEntry] = field(default_factory=list)

    def take(self, entries: Sequence[ReadingEntry], recorded: Sequence[Shown]) -> list[ReadingEntry]:
        """Return the new readings in the order of days; those that do not fit reject their rows."""
        for entry in entries:
            _check_meter(entry, self.meter, self.units)
        _check_days(entries)
        shown = list(recorded)
        for entry in sorted(entries, key=lambda entry: entry.read_on):
            if entry.row.is_rejected or _is_known(entry, shown):
                continue
            if self._let_in(entry, shown):
                self.accepted.append(entry)
        kept = [entry for entry in self.accepted if not entry.row.is_rejected]
        self.plan.quiet = [look for look in self.plan.quiet if not look.entry.row.is_rejected]
        return kept

    def _let_in(self, entry: ReadingEntry, shown: list[Shown]) -> bool:
        """Judge a value among those shown so far: take it in, or reject its row and hold the value back."""
        before = [reading for reading in shown if reading.on < entry.read_on]
        after = next((reading for reading in shown if reading.on > entry.read_on), None)
        judged = judge(
            before,
            entry.read_on,
            entry.value,
            multiplier=self.meter.multiplier,
            digits=self.meter.digits,
            swap=self._swap(entry, before),
            after=after,
        )
        if judged.shown is None or (judged.doubt == "jump" and not self.accept_jumps):
            self._refuse(entry, judged, before, after)
            return False
        entry.shown = judged.shown
        if judged.doubt == "zero":
            self.plan.quiet.append(_to_look_at(entry, judged, before))
        if entry.new_opening is not None and after is None:
            self.plan.factors[entry.meter] = judged.shown.multiplier
        insort(shown, judged.shown, key=lambda reading: reading.on)
        return True

    def _swap(self, entry: ReadingEntry, before: Sequence[Shown]) -> Swap | None:
        """Return the change of instrument in a row; the multiplier stays unless the row gives another."""
        if entry.old_closing is None or entry.new_opening is None:
            return None
        usual = before[-1].multiplier if before else self.meter.multiplier
        return Swap(entry.old_closing, entry.new_opening, entry.multiplier or usual)

    def _refuse(
        self, entry: ReadingEntry, judged: Judged, before: Sequence[Shown], after: Shown | None
    ) -> None:
        other = after if judged.doubt == "after" and after else before[-1]
        figures = {"other": f"{other.value.normalize():f}", "day": other.on}
        if self._is_opened_by(entry.row):
            entry.row.reject("value", "lower_than_opening", **figures)
            return
        entry.row.reject("value", REFUSALS[judged.doubt], **figures)
        if judged.doubt != "after":
            self.plan.held_back.append(_to_look_at(entry, judged, before))

    def _is_opened_by(self, row: Row) -> bool:
        """Whether only this row would make the meter: once it is refused, there is none to hold a value for."""
        return not self.meter.id and all(entry.row is row for entry in self.accepted)


def _to_look_at(entry: ReadingEntry, judged: Judged, before: Sequence[Shown]) -> ToLookAt:
    return ToLookAt(entry, judged.doubt, before[-1], judged.usual.mean if judged.usual else None)


def _check_meter(entry: ReadingEntry, meter: HeldMeter, units: frozenset[str]) -> None:
    if entry.unit and entry.unit not in units:
        entry.row.reject("unit", "unknown_unit", unit=entry.unit)
    elif entry.unit != meter.unit and (entry.unit or not meter.id):
        entry.row.reject("unit", "meter_of_other_unit", other=meter.unit)
    if not meter.kind:
        entry.row.reject("kind", "missing")
    elif entry.kind and entry.kind != meter.kind:
        entry.row.reject("kind", "meter_of_other_kind", other=meter.kind)
    if entry.multiplier and entry.multiplier != meter.multiplier and entry.new_opening is None:
        entry.row.reject("multiplier", "other_multiplier", held=f"{meter.multiplier.normalize():f}")
    if meter.digits is not None and entry.value >= Decimal(10) ** meter.digits:
        entry.row.reject("value", "above_top", digits=meter.digits)
    if meter.is_faulty:
        entry.row.reject("meter", "meter_faulty")


def _check_days(entries: Sequence[ReadingEntry]) -> None:
    """Reject the rows that show different values of one meter on one day; remark on those that repeat."""
    by_day: dict[date, list[ReadingEntry]] = {}
    for entry in entries:
        by_day.setdefault(entry.read_on, []).append(entry)
    for same in by_day.values():
        if len({entry.value for entry in same}) > 1:
            lines = "、".join(str(entry.row.line) for entry in same)
            for entry in same:
                entry.row.reject("value", "readings_disagree", lines=lines)
        for entry in same[1:]:
            if entry.row is not same[0].row and not entry.row.is_rejected:
                entry.row.remark("value", "row_repeated", other_line=same[0].row.line)


def _is_known(entry: ReadingEntry, shown: Sequence[Shown]) -> bool:
    """Whether this reading is there already; another value on its day rejects the row."""
    for reading in shown:
        if reading.on == entry.read_on:
            if reading.value == entry.value:
                return True
            code = "estimated_already" if reading.is_estimate else "reading_differs"
            entry.row.reject("value", code, held=f"{reading.value:f}")
    return False
