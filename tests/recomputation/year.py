"""What every charge line of a month must be, by hand as it were: fractions of yuan, one unit and one fee at a time.

Written from DOMAIN-RULES §4 and docs/import-formats.md; nothing here comes from the product. Slow and plain on
purpose: it loops over units where the run counts columns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import groupby

from tests.recomputation.coins import as_yuan, half_up, share_out
from tests.recomputation.files import PROPERTY_FEE, Files, Meter, Span, Unit, Version
from tests.recomputation.pools import Key, Shares, read_agreement, share_by

METHODS = ("area", "fixed", "meter", "tiers", "pool", "expression")


@dataclass(frozen=True, order=True)
class Line:
    """A charge line as the export writes it; ``last`` is inclusive."""

    unit: str
    payer: str
    fee_item: str
    first: date
    last: date
    amount: Decimal


@dataclass(frozen=True)
class Part:
    """Exact yuan one payer owes for some days, before the unit's amount is rounded."""

    payer: str
    span: Span
    yuan: Fraction
    coin: Fraction


@dataclass(frozen=True)
class Stretch:
    """Days on which one version charges."""

    span: Span
    version: Version


PoolName = tuple[str, str, str]
"""Scope, meter, and the way of sharing: two pools differ in one of them."""


def list_lines(files: Files, month: date, then: Files | None = None) -> Iterator[Line]:
    """Yield all lines of the run of a month. Whoever has nothing to pay gets no bill, and so no line.

    ``then``: what was known when the month was billed, where more is known now: pools keep the shares of then.
    """
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for code in sorted({version.code for version in files.versions}):
        versions = [version for version in files.versions if version.code == code]
        for (period, month_day), units in list_turns(files, versions[0], month).items():
            for line in Item(files, versions, period, month_day, units, then or files).lines():
                lines[line.unit, line.payer].append(line)
    for bill in lines.values():
        if sum(line.amount for line in bill):
            yield from bill


def find_period(files: Files, unit: Unit, fee_item: str, day: date, months: Sequence[date]) -> Span:
    """The cycle of a fee that holds a day, among those billed in some months."""
    version = next(version for version in files.versions if version.code == fee_item)
    cycles = (due_period(version, month, anchor_of(version, unit)) for month in months)
    return next(cycle for cycle in cycles if cycle and cycle.first <= day < cycle.end)


def anchor_of(version: Version, unit: Unit) -> date | None:
    """The unit's own day that a fee's cycles are counted from; none where they go by the calendar."""
    return unit.handed_over if version.from_handover else None


def list_turns(files: Files, version: Version, month: date) -> dict[tuple[Span, int], list[Unit]]:
    """The days a fee is charged for in the run of a month, the day its months begin on, and for which units."""
    turns: dict[tuple[Span, int], list[Unit]] = defaultdict(list)
    for unit in files.units.values():
        anchor = anchor_of(version, unit)
        if period := due_period(version, month, anchor):
            turns[period, anchor.day if anchor else 1].append(unit)
    return turns


def due_period(version: Version, month: date, anchor: date | None) -> Span | None:
    """The cycle that is billed in this month: the one that begins in it or, in arrears, the one before that.

    Of cycles that a unit counts by itself there is none before the first.
    """
    first_day = anchor or month.replace(day=1, month=1)
    count = (month.year - first_day.year) * 12 + month.month - first_day.month
    if count % version.cycle:
        return None
    first = count if version.in_advance else count - version.cycle
    if anchor and first < 0:
        return None
    begins = first_day if first == 0 else shift(first_day, first)
    return Span(begins, shift(first_day, first + version.cycle))


