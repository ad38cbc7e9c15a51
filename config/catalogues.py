"""Compiles the message catalogues: `locale/parts/*.po`, one a subject, into one `.mo` in the state folder.

Pure Python (polib), so that no machine needs gettext. Happens by itself whenever the settings are read and
a part is newer.
"""

from pathlib import Path

import polib

PARTS = Path(__file__).resolve().parent.parent / "locale/parts"
COMPILED = "zh_Hans/LC_MESSAGES/django.mo"


def compile_catalogues(target: Path, parts: Path = PARTS) -> bool:
    """Compile when a part is newer than what is there; say whether something was written.

    target: a folder for `LOCALE_PATHS`. The file appears whole, so a process that starts meanwhile reads no
    half.
    """
    sources = sorted(parts.glob("*.po"))
    compiled = target / COMPILED
    newest = max([path.stat().st_mtime for path in (parts, *sources) if path.exists()], default=0)
    if not sources or (compiled.exists() and compiled.stat().st_mtime >= newest):
        return False
    compiled.parent.mkdir(parents=True, exist_ok=True)
    fresh = compiled.with_suffix(f".{id(sources)}")
    merge(sources).save_as_mofile(str(fresh))
    fresh.replace(compiled)
    return True


def merge(sources: list[Path]) -> polib.POFile:
    """All parts as one catalogue; the first translation of a text counts."""
    whole = polib.POFile()
    whole.metadata = {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "zh_Hans",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    known: set[tuple[str | None, str]] = set()
    for source in sources:
        for entry in polib.pofile(str(source), encoding="utf-8"):
            key = (entry.msgctxt, entry.msgid)
            if key not in known and entry.translated():
                known.add(key)
                whole.append(entry)
    return whole
