"""What may come in by upload, decided before anything is opened (S-09, S-10)."""

import zipfile
from collections.abc import Mapping
from pathlib import PurePath
from typing import IO

from core.errors import InvalidError

MEGABYTE = 2**20
LARGEST_UPLOAD = 20 * MEGABYTE
LARGEST_UNPACKED = 200 * MEGABYTE
HIGHEST_RATIO = 100
MOST_MEMBERS = 1_000
SYMLINK = 0o120000

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    ".xlsx": ZIP[:1],
    ".zip": ZIP,
    ".xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
}
PLAIN_TEXT = frozenset({".csv", ".txt"})


class UploadRefused(InvalidError):
    """A file that is too large, packs too much, or is not what its name says."""

    code = "upload"


def check_upload(name: str, content: IO[bytes], *, allowed: frozenset[str]) -> str:
    """Return the extension of a file that may be opened, and leave the file at its start.

    Looks at size, extension, first bytes and, for zip containers, at the directory of the archive only.

    Raises UploadRefused with code `upload.size`, `upload.kind`, `upload.disguised` or `upload.bomb`.
    """
    extension = PurePath(name).suffix.lower()
    if extension not in allowed:
        raise UploadRefused(f"“{name}” is not a kind of file we take here.", code="upload.kind")
    if _size_of(content) > LARGEST_UPLOAD:
        raise UploadRefused("The file is larger than 20 MB.", code="upload.size")
    if not _looks_like(extension, content):
        raise UploadRefused(f"What is in “{name}” is not {extension}.", code="upload.disguised")
    if SIGNATURES.get(extension, ())[:1] == ZIP[:1]:
        check_archive(content)
    content.seek(0)
    return extension


def check_archive(content: IO[bytes]) -> None:
    """Read the directory of a zip container and refuse a bomb, without unpacking anything.

    Raises UploadRefused for more than 1,000 members, 200 MB unpacked, 100 times its packed size, or links.
    """
    try:
        members = zipfile.ZipFile(content).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UploadRefused("The file is damaged.", code="upload.disguised") from error
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED or unpacked / packed > HIGHEST_RATIO:
        raise UploadRefused("The file unpacks to more than we take.", code="upload.bomb")
    if any(member.external_attr >> 16 & 0o170000 == SYMLINK or member.flag_bits & 1 for member in members):
        raise UploadRefused("The file holds links or locked parts.", code="upload.bomb")


def _size_of(content: IO[bytes]) -> int:
    content.seek(0, 2)
    size = content.tell()
    content.seek(0)
    return size


def _looks_like(extension: str, content: IO[bytes]) -> bool:
    head = content.read(8192)
    content.seek(0)
    if extension in PLAIN_TEXT:
        known = tuple(mark for marks in SIGNATURES.values() for mark in marks)
        return b"\x00" not in head and not head.startswith(known)
    return head.startswith(SIGNATURES.get(extension, ()) or b"\x00unknown")
