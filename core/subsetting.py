"""Cuts fonts inside a PDF with the uharfbuzz wheel where the system has no libharfbuzz-subset.

WeasyPrint would fall back to fontTools there: 5–12 s for a Chinese letter instead of 0.2 s. Replacing one
method of it is a patch of a private place, so it is installed only when the library is missing; a test
renders through it.
"""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

KEPT_IDS = ("RETAIN_GIDS", "PASSTHROUGH_UNRECOGNIZED", "DESUBROUTINIZE")
DROPPED_TABLES = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")


def is_native(weasyprint: ModuleType) -> bool:
    """Say whether the renderer found libharfbuzz-subset on this machine."""
    return weasyprint.pdf.fonts.harfbuzz_subset is not None


def install(weasyprint: ModuleType) -> None:
    """Let the renderer cut its fonts with uharfbuzz from now on, in this process."""
    weasyprint.pdf.fonts.Font.subset = _subset


def _subset(self: Any, to_unicode: dict[int, str], hinting: bool) -> None:
    """Keep the glyphs in use under their numbers, then drop the empty ones behind; a method of `Font`."""
    if not to_unicode:
        return
    flags = ["NOTDEF_OUTLINE"] if self.missing else []
    used = _cut(self.file_content, self.index, to_unicode, [*KEPT_IDS, *flags], DROPPED_TABLES)
    flags += [] if hinting else ["NO_HINTING"]
    self.file_content = _cut(used, 0, range(max(to_unicode) + 1), [*KEPT_IDS[1:], *flags])


def _cut(
    font: bytes, index: int, glyphs: Iterable[int], flags: list[str], drop: tuple[str, ...] = ()
) -> bytes:
    import uharfbuzz  # heavy: only where the system library is missing

    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(glyphs)
    for flag in flags:
        wanted.flags |= uharfbuzz.SubsetFlags[flag]
    for table in drop:
        wanted.drop_table_tag_set.add(int.from_bytes(table.encode(), "big"))
    return bytes(uharfbuzz.subset(uharfbuzz.Face(font, index), wanted).blob.data)