def shift(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True)
class Item:
    """One fee item in one period, for the units whose turn it is."""

    files: Files
    versions: Sequence[Version]
    period: Span
    month_day: int
    units: Sequence[Unit]
    then: Files

    def lines(self) -> Iterator[Line]:
        """Yield the lines of all units; by another method from a day on, a unit has lines of both."""
        pools = self.pools()
        for unit in self.units:
            stretches = self.stretches(unit)
            for method in METHODS:
                own = [stretch for stretch in stretches if stretch.version.method == method]
                for share in self.shares(unit, own, pools) if method == "pool" else [Fraction(0)]:
                    yield from self.rounded(unit, list(self.parts(unit, method, own, share)))

    def stretches(self, unit: Unit) -> list[Stretch]:
        """Who charges when: for each day the version of the narrowest scope in force."""
        mine = [version for version in self.versions if version.applies_to in unit.scopes]
        borders = {day for version in mine for day in (version.span.first, version.span.end)}
        found = []
        for span in self.period.cut_at(borders):
            charging = [v for v in mine if v.span.within(span)]
            if charging:
                found.append(Stretch(span, min(charging, key=lambda v: unit.scopes.index(v.applies_to))))
        return found

    def shares(
        self, unit: Unit, stretches: list[Stretch], pools: dict[PoolName, list[Shares]]
    ) -> Iterator[Fraction]:
        """The unit's part of its pool, one key after the other; none by a key that gives it no weight."""
        for shares in pools.get(pool_name(stretches[-1].version), ()) if stretches else ():
            if unit.code in shares:
                yield shares[unit.code]

    def payers(self, unit: Unit) -> list[tuple[str, Span]]:
        spans = ((payer.value, payer.span.within(self.period)) for payer in unit.payers)
        return [(name, span) for name, span in spans if span]

    def parts(self, unit: Unit, method: str, stretches: list[Stretch], share: Fraction) -> Iterator[Part]:
        """Yield the exact parts of each payer, in the order of days; none where there is nothing to go by."""
        if not stretches:
            return
        use = self.use_of(unit, kind_of(stretches[-1].version))
        if is_metered(stretches[-1].version) and use is None:
            return
        days_of_all = sum(span.days for _name, span in self.payers(unit))
        for name, days in self.payers(unit):
            for span in days.cut_at(self.changes(unit, method)):
                inside = [(piece, s.version) for s in stretches if (piece := s.span.within(span))]
                if not inside:
                    continue
                if method == "pool":
                    yuan = share * Fraction(days.days, days_of_all)
                else:
                    yuan = sum(
                        (self.exact(unit, piece, version, use, days_of_all) for piece, version in inside),
                        Fraction(0),
                    )
                yield Part(name, Span(inside[0][0].first, inside[-1][0].end), yuan, inside[-1][1].coin)

    def exact(
        self, unit: Unit, span: Span, version: Version, use: Fraction | None, days_of_all: int
    ) -> Fraction:
        """The yuan of some days by one version."""
        if is_metered(version):
            assert use is not None
            return cost(version, use) * span.days / days_of_all
        by_month = {
            "area": lambda: self.area(unit, span) * Fraction(version.price),
            "fixed": lambda: Fraction(version.price),
            "expression": lambda: evaluate(
                version.price, area=self.area(unit, span), floor=unit.floor or Fraction(0)
            ),
        }[version.method]()
        share = unit.share_on(span.first) if self.honours_vacancy else 1
        return by_month * months(span, self.month_day) * share

    @property
    def honours_vacancy(self) -> bool:
        return PROPERTY_FEE in self.versions[0].name

    def area(self, unit: Unit, span: Span) -> Fraction:
        area = unit.area_on(span.first)
        assert area is not None, unit.code
        return area

    def changes(self, unit: Unit, method: str) -> set[date]:
        """Days from which the unit owes otherwise: by its area, or by a share while it stands empty."""
        areas = unit.areas if method in ("area", "expression") else []
        by_months = method in ("area", "fixed", "expression") and self.honours_vacancy
        dated = [*areas, *(unit.shares if by_months else [])]
        return {day for one in dated for day in (one.span.first, one.span.end)}

    def use_of(self, unit: Unit, kind: str) -> Fraction | None:
        """What the unit's meters of a kind counted, or None when it has none with a value to begin from."""
        mine = [m for m in self.files.meters.values() if m.unit == unit.code and m.kind == kind]
        uses = [use for meter in mine if (use := use_of(meter, self.period)) is not None]
        return sum(uses, Fraction(0)) if uses else None

    def rounded(self, unit: Unit, parts: list[Part]) -> Iterator[Line]:
        """Round the unit's amount once, in the coin of its newest part, and share it in coins."""
        if not parts:
            return
        coin = parts[-1].coin
        for part, coins in zip(parts, share_out([p.yuan / coin for p in parts]), strict=True):
            last = part.span.end - timedelta(days=1)
            code = self.versions[0].code
            yield Line(unit.code, part.payer, code, part.span.first, last, as_yuan(coins * coin))

    # A pool is rounded first; then it is shared, and what is left over goes to the largest remainders.

    def pools(self) -> dict[PoolName, list[Shares]]:
        """The yuan of each participant of each pool, a table a key."""
        versions = sorted((v for v in self.versions if v.method == "pool"), key=pool_name)
        return {name: list(self.pool(name, list(own))) for name, own in groupby(versions, key=pool_name)}

    def pool(self, name: PoolName, versions: list[Version]) -> Iterator[Shares]:
        _scope, meter, text = name
        inside = [(v, span) for v in versions if (span := v.span.within(self.period))]
        if not inside:
            return
        coin = inside[-1][0].coin
        price = sum(
            (Fraction(v.price.split(";")[1]) * span.days / self.period.days for v, span in inside),
            Fraction(0),
        )
        agreement = read_agreement(text)
        taken_off = {name: self.counted(code) for name, code in agreement.meters.items()}
        use = agreement.shared_use(self.counted(meter), taken_off)
        days = self.days(versions, counts_vacancy=agreement.counts_vacancy)
        for key, coins in zip(agreement.keys, agreement.split(half_up(use * price / coin)), strict=True):
            bases = {code: self.base(self.then.units[code], key) for code in days}
            shares = share_by(agreement.weigh(key, self.then.units, bases, days), coins)
            yield {code: share * coin for code, share in shares.items()}

    def counted(self, meter: str) -> Fraction:
        use = use_of(self.files.meters[meter], self.period)
        assert use is not None, meter
        return use

    def days(self, versions: list[Version], *, counts_vacancy: bool) -> Shares:
        """Of how many days of the period each unit under the pool has a part; vacant ones may count for less."""
        found = {}
        for code, unit in self.then.units.items():
            under = sum(s.span.days for s in self.stretches(unit) if s.version in versions)
            held = [span for _name, span in self.payers(unit)] or [self.period]
            paid = sum(span.days for span in held)
            counted = self.worth(unit, held) if counts_vacancy else Fraction(paid)
            if under:
                found[code] = counted * min(under, paid) / paid
        return found

    def worth(self, unit: Unit, spans: Sequence[Span]) -> Fraction:
        """Days, those on which the unit stood empty times the share still due."""
        borders = {day for share in unit.shares for day in (share.span.first, share.span.end)}
        pieces = (piece for span in spans for piece in span.cut_at(borders))
        return sum((piece.days * unit.share_on(piece.first) for piece in pieces), Fraction(0))

    def base(self, unit: Unit, key: Key) -> Fraction:
        """What a unit has of a key: its area on the period's last day, its use, or one."""
        if key.kind == "area":
            return unit.area_on(self.period.end - timedelta(days=1)) or Fraction(0)
        return (self.use_of(unit, key.name) or Fraction(0)) if key.kind == "use" else Fraction(1)


