"""The owner's pages: whole, small, strict, and the same facts in every mode and language."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from core.errors import InvalidError, Problem
from tests.portal.samples import BILL, ELDER_BILL, HOME_EMPTY, PAGES, PAID_BILL

LOOK = Path(settings.BASE_DIR) / "static" / "look"
VOID = {"meta", "link", "br", "input", "use", "path", "rect", "circle"}


def draw(template: str, page: object, language: str = "zh-hans") -> str:
    with translation.override(language):
        return render_to_string(template, {"page": page}, request=RequestFactory().get("/somewhere/"))


class Outline(HTMLParser):
    """Notes what the rules ask about: open tags that never close, ids, targets, inline style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.inline: list[str] = []
        self.primary = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.targets |= {found["href"] or ""} if tag == "use" else set()
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in found) else []
        self.primary += "btn go" in (found.get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop() == tag


EVERY = pytest.mark.parametrize("name", PAGES)


@EVERY
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_is_well_formed_and_strict(name: str, language: str) -> None:
    outline = Outline(draw(*PAGES[name], language))
    assert outline.stack == []
    assert outline.inline == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.targets <= {f"#{name}" for name in outline.ids}


@EVERY
def test_page_has_at_most_one_primary_button(name: str) -> None:
    assert Outline(draw(*PAGES[name])).primary <= 1


@EVERY
def test_page_with_its_style_is_below_30_kilobytes(name: str) -> None:
    css = (LOOK / "owner.css").read_bytes()
    assert len(gzip.compress(draw(*PAGES[name]).encode())) + len(gzip.compress(css)) < 30_000


@EVERY
def test_page_in_english_holds_no_chinese_of_ours(name: str) -> None:
    """What is left in Chinese comes from the samples: it is there in both languages."""
    chinese, english = draw(*PAGES[name]), draw(*PAGES[name], "en")
    switch = {"中文"}
    assert (
        set(re.findall("[\u4e00-\u9fff]+", english)) - set(re.findall("[\u4e00-\u9fff]+", chinese)) - switch
        == set()
    )
    assert 'lang="zh-Hans"' in chinese
    assert 'lang="en"' in english


def test_bill_says_amount_day_and_change_in_the_letter() -> None:
    letter = draw("portal/bill.html", BILL).split('<div class="letter">')[1].split("</div>")[0]
    text = re.sub(r"<[^>]+>|\s+", "", letter)
    assert text == (
        "301的邻居，您好：11月的账单好了，请您过目。一共¥309.4511月20日周五前交就好。"
        "比上一期多25.67元，主要是水费，下面写清楚了。管家周**11月1日"
    )


def test_bill_that_is_paid_has_no_pay_button_and_says_thank_you() -> None:
    html = draw("portal/bill.html", PAID_BILL)
    assert "paybar" not in html
    assert "交清了，谢谢您。" in html


def test_bill_in_elder_mode_has_three_choices_and_nothing_sticky() -> None:
    html = draw("portal/bill.html", ELDER_BILL)
    assert '<html lang="zh-Hans" class="elder">' in html
    assert html.count('class="btn ') == 3
    assert "paybar" not in html
    assert "tabs" not in html


def test_home_with_nothing_due_names_the_day_of_the_next_bill() -> None:
    assert "现在没有要交的账单。下一份 12月1日送到。" in draw("portal/home.html", HOME_EMPTY)


def test_bill_with_hostile_names_escapes_them() -> None:
    hostile = '<img src=x onerror="alert(1)">'
    html = draw(
        "portal/bill.html",
        type(BILL)(**{**vars(BILL), "room": hostile, "unit": hostile, "notes": (hostile,)}),
    )
    assert hostile not in html
    assert Outline(html).inline == []


def test_every_symbol_of_the_staff_sprite_that_owners_use_is_the_same() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    owner, staff = (
        set(re.findall("<symbol.*?</symbol>", (folder / part / "_icons.html").read_text("utf-8")))
        for part in ("owner", "staff")
    )
    assert owner <= staff


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_answer_to_an_error_needs_no_request_and_no_view_model(name: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{name}.html")
    outline = Outline(html)
    assert (outline.stack, outline.inline, outline.primary) == ([], [], 1)
    assert "<form" not in html


def test_answer_of_a_rule_says_its_sentence_and_each_problem() -> None:
    error = InvalidError("这个金额不对。", problems=[Problem("amount", "比账单多 <b>1.00</b> 元。")])
    with translation.override("zh-hans"):
        html = render_to_string("error.html", {"error": error})
    assert "这个金额不对。" in html
    assert "<li>比账单多 &lt;b&gt;1.00&lt;/b&gt; 元。</li>" in html
