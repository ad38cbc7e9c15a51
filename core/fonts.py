"""The faces of our paper: the same letter on every machine, with no font installed on it.

NL Sans 400 and 700 are cut from the variable Noto Sans CJK of a wheel, once, into the state folder:
WeasyPrint fakes no bold, and a variable face costs six seconds a letter. NL Serif 400 is used as its wheel
brings it.
"""

import fcntl
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

# CFF without the newer CFF2, which poppler calls invalid; no layout closure and no hinting: 1 s and 8 MB a
# weight.
CUT_FLAGS = ("DOWNGRADE_CFF2", "NO_LAYOUT_CLOSURE", "NO_HINTING")
SIMPLIFIED_FACE = 2  # of the collection: JP, KR, SC, TC, HK
# Latin, punctuation, arrows, number forms, boxes, kana, CJK with its extensions, units such as ㎡, full
# width.
KEPT = (
    (0x20, 0x7F), (0xA0, 0x100), (0x2000, 0x2070), (0x2100, 0x2300), (0x2460, 0x2600), (0x3000, 0x3100),
    (0x3300, 0x4DC0), (0x4E00, 0xA000), (0xFF00, 0xFFF0), (0x20000, 0x31350),
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """One weight of one family, as a file that `@font-face` can name."""

    family: str
    weight: int
    path: Path


@cache
def list_faces() -> tuple[Face, ...]:
    """List the faces that letters are set in, cutting those not there yet (about 1 s a weight, once)."""
    folder = _get_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return (
        Face("NL Sans", 400, _get_cut(folder, 400)),
        Face("NL Sans", 700, _get_cut(folder, 700)),
        Face("NL Serif", 400, _get_wheel_file("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")),
    )


def _get_folder() -> Path:
    state: Path = getattr(settings, "STATE_DIR", settings.BASE_DIR / "var")
    return state / "fonts"


def _get_cut(folder: Path, weight: int) -> Path:
    """Give the cut face of a weight; of two processes one cuts, the other waits and takes what it finds."""
    source = _get_wheel_file("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")
    target = folder / f"NLSans-{weight}-{source.stat().st_size}.otf"  # another source: another name, cut anew
    if not target.exists():
        with _locked(folder / ".lock"):
            if not target.exists():
                _write_atomically(target, _compute_cut(source, weight))
    return target


def _get_wheel_file(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the font wheel {package} is not installed")
    return Path(spec.origin).parent / name


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _compute_cut(source: Path, weight: int) -> bytes:
    """Pin the weight of the variable face and keep our characters; bytes of a static OpenType font."""
    import uharfbuzz  # heavy: needed once in the life of a state folder

    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(source)), SIMPLIFIED_FACE)
    wanted = uharfbuzz.SubsetInput()
    for first, last in KEPT:
        wanted.unicode_set.update(range(first, last))
    wanted.pin_axis_location(face, "wght", weight)
    for flag in CUT_FLAGS:
        wanted.flags |= uharfbuzz.SubsetFlags[flag]
    return bytes(uharfbuzz.subset(face, wanted).blob.data)


def _write_atomically(target: Path, content: bytes) -> None:
    """Write beside the target and rename, so that no one ever reads half a font."""
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).replace(target)
