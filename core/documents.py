"""Letters as PDF: one way from a template and its view model to pages, the same on every machine.

Everything a document needs is bundled: the fetcher knows `data:` and the files of `static/print` and
`core.fonts` by name, and nothing else. It opens no socket and no other path, so an owner's name that got past
the escaping of the templates could still reach nothing (S-11; CVE-2025-68616 came through a redirect).
"""

import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import subsetting
from core.errors import DomainError
from core.fonts import list_faces

SCHEME = "bundled:"
STYLE_SHEET = "print.css"
MIME_TYPES = {".otf": "font/otf", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
# Pango's font map belongs to the process and is not safe to use from two threads.
_one_at_a_time = threading.Lock()


class PaperUnavailableError(DomainError):
    """No letter can be printed on this machine; the message names what to install."""

    code = "paper_unavailable"
    status = 503


@dataclass(frozen=True)
class Engine:
    """What a process sets up once and every document shares: 28 MB of fonts take longer than a letter."""

    weasyprint: ModuleType
    fetcher: Any
    font_config: Any
    style: Any


def render_pdf(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """Render a template of `templates/print/` to PDF; about 0.2 s a letter once the process is warm.

    Raises PaperUnavailableError when Pango is missing.
    """
    return render_many(template, [context], language=language)


def render_many(template: str, contexts: Iterable[dict[str, Any]], *, language: str) -> bytes:
    """Render one letter per context into one PDF, in the order given; each letter counts its own pages.

    The caller gives the order (a building in walking order). Holds the layout of all letters at once: about
    a building's worth, not a town's.

    Raises PaperUnavailableError when Pango is missing, ValueError when there is no context.
    """
    with translation.override(language):
        sources = [render_to_string(template, {**context}) for context in contexts]
    if not sources:
        raise ValueError("a document needs at least one letter")
    engine = _get_engine()
    with _one_at_a_time:
        letters = [_lay_out(engine, source) for source in sources]
        pages = [page for letter in letters for page in letter.pages]
        return bytes(letters[0].copy(pages).write_pdf())


def missing_libraries() -> list[str]:
    """Say what this machine lacks for printing and what follows from it, a sentence each."""
    try:
        weasyprint = _import_weasyprint()
    except OSError:
        return [_("Pango (libpango-1.0-0, libpangoft2-1.0-0): no PDF can be made until it is installed.")]
    if subsetting.is_native(weasyprint):
        return []
    return [_("HarfBuzz subset (libharfbuzz-subset0): the uharfbuzz package takes its place.")]


def qr_svg(text: str, *, title: str = "") -> SafeString:
    """Draw a QR code as inline SVG: error level M, quiet zone of 4, colours as attributes.

    Page CSS does not reach an inline SVG on paper, and a strict CSP allows no style attribute. It stays black
    on white in dark mode too, or phones cannot read it. Give an opaque token, never a unit, a name or an
    amount.
    """
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(
        border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True, title=title or None
    )
    return mark_safe(svg)  # noqa: S308  # segno escapes the title; the rest is drawn from the modules


@cache
def _get_engine() -> Engine:
    try:
        weasyprint = _import_weasyprint()
    except OSError as error:
        raise PaperUnavailableError(missing_libraries()[0]) from error
    if not subsetting.is_native(weasyprint):
        subsetting.install(weasyprint)
    from weasyprint.text.fonts import FontConfiguration  # heavy: needs Pango, which may be missing

    fetcher = _make_fetcher(_list_bundled_files())
    font_config = FontConfiguration()
    style = weasyprint.CSS(string=_compose_style(), font_config=font_config, url_fetcher=fetcher)
    return Engine(weasyprint, fetcher, font_config, style)


def _import_weasyprint() -> ModuleType:
    """Import the renderer. Raises OSError when a system library is missing."""
    with warnings.catch_warnings():
        # It warns of a missing libharfbuzz-subset, which `missing_libraries` says in words.
        warnings.simplefilter("ignore", DeprecationWarning)
        import weasyprint  # heavy: 0.4 s, and needs Pango, which may be missing
    return weasyprint


def _list_bundled_files() -> dict[str, Path]:
    folder = Path(settings.BASE_DIR) / "static" / "print"
    files = [face.path for face in list_faces()] + [path for path in folder.iterdir() if path.is_file()]
    return {SCHEME + path.name: path for path in files}


def _compose_style() -> str:
    faces = "".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f'src: url("{SCHEME}{face.path.name}"); }}\n'
        for face in list_faces()
    )
    return faces + (Path(settings.BASE_DIR) / "static" / "print" / STYLE_SHEET).read_text(encoding="utf-8")


def _make_fetcher(files: dict[str, Path]) -> Any:
    """Make the fetcher that knows `data:` and the bundled files by name; every other address is an error."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # heavy: needs Pango, which may be missing

    class BundledFetcher(URLFetcher):
        """Answers bundled files by name and `data:`, nothing else."""

        def fetch(self, url: str, headers: Message | None = None) -> URLFetcherResponse:
            if path := files.get(url):
                return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": MIME_TYPES[path.suffix]})
            return super().fetch(url, headers)

    return BundledFetcher(allowed_protocols={"data"}, allow_redirects=False)


def _lay_out(engine: Engine, source: str) -> Any:
    page = engine.weasyprint.HTML(string=source, url_fetcher=engine.fetcher)
    return page.render(font_config=engine.font_config, stylesheets=[engine.style])
