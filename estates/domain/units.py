"""Reads what a row says about its unit: name, floor, kind, state, areas, hand-over."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.tables.cells import BadCell, day, number, one_of, token, whole_number
from core.tables.rows import Row
from core.tables.sheet import Cell, is_filled
from estates.domain.codes import (
    NO_STAIR,
    UnitName,
    building_code,
    full_name,
    parking_name,
    room_code,
    space_code,
    stair_code,
)
from estates.domain.facts import BuildingFacts, UnitFacts
from estates.domain.people import BETWEEN
from estates.domain.words import KINDS, STATES, YES

LARGEST_AREA = {
    "high_rise": Decimal(1_000),
    "townhouse": Decimal(1_500),
    "villa": Decimal(3_000),
    "shop": Decimal(50_000),
    "office": Decimal(50_000),
    "parking": Decimal(500),
    "storage": Decimal(1_000),
}
"""m²; what lies above is a slip of the keyboard. Of a kind not yet known the shop's bound holds."""
SMALLEST_AREA = Decimal("0.5")
AREA_STEP = Decimal("0.0001")
FLOOR = re.compile(
    r"(?P<below>B|负|地下|-)?(?P<number>\d{1,3}|[一二三四五六七八九])([-~至,/]\d{1,3})?(层|楼|F)?",
    re.IGNORECASE,
)
HAN = "零一二三四五六七八九"
MOST_FLOORS = 200

read_kind = one_of(KINDS, "unknown_kind")
read_state = one_of(STATES, "unknown_state")


def read_name(row: Row) -> UnitName | None:
    """Return the unit's name from building, stair and room, or from a full code in the room's cell.

    None when a part is missing or odd; the findings then say which.
    """
    if is_filled(row.cell("building")):
        return _name_of_parts(row)
    full = row.need("room", full_name, None)
    if full is None and not row.is_rejected:
        row.reject("building" if "building" in row.table.columns else "room", "no_building")
    return full


def _name_of_parts(row: Row) -> UnitName | None:
    building = row.read("building", building_code, "")
    room = row.need("room", room_code, "")
    stair = row.read("stair", stair_code, "")
    if row.is_rejected:
        return None
    parts = room.split("-")
    if len(parts) == 1:
        return UnitName(building, stair or NO_STAIR, room)
    if len(parts) == 2 and stair in ("", parts[0]):
        return UnitName(building, parts[0], parts[1])
    if len(parts) == 3 and building == parts[0] and stair in ("", parts[1]):
        return UnitName(*parts)
    row.reject("room", "room_disagrees", building=building, stair=stair or NO_STAIR)
    return None


def read_facts(row: Row, name: UnitName | None, floors: int | None, today: date) -> UnitFacts:
    """Return what the row says about the unit; `floors` is the height of its building where that is known."""
    kind = _kind(row, name)
    return UnitFacts(
        floor=_floor(row, floors),
        kind=kind,
        state=row.read("state", read_state, None),
        area_m2=read_area(row, "area", kind),
        inner_area_m2=_inner_area(row, kind),
        handed_over_on=_handed_over(row, today),
    )


def read_building(row: Row) -> BuildingFacts:
    """Return what the row says about its building."""
    return BuildingFacts(
        row.read("floors", floor_count, None), row.read("lift", one_of(YES, "not_yes_or_no"), None)
    )


def read_spaces(row: Row) -> list[UnitName]:
    """Return the parking spaces that the row of a flat or shop names as belonging to it."""
    return row.read("spaces", _spaces, [])


def _spaces(cell: Cell) -> list[UnitName]:
    if not isinstance(cell, str):
        return [parking_name("", space_code(cell))]
    parts = [part for part in BETWEEN.split(cell) if part.strip() and token(part) not in ("无", "-", "/")]
    return [parking_name("", space_code(part)) for part in parts]


def _kind(row: Row, name: UnitName | None) -> str | None:
    """The kind; MicroCommunity writes shops as dwellings (110) on stair 0."""
    kind: str | None = row.read("kind", read_kind, None)
    if name and name.stair == NO_STAIR and token(row.cell("kind")) == "110":
        row.remark("kind", "shop_by_stair")
        return "shop"
    return kind


def floor_count(cell: Cell) -> int:
    """Return the number of floors of a building.

    Raises:
        BadCell: not a whole number from 1 to 200.
    """
    floors = whole_number(cell)
    if not 1 <= floors <= MOST_FLOORS:
        raise BadCell("odd_floor")
    return floors


def floor_number(cell: Cell) -> int:
    """Return a floor; below ground is negative, and of a span the lower end counts.

    >>> [floor_number(cell) for cell in (3, "3层", "B1", "负一层", "3-4层", "-1")]
    [3, 3, -1, -1, 3, -1]
    """
    if isinstance(cell, int) and abs(cell) <= MOST_FLOORS:
        return cell
    match = FLOOR.fullmatch(token(cell))
    if not match:
        raise BadCell("odd_floor")
    digits = match["number"]
    floor = HAN.index(digits) if digits in HAN else int(digits)
    if floor > MOST_FLOORS:
        raise BadCell("odd_floor")
    return -floor if match["below"] else floor


def _floor(row: Row, floors: int | None) -> int | None:
    floor = row.read("floor", floor_number, None)
    if floor is not None and floors is not None and floor > floors:
        row.reject("floor", "floor_above_building", floors=floors)
    return floor


def read_area(row: Row, field: str, kind: str | None) -> Decimal | None:
    """Return an area in m² with at most four decimals; zero, negative and absurd ones are rejected."""
    area = row.read(field, positive_area, None)
    if area is None:
        return None
    largest = LARGEST_AREA[kind or "shop"]
    if not SMALLEST_AREA <= area <= largest:
        row.reject(field, "absurd_area", largest=largest)
        return None
    if int(area.as_tuple().exponent) >= -4:
        return area
    row.remark(field, "area_rounded", rounded=area.quantize(AREA_STEP, ROUND_HALF_UP))
    return area.quantize(AREA_STEP, ROUND_HALF_UP)


def positive_area(cell: Cell) -> Decimal:
    """Return a number above zero.

    Raises:
        BadCell: `area_not_positive`, or as `number`.
    """
    area = number(cell)
    if area <= 0:
        raise BadCell("area_not_positive")
    return area


def _inner_area(row: Row, kind: str | None) -> Decimal | None:
    inner = read_area(row, "inner_area", kind)
    if inner is not None and not row.is_rejected:
        area = row.read("area", positive_area, None)
        if area is not None and inner > area:
            row.reject("inner_area", "inner_above_area", area=area)
    return inner


def _handed_over(row: Row, today: date) -> date | None:
    handed_over = row.read("handed_over", day, None)
    if handed_over is not None and handed_over > today:
        row.reject("handed_over", "handed_over_in_future", today=today)
    return handed_over
