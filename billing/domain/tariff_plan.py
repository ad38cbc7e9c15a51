"""Decides what a tariff file changes: the difference between what it says and what is held.

A version is known by fee item, scope and first day. A row of a known version may change its price, rounding or
last day; past bills keep what they were computed from. Only two versions of one scope that overlap are an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

from billing.domain.tariff_notation import Priced
from billing.domain.tariff_rows import TariffRow, Written
from core.tables.rows import Row


class VersionKey(NamedTuple):
    """What makes a tariff version the same one again."""

    code: str
    applies_to: str
    start: date


@dataclass(frozen=True)
class Terms:
    """What a version says: how it charges and until when (the first day after)."""

    method: str
    priced: Priced
    rounding: str
    end: date | None


@dataclass(frozen=True)
class HeldItem:
    """A fee item that is held; one with bills keeps its cycle and timing."""

    name: str
    cycle: str
    timing: str
    has_bills: bool = False
    counted_from: str = "calendar"


@dataclass(frozen=True)
class HeldTariffs:
    """What is held: fee items by code, versions by key."""

    items: Mapping[str, HeldItem] = field(default_factory=dict)
    versions: Mapping[VersionKey, Terms] = field(default_factory=dict)


@dataclass
class TariffPlan:
    """What is to be written: fee items that are new or renamed, versions that are new or changed."""

    items: dict[str, HeldItem] = field(default_factory=dict)
    created: dict[VersionKey, Terms] = field(default_factory=dict)
    updated: dict[VersionKey, Terms] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Span:
    """A version's days, and the row that wrote them (None: it is held)."""

    start: date
    end: date | None
    row: Row | None

    def overlaps(self, other: _Span) -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)


def plan_tariffs(rows: Sequence[TariffRow], held: HeldTariffs) -> TariffPlan:
    """Return what the good rows change; rows that contradict each other or what is held are rejected on the way."""
    good = [(row.row, row.written) for row in rows if row.written and not row.row.is_rejected]
    good = _without_repeats(good)
    for row, written in good:
        _judge_item(row, written, held.items.get(written.code))
    _judge_overlaps(good, held)
    return _plan([(row, written) for row, written in good if not row.is_rejected], rows, held)


def key_of(written: Written) -> VersionKey:
    """Return the key of the version a row writes."""
    return VersionKey(written.code, written.applies_to, written.start)


def _without_repeats(good: Iterable[tuple[Row, Written]]) -> list[tuple[Row, Written]]:
    """Leave out rows that say the same as an earlier one, with a remark; reject those that contradict it."""
    first: dict[VersionKey, tuple[Row, Written]] = {}
    for row, written in good:
        earlier, said = first.setdefault(key_of(written), (row, written))
        if earlier is row:
            continue
        if said == written:
            row.remark("code", "version_twice", other_line=earlier.line)
        else:
            for one, other in ((row, earlier), (earlier, row)):
                one.reject("price", "version_disagrees", other_line=other.line)
    return [(row, written) for row, written in first.values() if not row.is_rejected]


def _judge_item(row: Row, written: Written, held: HeldItem | None) -> None:
    if held is None or not held.has_bills:
        return
    for name in ("cycle", "timing", "counted_from"):
        if getattr(held, name) != getattr(written, name):
            row.reject(name, "item_has_bills", code=written.code)


def _judge_overlaps(good: Sequence[tuple[Row, Written]], held: HeldTariffs) -> None:
    for spans in _spans_by_scope(good, held).values():
        for one, other in combinations(spans, 2):
            if one.overlaps(other):
                _reject_overlap(one, other)
                _reject_overlap(other, one)


def _spans_by_scope(
    good: Sequence[tuple[Row, Written]], held: HeldTariffs
) -> dict[tuple[str, str], list[_Span]]:
    """The days of every version once the file is taken in, by fee item and scope."""
    spans: dict[tuple[str, str], list[_Span]] = defaultdict(list)
    written_again = {key_of(written) for _row, written in good}
    for row, written in good:
        spans[written.code, written.applies_to].append(_Span(written.start, written.end, row))
    for key, terms in held.versions.items():
        if key not in written_again:
            spans[key.code, key.applies_to].append(_Span(key.start, terms.end, None))
    return spans


def _reject_overlap(span: _Span, other: _Span) -> None:
    if span.row is None:
        return
    if other.row is None:
        last = other.end and other.end - timedelta(days=1)
        span.row.reject("effective_from", "overlaps_held", start=other.start, last=last or "…")
    else:
        span.row.reject("effective_from", "overlaps_line", other_line=other.row.line)


def _plan(good: Sequence[tuple[Row, Written]], rows: Sequence[TariffRow], held: HeldTariffs) -> TariffPlan:
    plan = TariffPlan()
    for _row, written in good:
        plan.counts[_take(written, plan, held)] += 1
    repeats = sum(any(finding.code == "version_twice" for finding in row.row.findings) for row in rows)
    plan.counts["rejected"] = sum(row.row.is_rejected for row in rows)
    plan.counts["unchanged"] += repeats
    return plan


def _take(written: Written, plan: TariffPlan, held: HeldTariffs) -> str:
    """Put a row into the plan and return its fate: created, updated or unchanged."""
    key, terms = key_of(written), Terms(written.method, written.priced, written.rounding, written.end)
    known = held.items.get(written.code)
    has_bills = bool(known and known.has_bills)
    item = HeldItem(written.name, written.cycle, written.timing, has_bills, written.counted_from)
    if item != known:
        plan.items[written.code] = item
    if key not in held.versions:
        plan.created[key] = terms
        return "created"
    if held.versions[key] != terms:
        plan.updated[key] = terms
        return "updated"
    return "unchanged" if item == known else "updated"
