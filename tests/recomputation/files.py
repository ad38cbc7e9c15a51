"""The clerk's files as plain values: who holds what, what it costs, what meters showed, what changed when.

Written from docs/import-formats.md; nothing here comes from the product.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

FAR = date(2999, 1, 1)
LONG_AGO = date(1900, 1, 1)
UNSOLD = ("未销售", "未售", "未交房")
PARKING = "车位"
PROPERTY_FEE = "物业"
"""Less is due of a fee of this name while a unit stands empty by approval; all others are due in full."""


@dataclass(frozen=True)
class Span:
    """Days from ``first`` up to, not including, ``end``."""

    first: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def within(self, other: Span) -> Span | None:
        first, end = max(self.first, other.first), min(self.end, other.end)
        return Span(first, end) if first < end else None

    def cut_at(self, days: set[date]) -> list[Span]:
        inside = sorted(day for day in days if self.first < day < self.end)
        return [Span(a, b) for a, b in zip([self.first, *inside], [*inside, self.end], strict=True)]


@dataclass(frozen=True)
class Dated:
    """Something that holds on some days: a payer's name, an area, a share."""

    span: Span
    value: str


@dataclass
class Unit:
    """One unit, and what is known of it day by day."""

    code: str
    building: str
    kind: str
    area: Fraction | None
    floor: Fraction | None = None
    handed_over: date | None = None
    payers: list[Dated] = field(default_factory=list)
    areas: list[Dated] = field(default_factory=list)
    shares: list[Dated] = field(default_factory=list)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a tariff may name to reach this unit, the narrowest first."""
        return (f"unit:{self.code}", f"building:{self.building}", f"kind:{self.kind}", "*")

    def area_on(self, day: date) -> Fraction | None:
        return next((Fraction(a.value) for a in self.areas if a.span.first <= day < a.span.end), self.area)

    def share_on(self, day: date) -> Fraction:
        return next((Fraction(s.value) for s in self.shares if s.span.first <= day < s.span.end), Fraction(1))


@dataclass(frozen=True)
class Version:
    """One row of the tariff file."""

    code: str
    name: str
    cycle: int
    in_advance: bool
    from_handover: bool
    method: str
    price: str
    applies_to: str
    span: Span
    coin: Fraction


@dataclass(frozen=True)
class Meter:
    """A meter and what it had counted by which day. ``unit`` is empty for one of the community."""

    unit: str
    kind: str
    counted: list[tuple[date, Fraction]]


@dataclass
class Files:
    """All that the recomputation knows."""

    units: dict[str, Unit]
    versions: list[Version]
    meters: dict[str, Meter]


def read_files(folder: Path, developer: str) -> Files:
    """Read a clerk's folder: roster.csv, tariffs*.csv in order, dials.csv, readings*.csv and changes*.csv."""
    units = read_roster(folder / "roster.csv", developer)
    apply_changes(units, folder)
    return Files(units, read_tariffs(folder), read_readings(folder))


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_roster(path: Path, developer: str) -> dict[str, Unit]:
    """Units by code; each parking space is a unit of the same owner. Unsold units are the developer's."""
    units: dict[str, Unit] = {}
    for row in rows_of(path):
        code = f"{row['楼栋']}-{row['单元']}-{row['房号']}"
        payer = developer if row["房屋状态"] in UNSOLD else row["业主姓名"]
        always = [Dated(Span(LONG_AGO, FAR), payer)]
        day = row["交房日期"]
        units[code] = Unit(
            code,
            row["楼栋"],
            row["房屋类型"],
            Fraction(row["建筑面积"]),
            Fraction(row["楼层"]),
            date.fromisoformat(day) if day else None,
            always,
        )
        if row["车位"]:
            space = f"P-{row['车位']}"
            units[space] = Unit(space, "", PARKING, None, payers=list(always))
    return units


def read_tariffs(folder: Path) -> list[Version]:
    """The versions in force: a later file that writes code, scope and first day again changes that version."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for path in sorted(folder.glob("tariffs*.csv")):
        for row in rows_of(path):
            found[row["code"], row["applies_to"], row["effective_from"]] = row
    return [as_version(row) for row in found.values()]


def as_version(row: dict[str, str]) -> Version:
    last = row["effective_to"]
    return Version(
        code=row["code"],
        name=row["name"],
        cycle={"month": 1, "quarter": 3, "half_year": 6, "year": 12}[row["cycle"]],
        in_advance=row["timing"] == "advance",
        from_handover=row.get("counted_from") == "handover",
        method=row["method"],
        price=row["price"],
        applies_to=row["applies_to"] or "*",
        span=Span(date.fromisoformat(row["effective_from"]), after(last) if last else FAR),
        coin={"fen": Fraction(1, 100), "jiao": Fraction(1, 10), "yuan": Fraction(1)}[
            row["rounding"] or "fen"
        ],
    )


def read_readings(folder: Path) -> dict[str, Meter]:
    """Meters by code, with dials.csv for those that begin again at zero."""
    shown: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("readings*.csv")):
        for row in rows_of(path):
            shown[row["meter"]].append(row)
    tops = {row["meter"]: 10 ** int(row["digits"]) for row in rows_of(folder / "dials.csv")}
    return {code: as_meter(rows, tops.get(code)) for code, rows in shown.items()}


def as_meter(rows: list[dict[str, str]], top: int | None) -> Meter:
    """Count on from reading to reading: past the top of a dial, and from one instrument to the next."""
    rows = sorted(rows, key=lambda row: row["date"])
    total, before, multiplier = Fraction(0), Fraction(rows[0]["value"]), Fraction(rows[0]["multiplier"] or 1)
    counted = []
    for row in rows:
        value = Fraction(row["value"])
        if row["old_closing"]:
            total += (Fraction(row["old_closing"]) - before) * multiplier
            before, multiplier = Fraction(row["new_opening"]), Fraction(row["multiplier"])
        total += ((value - before) % top if top else value - before) * multiplier
        before = value
        counted.append((date.fromisoformat(row["date"]), total))
    return Meter(rows[0]["unit"], rows[0]["kind"], counted)


def apply_changes(units: dict[str, Unit], folder: Path) -> None:
    """Enter what changed during the year; days are inclusive, and no last day means until further notice."""
    enter = {"transfer": enter_transfer, "area": enter_area, "vacancy": enter_vacancy}
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("changes*.csv")):
        for row in rows_of(path):
            rows[row["kind"]].append(row)
    for kind, change in enter.items():
        for row in sorted(rows[kind], key=lambda row: row["from"]):
            change(units[row["unit"]], row, span_of(row))


def enter_transfer(unit: Unit, row: dict[str, str], span: Span) -> None:
    before = unit.payers.pop()
    unit.payers += [
        Dated(Span(before.span.first, span.first), before.value),
        Dated(Span(span.first, FAR), row["name"]),
    ]


def enter_area(unit: Unit, row: dict[str, str], span: Span) -> None:
    """What was measured later holds from its own day on."""
    unit.areas.insert(0, Dated(span, row["value"]))


def enter_vacancy(unit: Unit, row: dict[str, str], span: Span) -> None:
    unit.shares.append(Dated(span, row["value"]))


def span_of(row: dict[str, str]) -> Span:
    return Span(date.fromisoformat(row["from"]), after(row["to"]) if row["to"] else FAR)


def after(day: str) -> date:
    return date.fromisoformat(day) + timedelta(days=1)