def pool_name(version: Version) -> PoolName:
    """The agreement's own words are no part of it: they may be put otherwise."""
    meter, _price, *sharing = version.price.split(";")
    return version.applies_to, meter, ";".join(text for text in sharing if not text.startswith("agreement="))


def kind_of(version: Version) -> str:
    """The kind of meter a fee is charged by."""
    return version.price.partition(";")[0] if is_metered(version) else ""


def is_metered(version: Version) -> bool:
    return version.method in ("meter", "tiers") or (version.method == "expression" and ";" in version.price)


def evaluate(formula: str, **values: Fraction) -> Fraction:
    """What a formula comes to: Python reads it, after its numbers have become fractions and its ``if`` a function."""
    exact = re.sub(r"\d+(\.\d+)?", r"Fraction('\g<0>')", formula).replace("if(", "choose(")
    names = {"Fraction": Fraction, "min": min, "max": max, "choose": lambda yes, a, b: a if yes else b}
    value = eval(exact, {"__builtins__": {}}, {**names, **values})
    assert isinstance(value, Fraction)
    return value


def cost(version: Version, use: Fraction) -> Fraction:
    """What a use costs by one version: at one price, by a formula, or each slab of it at its own."""
    fields = version.price.split(";")[1:]
    if version.method == "meter":
        return use * Fraction(fields[0])
    if version.method == "expression":
        return evaluate(fields[0], use=use)
    yuan, low = Fraction(0), Fraction(0)
    for field in fields:
        limit, _colon, price = field.partition(":")
        high = min(use, Fraction(limit)) if limit else use
        yuan += max(high - low, Fraction(0)) * Fraction(price)
        low = max(low, high)
    return yuan


def use_of(meter: Meter, period: Span) -> Fraction | None:
    """Last reading before the period's end less the last before its start; None without the latter."""
    before = [value for day, value in meter.counted if day < period.first]
    inside = [value for day, value in meter.counted if day < period.end]
    return inside[-1] - before[-1] if before else None


@cache
def months(span: Span, month_day: int) -> Fraction:
    """Whole months count one, a part of a month its days over those of that month; months begin on ``month_day``."""
    anchor = date(2000, 1, month_day)
    total, count = Fraction(0), (span.first.year - 2000) * 12 + span.first.month - 2
    while shift(anchor, count) < span.end:
        month = Span(shift(anchor, count), shift(anchor, count + 1))
        inside = month.within(span)
        total += Fraction(inside.days, month.days) if inside else 0
        count += 1
    return total
