"""Unit codes: building-stair-room, as people say them and as we write them.

A shop or a villa has no stair and is written with stair 0 (8-0-12). A parking space is P-lot-space.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.tables.cells import BadCell, token
from core.tables.sheet import Cell

PARKING = "P"
NO_STAIR = "0"
NO_STAIR_WORDS = ("-", "/", "无", "无单元", "商铺", "底商", "别墅")
HAN_DIGITS = "零一二三四五六七八九"
BUILDING_TAIL = re.compile(r"(号楼|楼栋|栋|幢|座|楼|#)$")
STAIR_TAIL = re.compile(r"(号?单元|梯|门)$")
ROOM_TAIL = re.compile(r"(?<=\d)(室|房|户|号商铺|号铺|商铺|铺|号)$")
FULL_CODE = (
    re.compile(r"(?P<building>[^-]+)-(?P<stair>[^-]+)-(?P<room>[^-]+)"),
    re.compile(r"(?P<building>.+?)(号楼|栋|幢|座|#)-?(?P<stair>[^-]+?)单元-?(?P<room>.+)"),
)
PLAIN = re.compile(r"[0-9A-Za-z\u3400-\u9fff.+/]+(-[0-9A-Za-z\u3400-\u9fff.+/]+)*")
LENGTHS = {"building": 20, "stair": 10, "room": 20}


@dataclass(frozen=True, slots=True)
class UnitName:
    """The three parts of a unit's code, each in plain form."""

    building: str
    stair: str
    room: str

    @property
    def code(self) -> str:
        """The written code."""
        return f"{self.building}-{self.stair}-{self.room}"


@lru_cache(maxsize=10_000, typed=True)
def building_code(cell: Cell) -> str:
    """Return a building's plain code.

    >>> [building_code(cell) for cell in ("8栋", "第08号楼", 8, "A座", "十二栋")]
    ['8', '8', '8', 'A', '12']
    """
    return _plain(BUILDING_TAIL.sub("", _code_text(cell).removeprefix("第")), "building")


@lru_cache(maxsize=10_000, typed=True)
def stair_code(cell: Cell) -> str:
    """Return a stair's plain code.

    >>> [stair_code(cell) for cell in ("2单元", "二单元", 2, "0")]
    ['2', '2', '2', '0']
    """
    text = _code_text(cell)
    if text in NO_STAIR_WORDS:
        return NO_STAIR
    return _plain(STAIR_TAIL.sub("", text.removeprefix("第")), "stair")


@lru_cache(maxsize=50_000, typed=True)
def room_code(cell: Cell) -> str:
    """Return a room's plain code; leading zeros stay, because doors have them.

    >>> [room_code(cell) for cell in ("301室", 301, "0301", "12铺", "商铺12")]
    ['301', '301', '0301', '12', '商铺12']
    """
    plain = ROOM_TAIL.sub("", _code_text(cell))
    return _checked(plain, "room")


def full_name(cell: Cell) -> UnitName | None:
    """Return the parts of a full code such as 8-2-301 or 8栋2单元301室, or None when the text is only a room.

    >>> full_name("8栋2单元301室"), full_name("301")
    (UnitName(building='8', stair='2', room='301'), None)
    """
    text = _code_text(cell)
    for form in FULL_CODE:
        if match := form.fullmatch(text):
            parts = match.groupdict()
            return UnitName(
                building_code(parts["building"]), stair_code(parts["stair"]), room_code(parts["room"])
            )
    return None


def parking_name(lot: str, space: str) -> UnitName:
    """Return the name of a parking space; the lot may be part of the space's own text.

    >>> parking_name("1", "012").code, parking_name("", "B1-023").code, parking_name("", "023").code
    ('P-1-012', 'P-B1-023', 'P-0-023')
    """
    if not lot:
        lot, _, space = space.rpartition("-")
    return UnitName(PARKING, lot or NO_STAIR, space)


def space_code(cell: Cell) -> str:
    """Return the plain text of a parking space or lot.

    >>> space_code(" Ｂ1－023 号车位")
    'B1-023'
    """
    return _checked(re.sub(r"号?(停?车位|车库)$", "", _code_text(cell)), "room")


def _code_text(cell: Cell) -> str:
    """The text of a code cell. A date is a code that Excel has spoilt (8-2 became 2 August)."""
    if not isinstance(cell, str | int):
        raise BadCell("code_is_date" if hasattr(cell, "year") else "code_is_number")
    return token(cell).replace("—", "-").replace("–", "-").replace("－", "-")


def _plain(text: str, part: str) -> str:
    number = _han_number(text)
    if number is not None:
        return str(number)
    return _checked(text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text, part)


def _checked(text: str, part: str) -> str:
    if not PLAIN.fullmatch(text):
        raise BadCell("odd_code")
    if len(text) > LENGTHS[part]:
        raise BadCell("too_long", longest=LENGTHS[part])
    return text


def _han_number(text: str) -> int | None:
    """Return 1 to 99 written in Chinese numerals, else None."""
    tens, ten, ones = text.rpartition("十")
    if not text or any(sign not in HAN_DIGITS for sign in tens + ones) or len(tens) > 1 or len(ones) > 1:
        return None
    return (HAN_DIGITS.index(tens) if tens else 1 if ten else 0) * 10 + (
        HAN_DIGITS.index(ones) if ones else 0
    )
