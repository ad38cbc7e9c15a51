"""Letters come out whole, with our faces, and reach nothing but what is bundled (S-11)."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import weasyprint
from weasyprint.urls import URLFetchingError, fetch

from core import documents, subsetting
from core.documents import qr_svg, render_many, render_pdf
from tests.core.pdf import count_pages, has_attachment, list_fonts
from tests.core.sheets import LINES, make_bill_sheet, make_receipt_sheet

BILL, RECEIPT = "print/bill-a4.html", "print/receipt-a5.html"


class Canary(BaseHTTPRequestHandler):
    """Counts who comes by; it answers with a redirect to itself, once."""

    hits: list[str] = []

    def do_GET(self) -> None:
        self.hits.append(self.path)
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "/landed")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def canary() -> Iterator[str]:
    Canary.hits.clear()
    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def make_hostile(canary: str) -> str:
    return (
        f'<img src="{canary}/img"><link rel="stylesheet" href="{canary}/css">'
        '<link rel=attachment href="file:///etc/passwd"><a rel="attachment" href="file:///etc/passwd">x</a>'
        f"<style>@import url({canary}/import); p {{ background: url({canary}/redirect) }}</style><p>x</p>"
        f'<object data="{canary}/object"></object><svg><image href="{canary}/svg"/></svg>'
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("template", "sheet"), [(BILL, make_bill_sheet()), (RECEIPT, make_receipt_sheet())])
def test_render_pdf_of_ordinary_size_takes_one_page(template: str, sheet: object, language: str) -> None:
    assert count_pages(render_pdf(template, {"sheet": sheet}, language=language)) == 1


def test_render_pdf_of_twenty_lines_goes_on_to_further_pages() -> None:
    pdf = render_pdf(BILL, {"sheet": make_bill_sheet(lines=(LINES * 7)[:20])}, language="zh-hans")
    assert count_pages(pdf) == 3


def test_render_pdf_sets_rare_characters_in_our_faces_only() -> None:
    sheet = make_bill_sheet(address=("云杉苑", "䶮㛃𬭎 收"), room="䶮㛃𬭎㎡", unit="䶮㛃𬭎㎡ №")
    fonts = list_fonts(render_pdf(BILL, {"sheet": sheet}, language="zh-hans"))
    assert fonts == {"NL-Sans", "NL-Sans-Bold", "NL-Serif"}


def test_render_many_puts_letters_in_order_into_one_file() -> None:
    sheets = [{"sheet": make_bill_sheet(room=room)} for room in ("101", "102", "201")]
    assert count_pages(render_many(BILL, sheets, language="zh-hans")) == 3


def test_render_many_without_letters_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one letter"):
        render_many(BILL, [], language="en")


def test_render_pdf_of_a_hostile_name_reaches_nothing(canary: str) -> None:
    hostile = make_hostile(canary)
    sheet = make_bill_sheet(address=(hostile, hostile), unit=hostile, room=hostile, main_cause=hostile)
    pdf = render_pdf(BILL, {"sheet": sheet}, language="en")
    assert (Canary.hits, has_attachment(pdf)) == ([], False)


def test_layout_of_hostile_markup_that_escaped_escaping_reaches_nothing(canary: str) -> None:
    pdf = documents._lay_out(documents._get_engine(), make_hostile(canary)).write_pdf()
    assert (Canary.hits, has_attachment(pdf)) == ([], False)


def test_hostile_markup_without_our_fetcher_reaches_the_canary(canary: str) -> None:
    """The twin that must go red: the canary sings and the attachment is there when nothing guards."""
    pdf = weasyprint.HTML(string=make_hostile(canary)).write_pdf()
    assert "/img" in Canary.hits
    assert "/landed" in Canary.hits
    assert has_attachment(pdf)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "bundled:../../etc/passwd",
        "bundled:/etc/passwd",
        "ftp://127.0.0.1/",
        "http://127.0.0.1/",
        "/etc/passwd",
    ],
)
def test_fetcher_knows_no_other_address(address: str) -> None:
    with pytest.raises(URLFetchingError), fetch(documents._get_engine().fetcher, address):
        pass


def test_missing_libraries_without_harfbuzz_subset_names_what_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weasyprint.pdf.fonts, "harfbuzz_subset", None)
    assert len(documents.missing_libraries()) == 1
    assert "libharfbuzz-subset0" in documents.missing_libraries()[0]


def test_missing_libraries_without_pango_says_so_and_printing_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(documents, "_import_weasyprint", fail)
    documents._get_engine.cache_clear()
    with pytest.raises(documents.PaperUnavailableError, match="libpango"):
        render_pdf(BILL, {"sheet": make_bill_sheet()}, language="en")


def test_render_pdf_without_harfbuzz_subset_makes_an_equal_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    native = render_pdf(RECEIPT, {"sheet": make_receipt_sheet()}, language="en")
    monkeypatch.setattr(weasyprint.pdf.fonts.Font, "subset", subsetting._subset)
    shimmed = render_pdf(RECEIPT, {"sheet": make_receipt_sheet()}, language="en")
    assert list_fonts(shimmed) == list_fonts(native)
    assert abs(len(shimmed) - len(native)) < len(native) // 10


def test_qr_svg_carries_its_colours_in_attributes_and_escapes_its_title() -> None:
    svg = qr_svg("https://pay.example/b/7Qm4xT2vK9", title="<b>扫码</b>")
    assert 'stroke="#000"' in svg
    assert 'fill="#fff"' in svg
    assert "style=" not in svg
    assert "<title>&lt;b&gt;扫码&lt;/b&gt;</title>" in svg
