"""Looks into an .xls file (BIFF8 records in an OLE container) for cells that hold an error.

The spreadsheet parser shows a failed formula as a blank cell. Sources: [MS-CFB] for the container, [MS-XLS] for the
records BOUNDSHEET, BOOLERR and FORMULA.
"""

import struct
from collections.abc import Iterator

SECTOR, FIRST_FAT, DIRECTORY_START, HEADER_FATS = 30, 76, 48, 109
END_OF_CHAIN = 0xFFFFFFFC
SMALL_STREAM = 4096
BOUNDSHEET, BOOLERR, FORMULA, END = 0x85, 0x205, 0x06, 0x0A
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}

ErrorCells = list[tuple[int, int, str]]


def find_error_cells(data: bytes) -> list[ErrorCells]:
    """Return for each worksheet, in the order of the workbook, its failed cells as (line from 1, column, text).

    Of a container that is broken or too small to hold a workbook nothing is found; the parser will judge it.
    """
    try:
        stream = _workbook_stream(data)
        return [list(errors_from(stream, offset)) for offset in _sheet_offsets(stream)]
    except (struct.error, IndexError):
        return []


def _workbook_stream(data: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", data, SECTOR)[0]
    fats = struct.unpack_from(f"<{HEADER_FATS}I", data, FIRST_FAT)
    table = b"".join(_sector(data, size, number) for number in fats if number < END_OF_CHAIN)
    chain = struct.unpack(f"<{len(table) // 4}I", table)
    (start,) = struct.unpack_from("<I", data, DIRECTORY_START)
    directory = _chained(data, size, chain, start)
    for place in range(0, len(directory), 128):
        entry = directory[place : place + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        first, length = struct.unpack_from("<II", entry, 116)
        if name in ("Workbook", "Book") and length >= SMALL_STREAM:
            return _chained(data, size, chain, first)[:length]
    return b""


def _sector(data: bytes, size: int, number: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]


def _chained(data: bytes, size: int, chain: tuple[int, ...], start: int) -> bytes:
    """Return the sectors of a chain as one piece; a chain that bites its tail ends where it has visited all."""
    pieces: list[bytes] = []
    while start < END_OF_CHAIN and len(pieces) < len(chain):
        pieces.append(_sector(data, size, start))
        start = chain[start]
    return b"".join(pieces)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, body) of the records from a place to the end of its part."""
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == END:
            return
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _sheet_offsets(stream: bytes) -> Iterator[int]:
    """Yield where each worksheet begins; charts and macro sheets are not worksheets."""
    for kind, body in _records(stream, 0):
        if kind == BOUNDSHEET and body[5] == 0:
            yield struct.unpack_from("<I", body)[0]


def errors_from(stream: bytes, offset: int) -> Iterator[tuple[int, int, str]]:
    """Yield the failed cells of the sheet that begins at `offset` of the workbook stream."""
    for kind, body in _records(stream, offset):
        failed = (kind == BOOLERR and body[7] == 1) or (
            kind == FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff"
        )
        if failed:
            line, column = struct.unpack_from("<HH", body)
            yield line + 1, column, ERRORS.get(body[6 if kind == BOOLERR else 8], "#ERROR!")
