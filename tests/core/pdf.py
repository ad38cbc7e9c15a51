"""Looks into a PDF far enough to count pages and name fonts, without another library."""

import re
import zlib

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def unpack(pdf: bytes) -> bytes:
    """The file with all its compressed streams laid open behind it: most objects of a PDF hide in them."""
    opened = []
    for stream in STREAM.findall(pdf):
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            opened.append(stream)
    return pdf + b"\n".join(opened)


def count_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", unpack(pdf)))


def list_fonts(pdf: bytes) -> set[str]:
    return {name.decode() for name in re.findall(rb"/BaseFont /[A-Z]+\+([\w-]+)", unpack(pdf))}


def has_attachment(pdf: bytes) -> bool:
    return b"/EmbeddedFile" in unpack(pdf)
