"""Looks into an .xlsx file, which is a zip of XML parts, before and beside the spreadsheet parser.

The spreadsheet parser trusts its input and shows a failed formula as a blank cell. So this module refuses bombs
and foreign entities first, and finds the cells that hold an error.
"""

import re
import stat
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element
from xml.sax.saxutils import unescape
from zipfile import BadZipFile, ZipFile

from defusedxml import ElementTree

from core.tables import limits

RATIO_FREE_BYTES = 1024 * 1024
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>")
FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")
FOREIGN_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")


class Refused(Exception):
    """The file is dangerous or broken; the code says how."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def check_archive(archive: ZipFile) -> None:
    """Refuse an archive that is too large when unpacked, too tightly packed, too numerous, or holds links.

    Raises:
        Refused: `packed`, or `encrypted`.
    """
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    tight = unpacked > RATIO_FREE_BYTES and unpacked > packed * limits.MAX_RATIO
    if tight or len(members) > limits.MAX_MEMBERS or unpacked > limits.MAX_UNPACKED_BYTES:
        raise Refused("packed")
    if any(stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise Refused("packed")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted")


def check_parts(archive: ZipFile) -> None:
    """Read every XML part to its end and refuse those that declare entities.

    Reading to the end also compares the true size and checksum with what the archive claims.

    Raises:
        Refused: `declares_entities`, or `damaged` when a part is not what the archive says it is.
    """
    for member in archive.infolist():
        if member.filename.lower().endswith((".xml", ".rels")):
            part = _read(archive, member.filename)
            if any(markup in part for markup in FOREIGN_MARKUP):
                raise Refused("declares_entities")


def _read(archive: ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (BadZipFile, KeyError, EOFError, NotImplementedError) as error:
        raise Refused("damaged") from error


def find_error_cells(archive: ZipFile) -> dict[str, list[tuple[int, int, str]]]:
    """Return for each sheet name its failed cells as (line from 1, column from 0, error text).

    A formula that was saved without a result (written by a program, never calculated) is shown as it stands: =A1*2.
    """
    return {name: list(_errors_in(_read(archive, part))) for name, part in _sheet_parts(archive)}


def _sheet_parts(archive: ZipFile) -> Iterator[tuple[str, str]]:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    for sheet in _xml(archive, "xl/workbook.xml").iter():
        target = targets.get(sheet.get(RELATION)) if sheet.tag.endswith("}sheet") else None
        part = str(PurePosixPath("xl") / target).lstrip("/") if target else ""
        if part in names:
            yield sheet.get("name", ""), part


def _xml(archive: ZipFile, name: str) -> Element:
    try:
        root: Element = ElementTree.fromstring(_read(archive, name))
    except ElementTree.ParseError as error:
        raise Refused("damaged") from error
    return root


def _errors_in(part: bytes) -> Iterator[tuple[int, int, str]]:
    if b't="e"' not in part and not FORMULA.search(part):
        return
    for attributes, content in CELL.findall(part):
        place = PLACE.search(attributes)
        text = _error_text(attributes, content)
        if place and text is not None:
            yield int(place.group(2)), _column_number(place.group(1)), text


def _error_text(attributes: bytes, content: bytes) -> str | None:
    """Return the error a cell shows, its formula when it was never calculated, or None when it is sound."""
    value, formula = VALUE.search(content), FORMULA.search(content)
    if b't="e"' in attributes:
        return unescape((value.group(1) if value else b"").decode("utf-8", "replace"))
    is_blank_text = b't="str"' in attributes and value is not None
    if formula and not is_blank_text and not (value and value.group(1)):
        return "=" + unescape((formula.group(1) or b"").decode("utf-8", "replace"))
    return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
