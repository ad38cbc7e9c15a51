"""Decides what a file of meters does to the register: which are new, which change, and what cannot be.

What readings and bills stand on is not changed by a file: a meter keeps its unit and kind, one that has been read keeps
its multiplier and its opening value. Blank cells change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from core.tables.findings import Finding
from estates.domain.counting import ONE
from estates.domain.meter_rows import MeterFacts, MeterRow, MeterSheets

FATES = ("created", "updated", "unchanged", "rejected")


@dataclass(frozen=True)
class KnownMeter:
    """A meter of the register with its first and last reading, if it has any."""

    facts: MeterFacts
    first_on: date | None = None
    first_value: Decimal | None = None
    last_value: Decimal | None = None

    @property
    def is_read(self) -> bool:
        """Whether it has a reading."""
        return self.first_on is not None


@dataclass
class MeterPlan:
    """What is to be written. ``openings``: meters of the register whose first value has become known, by code."""

    new: dict[str, MeterFacts] = field(default_factory=dict)
    changed: dict[str, MeterFacts] = field(default_factory=dict)
    openings: dict[str, MeterFacts] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(FATES, 0)))
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.changed or self.openings)


def plan_meters(sheets: MeterSheets, known: Mapping[str, KnownMeter], units: frozenset[str]) -> MeterPlan:
    """Return what the rows do; rows that cannot be carry findings. ``units``: the codes of the register."""
    for row in _good(sheets):
        assert row.facts, "good rows say something"
        _check_alone(row, row.facts, known.get(row.facts.code), units)
    while _reject_orphans(sheets, known) or _reject_rings(sheets, known):
        pass  # a rejected row may be what another one is fed through
    return _sort(sheets, known)


def _good(sheets: MeterSheets) -> Iterator[MeterRow]:
    return (row for row in sheets.rows if row.facts and not row.row.is_rejected)


def _check_alone(row: MeterRow, facts: MeterFacts, held: KnownMeter | None, units: frozenset[str]) -> None:
    """Compare a row with the register; its parent is looked at when all rows are known."""
    if facts.unit and facts.unit not in units:
        row.row.reject("unit", "unknown_unit", unit=facts.unit)
    if held is None:
        return
    if facts.unit and facts.unit != held.facts.unit:
        row.row.reject("unit", "meter_of_other_unit", other=held.facts.unit)
    if facts.kind != held.facts.kind:
        row.row.reject("kind", "meter_of_other_kind", other=held.facts.kind)
    if held.is_read and facts.multiplier not in (None, held.facts.multiplier):
        row.row.reject("multiplier", "other_multiplier", held=f"{held.facts.multiplier:f}")
    if facts.digits and held.last_value is not None and held.last_value >= Decimal(10) ** facts.digits:
        row.row.reject("digits", "digits_too_few", held=f"{held.last_value:f}")
    _check_opening(row, facts, held)


def _check_opening(row: MeterRow, facts: MeterFacts, held: KnownMeter) -> None:
    """The opening value lies before the first reading and not above it; said again it is the first reading itself."""
    if facts.opening is None or facts.installed_on is None or held.first_on is None:
        return
    assert held.first_value is not None, "a first reading has a value"
    if facts.installed_on > held.first_on:
        row.row.reject("installed", "opened_before", day=held.first_on)
    elif facts.installed_on == held.first_on and facts.opening != held.first_value:
        row.row.reject("opening", "other_opening", held=f"{held.first_value:f}")
    elif facts.opening > held.first_value:
        row.row.reject("opening", "opening_above_first", held=f"{held.first_value:f}", day=held.first_on)


def _reject_orphans(sheets: MeterSheets, known: Mapping[str, KnownMeter]) -> bool:
    """Reject rows fed through a meter that nobody knows, or that is of another kind; return whether there were any."""
    kinds = {code: held.facts.kind for code, held in known.items()}
    kinds |= {row.facts.code: row.facts.kind for row in _good(sheets) if row.facts}
    lost = [row for row in _good(sheets) if row.facts and row.facts.parent and not _fits(row.facts, kinds)]
    for row in lost:
        assert row.facts, "good rows say something"
        code = "odd_parent" if row.facts.parent in kinds else "unknown_parent"
        row.row.reject("parent", code, parent=row.facts.parent)
    return bool(lost)


def _fits(facts: MeterFacts, kinds: Mapping[str, str]) -> bool:
    return kinds.get(facts.parent) == facts.kind and facts.parent != facts.code


def _reject_rings(sheets: MeterSheets, known: Mapping[str, KnownMeter]) -> bool:
    """Reject the rows of meters that are fed through one another in a ring; return whether there were any."""
    parents = {code: held.facts.parent for code, held in known.items()}
    rows = {row.facts.code: row for row in _good(sheets) if row.facts and row.facts.parent}
    parents |= {code: row.facts.parent for code, row in rows.items() if row.facts}
    rings = [code for code in rows if code in _above(code, parents)]
    for code in rings:
        rows[code].row.reject("parent", "meters_in_a_ring", parent=parents[code])
    return bool(rings)


def _above(code: str, parents: Mapping[str, str]) -> set[str]:
    """The meters through which one is fed, as far as they do not repeat."""
    seen: set[str] = set()
    at = parents.get(code, "")
    while at and at not in seen:
        seen.add(at)
        at = parents.get(at, "")
    return seen


def _sort(sheets: MeterSheets, known: Mapping[str, KnownMeter]) -> MeterPlan:
    plan = MeterPlan()
    for row in sheets.rows:
        fate = _place(plan, row.facts, known) if row.facts and not row.row.is_rejected else "rejected"
        plan.counts[fate] += 1
    plan.findings = [*sheets.remarks, *(finding for row in sheets.rows for finding in row.row.findings)]
    return plan


def _place(plan: MeterPlan, facts: MeterFacts, known: Mapping[str, KnownMeter]) -> str:
    held = known.get(facts.code)
    if held is None:
        fate = "unchanged" if facts.code in plan.new else "created"
        plan.new[facts.code] = replace(facts, multiplier=facts.multiplier or ONE)
        return fate
    wanted = _merge(facts, held.facts)
    if wanted != held.facts:
        plan.changed[facts.code] = wanted
    if facts.opening is not None and facts.installed_on != held.first_on:
        plan.openings[facts.code] = facts
    is_idle = facts.code not in plan.changed and facts.code not in plan.openings
    return "unchanged" if is_idle else "updated"


def _merge(facts: MeterFacts, held: MeterFacts) -> MeterFacts:
    """What the register says, with what the row says instead."""
    return replace(
        held,
        name=facts.name or held.name,
        parent=facts.parent or held.parent,
        multiplier=facts.multiplier or held.multiplier,
        digits=facts.digits or held.digits,
        maker=facts.maker or held.maker,
        is_prepaid=held.is_prepaid if facts.is_prepaid is None else facts.is_prepaid,
    )
