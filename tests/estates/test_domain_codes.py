"""Unit codes as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from core.tables.cells import BadCell
from core.tables.sheet import Cell
from estates.domain.codes import building_code, full_name, room_code, space_code, stair_code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("8栋", "8"), ("８ 栋", "8"), ("8号楼", "8"), ("08", "8"), ("8幢", "8"), ("A座", "A"), ("十二栋", "12"),
        ("二十三号楼", "23"), ("第3栋", "3"), (8, "8"), ("8#", "8"), ("东区", "东区"), ("0", "0"),
    ],
)  # fmt: skip
def test_building_code(cell: Cell, code: str) -> None:
    assert building_code(cell) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [("2单元", "2"), ("二单元", "2"), (0, "0"), ("乙单元", "乙"), ("3门", "3"), ("商铺", "0"), ("-", "0")],
)
def test_stair_code(cell: Cell, code: str) -> None:
    assert stair_code(cell) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("301室", "301"),
        ("0301", "0301"),
        (301, "301"),
        ("301A", "301A"),
        ("2-301", "2-301"),
        ("12号铺", "12"),
    ],
)
def test_room_code(cell: Cell, code: str) -> None:
    assert room_code(cell) == code


@pytest.mark.parametrize("cell", [date(2026, 8, 2), Decimal("8.2"), "8?", "-", "<b>", "1" * 21])
def test_room_code_refuses_what_no_door_has(cell: Cell) -> None:
    with pytest.raises(BadCell):
        room_code(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("8-2-301", "8-2-301"), ("8—2—301", "8-2-301"), ("8栋2单元301", "8-2-301"), ("8号楼二单元301室", "8-2-301"),
        ("8-0-12", "8-0-12"), ("08-02-0301", "8-2-0301"), ("8栋-2单元-301室", "8-2-301"),
    ],
)  # fmt: skip
def test_full_name(cell: Cell, code: str) -> None:
    name = full_name(cell)
    assert name is not None
    assert name.code == code


@pytest.mark.parametrize("cell", ["301", "8-301", "1-2-3-4"])
def test_full_name_is_none_for_a_part(cell: Cell) -> None:
    assert full_name(cell) is None


@pytest.mark.parametrize(("cell", "code"), [("B1-023", "B1-023"), ("023号车位", "023"), (105, "105")])
def test_space_code(cell: Cell, code: str) -> None:
    assert space_code(cell) == code
