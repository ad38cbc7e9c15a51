"""Opens a file that a person sent: .xlsx, .xls or .csv, inside the limits of S-09 and S-10.

Workbooks are parsed by a child process with its own limits (`child`). Text files are read here.
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.collection import paused_collection
from core.errors import InvalidError, Problem
from core.tables import limits
from core.tables.sheet import Area, Cell, ErrorCell, Sheet

ROOT = Path(__file__).resolve().parents[2]
CHILD_SECONDS = 90
KINDS = ("xlsx", "xls", "csv")
MAGIC = {"xlsx": b"PK\x03\x04", "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
DELIMITERS = ",\t;"

REASONS = {
    "wrong_type": _(
        "The file “%(name)s” is neither .xlsx, .xls nor .csv. Save it as an Excel workbook and try again."
    ),
    "disguised": _("The file “%(name)s” is not what its ending says. Open it in Excel and save it as .xlsx."),
    "too_large": _("The file “%(name)s” is too large (20 MB at most). Split it and import the parts."),
    "packed": _(
        "The file “%(name)s” is packed in a way no spreadsheet program does. Save it again as .xlsx."
    ),
    "too_many_rows": _(
        "A sheet of “%(name)s” has cells below line 200,000. Delete what stands below the table."
    ),
    "too_many_columns": _("A sheet of “%(name)s” has cells right of column 200. Delete what stands there."),
    "declares_entities": _(
        "The file “%(name)s” holds markup that no spreadsheet needs. Save it again as .xlsx."
    ),
    "encrypted": _("The file “%(name)s” is protected by a password. Remove the protection and try again."),
    "damaged": _("The file “%(name)s” is damaged and cannot be read. Open it in Excel and save it again."),
    "unknown_encoding": _("The text of “%(name)s” is neither UTF-8 nor GB18030. Save it as “CSV UTF-8”."),
    "unreadable": _("The file “%(name)s” cannot be opened."),
    "empty_file": _("The file “%(name)s” is empty."),
}


class FileRefused(InvalidError):
    """A file that cannot be read at all; `problems` holds the one reason in the form of an import's findings."""

    code = "file_refused"

    def __init__(self, reason: str, filename: str) -> None:
        message = str(REASONS[reason] % {"name": filename})
        where: dict[str, str | int] = {"sheet": "", "row": 0, "column": "", "value": filename}
        super().__init__(message, code=reason, problems=[Problem(reason, message, where)])


@dataclass(frozen=True)
class OpenedFile:
    """A file that was read: its name, the SHA-256 of its bytes, and its sheets."""

    name: str
    digest: str
    sheets: Sequence[Sheet]


def open_file(path: Path) -> OpenedFile:
    """Return a file on disk as its sheets.

    Raises:
        FileRefused: it cannot be opened, or as `read_tables`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileRefused("unreadable", path.name) from error
    return open_bytes(data, path.name)


def open_bytes(data: bytes, filename: str) -> OpenedFile:
    """Return an uploaded file as its sheets.

    Raises:
        FileRefused: as `read_tables`.
    """
    return OpenedFile(PurePath(filename).name, hashlib.sha256(data).hexdigest(), read_tables(data, filename))


def read_tables(data: bytes, filename: str) -> list[Sheet]:
    """Return the sheets of a file; a text file is one sheet named after the file.

    Ending and content must agree. Text is UTF-8, with or without mark, or GB18030.

    Raises:
        FileRefused: wrong type, over a limit, protected, damaged or empty.
    """
    name = PurePath(filename.replace("\\", "/")).name[-100:]
    kind = _check_file(data, name)
    return [_read_text(data, name)] if kind == "csv" else _read_workbook(data, name, kind)


def _check_file(data: bytes, name: str) -> str:
    """Return the kind of a file when ending and content agree and its size is within the limit."""
    kind = PurePath(name).suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise FileRefused("wrong_type", name)
    if not data:
        raise FileRefused("empty_file", name)
    if len(data) > limits.MAX_BYTES:
        raise FileRefused("too_large", name)
    if next((other for other, magic in MAGIC.items() if data.startswith(magic)), "csv") != kind:
        raise FileRefused("disguised", name)
    return kind


def _read_workbook(data: bytes, name: str, kind: str) -> list[Sheet]:
    with paused_collection():
        answer = _ask_child(data, kind)
    if "refused" in answer:
        raise FileRefused(answer["refused"], name)
    return [_sheet_of(sheet) for sheet in answer["sheets"]]


def _ask_child(data: bytes, kind: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "core.tables.child", kind]
    try:
        child = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, timeout=CHILD_SECONDS, check=False
        )
        answer: dict[str, Any] = json.loads(child.stdout, parse_float=Decimal, object_hook=_decode)
    except (subprocess.TimeoutExpired, ValueError):
        return {"refused": "too_large"}
    return answer


def _decode(value: dict[str, Any]) -> Any:
    match value:
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"hour": str(text)}:
            return time.fromisoformat(text)
        case {"error": str(text)}:
            return ErrorCell(text)
    return value


def _sheet_of(sheet: dict[str, Any]) -> Sheet:
    first = sheet["first_line"]
    return Sheet(
        name=sheet["name"],
        rows=sheet["rows"],
        lines=range(first, first + len(sheet["rows"])),
        merged=tuple(Area(*corners) for corners in sheet["merged"]),
        hidden=sheet["hidden"],
    )


def _read_text(data: bytes, name: str) -> Sheet:
    """Return the one sheet of a text file. A line is a row as Excel numbers it, also past line breaks in cells."""
    text = _decoded(data, name)
    if "\0" in text:
        raise FileRefused("disguised", name)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text))
        rows = [[_text_cell(cell) for cell in cells] for cells in reader]
    except csv.Error as error:
        raise FileRefused("damaged", name) from error
    if len(rows) > limits.MAX_ROWS:
        raise FileRefused("too_many_rows", name)
    if max(map(len, rows), default=0) > limits.MAX_COLUMNS:
        raise FileRefused("too_many_columns", name)
    return Sheet(PurePath(name).stem, rows, range(1, len(rows) + 1))


def _decoded(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            failure = error
    raise FileRefused("unknown_encoding", name) from failure


def _delimiter_of(text: str) -> str:
    """Return the delimiter that stands most often in the first lines."""
    head = "\n".join(text.splitlines()[:15])
    return max(DELIMITERS, key=head.count)


def _text_cell(text: str) -> Cell:
    """Undo what spreadsheets wrap around text in a .csv to protect it: `="138…"` or a tab."""
    text = text.strip("\t ")
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text
