"""Old workbooks, whole and broken, never stop the search for failed cells."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from core.tables.biff import errors_from, find_error_cells
from tests.core.workbooks import Formula, write_xls

WHOLE = write_xls({"a": [["x", Formula("#REF!")], ["y"]], "b": [[], ["", Formula("#NUM!")]]})


def test_find_error_cells_by_sheet() -> None:
    assert find_error_cells(WHOLE) == [[(1, 1, "#REF!")], [(2, 1, "#NUM!")]]


def formula(line: int, column: int, result: bytes) -> bytes:
    """Return a FORMULA record."""
    body = struct.pack("<HHH", line - 1, column, 15) + result + bytes(8)
    return struct.pack("<HH", 0x06, len(body)) + body


def test_errors_from_knows_failed_formulas_from_others() -> None:
    failed, worked = b"\x02\x00\x07\x00\x00\x00\xff\xff", struct.pack("<d", 5.0)
    stream = (
        formula(1, 0, worked) + formula(3, 4, failed) + struct.pack("<HH", 0x0A, 0) + formula(9, 9, failed)
    )
    assert list(errors_from(stream, 0)) == [(3, 4, "#DIV/0!")]


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_find_error_cells_of_a_broken_container_ends(place: int, byte: int) -> None:
    broken = bytearray(WHOLE)
    broken[place] = byte
    for cells in find_error_cells(bytes(broken)):
        assert all(line > 0 and column >= 0 for line, column, _text in cells)


def test_find_error_cells_of_nothing() -> None:
    assert find_error_cells(b"") == []
    assert find_error_cells(bytes(600)) == []
