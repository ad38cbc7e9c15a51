"""Are the catalogues complete? Finds each text for people in code and templates that has no Chinese in `locale/parts`.

    python -m tools.catalogues            prints what is missing, wrong or said twice in two ways; exit 1 if anything
    python -m tools.catalogues --missing  prints the missing texts as PO entries, to be filled in

Needs no gettext: Python is read with `ast`, templates with Django's own translation of them into calls.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

from tools.sources import list_files

ROOT = Path(__file__).resolve().parent.parent
TEXT_POSITIONS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
"""For each function that marks a text: where its context, its text and its plural stand among the arguments."""

LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
TEMPLATE_CALL = re.compile(rf"\b(gettext|_|ngettext|pgettext|npgettext)\(((?:\s*{LITERAL}\s*,?)+)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


@dataclass(frozen=True)
class Text:
    """A text for people where it stands in the source."""

    path: str
    line: int
    context: str | None
    msgid: str
    plural: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        """What the catalogue knows it by."""
        return self.context, self.msgid


# Texts in the source -------------------------------------------------------------------------------------


def find_texts(root: Path) -> list[Text]:
    """All texts for people in tracked product code and templates."""
    return [text for path in list_sources(root) for text in read_texts(path, str(path.relative_to(root)))]


def list_sources(root: Path) -> list[Path]:
    """Python and template files that git tracks or would, without tests and tools."""
    left_out = ("tests/", "tools/", "benchmarks/", "docs/", "requirements")
    names = list_files(root, "*.py", "*.html", "*.txt")
    return [root / name for name in names if not name.startswith(left_out)]


def read_texts(path: Path, name: str) -> Iterator[Text]:
    """The texts of one file."""
    source = path.read_text(encoding="utf-8")
    yield from read_python(source, name) if path.suffix == ".py" else read_template(source, name)


def read_python(source: str, name: str) -> Iterator[Text]:
    """Texts in calls of gettext and its kin, under their usual names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (positions := TEXT_POSITIONS.get(called_name(node))):
            context, text, plural = (
                constant(node.args[at]) if at is not None and at < len(node.args) else None
                for at in positions
            )
            if text:
                yield Text(name, node.lineno, context, text, plural)


def called_name(node: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def constant(node: ast.expr) -> str | None:
    """The text an expression is, when it is a literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def read_template(source: str, name: str) -> Iterator[Text]:
    """Texts of translate and blocktranslate tags and of `_("…")` in a template."""
    calls = templatize(source, origin=name)
    for found in TEMPLATE_CALL.finditer(calls):
        texts = [ast.literal_eval(literal) for literal in re.findall(LITERAL, found[2])]
        context, text, plural = (
            texts[at] if at is not None and at < len(texts) else None for at in TEXT_POSITIONS[found[1]]
        )
        if text:
            yield Text(name, calls.count("\n", 0, found.start()) + 1, context, text, plural)


# Catalogues ----------------------------------------------------------------------------------------------


def read_catalogues(parts: Path) -> list[polib.POEntry]:
    """The entries of all parts, each with the part's name in `occurrences`."""
    entries = []
    for part in sorted(parts.glob("*.po")):
        for entry in polib.pofile(str(part), encoding="utf-8"):
            entry.occurrences = [(part.name, str(entry.linenum))]
            entries.append(entry)
    return entries


def check(root: Path) -> tuple[list[Text], list[str]]:
    """Texts without a translation, and sentences about translations that are wrong.

    A text that is counted is looked up by both of its forms: an entry with one, or another plural, is not found. Marks
    between texts need a translation as well, for Chinese has marks of its own.
    """
    entries = read_catalogues(root / "locale/parts")
    forms = [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in entries if entry.translated()]
    usable = {*forms, *((context, msgid, None) for context, msgid, _plural in forms)}
    texts = {(*text.key, text.plural): text for text in find_texts(root) if text.msgid.strip()}
    missing = [text for key, text in texts.items() if key not in usable]
    return missing, [*find_contradictions(entries), *find_broken_placeholders(entries)]


def find_contradictions(entries: list[polib.POEntry]) -> Iterator[str]:
    """The same text translated in two ways: in one catalogue only one of them can be seen."""
    first: dict[tuple[str | None, str], polib.POEntry] = {}
    for entry in entries:
        other = first.setdefault((entry.msgctxt, entry.msgid), entry)
        if entry.translated() and other.translated() and said(entry) != said(other):
            yield f"{where(entry)}: “{entry.msgid}” is “{said(entry)}” here and “{said(other)}” in {where(other)}"


def find_broken_placeholders(entries: list[polib.POEntry]) -> Iterator[str]:
    """Translations whose placeholders are not those of the text; with them formatting would fail or drop a value."""
    for entry in entries:
        wanted = {*placeholders(entry.msgid), *placeholders(entry.msgid_plural or "")}
        if entry.translated() and placeholders(said(entry)) - wanted:
            yield f"{where(entry)}: “{said(entry)}” has other placeholders than “{entry.msgid}”"
        elif entry.translated() and not entry.msgid_plural and placeholders(said(entry)) != wanted:
            yield f"{where(entry)}: “{said(entry)}” lacks a placeholder of “{entry.msgid}”"


def said(entry: polib.POEntry) -> str:
    """The translation, or its only plural form: Chinese has one."""
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def where(entry: polib.POEntry) -> str:
    """File and line of an entry."""
    return ":".join(entry.occurrences[0])


def placeholders(text: str) -> set[str]:
    """The placeholders of a text, in both notations."""
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def empty_entry(text: Text) -> polib.POEntry:
    """The entry of a catalogue that a text waits for."""
    forms = {"msgid_plural": text.plural, "msgstr_plural": {0: ""}} if text.plural else {}
    return polib.POEntry(
        msgctxt=text.context, msgid=text.msgid, occurrences=[(text.path, text.line)], **forms
    )


def main() -> int:
    """Check this checkout, or the one named; print what is wrong."""
    parser = argparse.ArgumentParser(description="Check the message catalogues.")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--missing", action="store_true", help="print the missing texts as PO entries")
    options = parser.parse_args()
    if not settings.configured:
        settings.configure()
    missing, wrong = check(options.root)
    for text in missing:
        entry = empty_entry(text)
        print(entry if options.missing else f"{text.path}:{text.line}: not translated: {text.msgid!r}")
    if not options.missing:
        print("\n".join(wrong) or f"Catalogues: {len(missing)} missing")
    return 1 if missing or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
