"""Photos of meters and units: which files are taken, under which name they are kept, and how they are sent."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from core.staff import FilePicker

LARGEST = 8 * 1024 * 1024
SIGNS = {
    "jpg": (0, b"\xff\xd8\xff"),
    "png": (0, b"\x89PNG\r\n\x1a\n"),
    "webp": (8, b"WEBP"),
}
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def kind_of(data: bytes) -> str | None:
    r"""Return what the bytes are by their own beginning: jpg, png or webp; else None.

    >>> kind_of(b"\xff\xd8\xff\xe0"), kind_of(b"<svg>")
    ('jpg', None)
    """
    return next((kind for kind, (at, sign) in SIGNS.items() if data[at : at + len(sign)] == sign), None)


def send_photo(photo: FieldFile) -> FileResponse:
    """Send a kept photo as what it was found to be when it was taken."""
    kind = TYPES.get(str(photo).rpartition(".")[2], "application/octet-stream")
    return FileResponse(photo.open("rb"), content_type=kind, headers={"X-Content-Type-Options": "nosniff"})


class PhotoField(forms.FileField):
    """A photo of up to 8 MB, believed by its content only and kept under a name of our own (S-05, S-10)."""

    def clean(self, data: Any, initial: Any = None) -> ContentFile | None:
        """Return the photo, or None when there is none.

        Raises:
            ValidationError: it is too large, or no JPEG, PNG or WebP.
        """
        upload = super().clean(data, initial)
        if not upload:
            return None
        if upload.size > LARGEST:
            raise forms.ValidationError(_("The photo is too large (8 MB at most)."))
        content = upload.read()
        kind = kind_of(content)
        if kind is None:
            raise forms.ValidationError(_("This is not a photo (JPEG, PNG or WebP)."))
        return ContentFile(content, name=f"{token_hex(16)}.{kind}")


class PhotosPicker(FilePicker):
    """Picks several files at once, from a phone the camera too."""

    allow_multiple_selected = True


class PhotosField(PhotoField):
    """Several photos, each believed by its content only."""

    widget = PhotosPicker

    def clean(self, data: Any, initial: Any = None) -> Sequence[ContentFile]:  # type: ignore[override]
        """Return the photos. Raises ValidationError when one of them is none, or too large."""
        cleaned = [super(PhotosField, self).clean(each) for each in data or ()]
        return [photo for photo in cleaned if photo]
