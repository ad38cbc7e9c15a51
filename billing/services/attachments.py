"""Files that prove why something was asked for: checked, named by us, kept in the media store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from secrets import token_hex

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidError

FOLDER = "corrections"
LARGEST = 10 * 2**20
KINDS = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
}
"""What a file may be by its ending: how it must begin, and its type."""


class BadAttachmentError(InvalidError):
    """The file is too large, or not what its name says."""

    code = "billing.bad_attachment"
    message = _("Please attach a PDF, PNG or JPEG of 10 MB at most.")


@dataclass(frozen=True)
class KeptFile:
    """A file in the store: where it lies and what its sender called it."""

    path: str
    name: str


def keep_attachment(data: bytes, *, file_name: str) -> KeptFile:
    """Store a file that is what its name says, under a name of our own (S-05).

    Raises BadAttachmentError.
    """
    ending = PurePath(file_name).suffix.lower()
    begins, _type = KINDS.get(ending, (None, ""))
    if begins is None or not data.startswith(begins) or len(data) > LARGEST:
        raise BadAttachmentError()
    path = default_storage.save(f"{FOLDER}/{token_hex(16)}{ending}", ContentFile(data))
    return KeptFile(path, PurePath(file_name).name[-120:])


def read_attachment(path: str) -> tuple[bytes, str]:
    """Return the bytes of a kept file and its type."""
    with default_storage.open(path) as file:
        data: bytes = file.read()
    return data, KINDS[PurePath(path).suffix][1]
