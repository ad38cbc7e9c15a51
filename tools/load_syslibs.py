"""Copied into `.venv` as `nuanlin_syslibs` when Pango was unpacked for one user; loads it when Python starts.

A library that is already in the process is found by its name, so WeasyPrint needs no search path afterwards.
"""

import ctypes
import os
import sys
from pathlib import Path

WANTED = (
    "libpango",
    "libharfbuzz",
    "libfontconfig",
    "libfreetype",
    "libglib",
    "libgobject",
    "libgio",
    "libfribidi",
)
FAMILY = (
    "libthai",
    "libdatrie",
    "libgraphite2",
    "libpng16",
    "libbrotli",
    "libexpat",
    "libpcre2",
    "libffi",
    "libz",
)


def load(root: Path) -> None:
    """Load the libraries in an order in which each finds those it needs: try again while some succeed."""
    found = {path for path in root.glob("**/lib*.so.*") if path.name.startswith((*WANTED, *FAMILY))}
    progress = True
    while found and progress:
        progress = False
        for path in sorted(found):
            try:
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
            except OSError:
                continue  # something it needs is not loaded yet
            found.remove(path)
            progress = True


folder = Path(sys.prefix) / "syslibs/root"
if folder.exists():
    load(folder)
    if not Path("/etc/fonts/fonts.conf").exists():
        os.environ.setdefault("FONTCONFIG_PATH", str(folder / "etc/fonts"))
