"""A text without Chinese, a lost placeholder and two translations of one text are caught."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.catalogues import compile_catalogues
from tools.catalogues import ROOT, read_python, read_template

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with one translated text."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "locale/parts").mkdir(parents=True)
    (tmp_path / "views.py").write_text('title = _("Bill of %(month)s")\n')
    (tmp_path / "locale/parts/a.po").write_text(
        HEADER + 'msgid "Bill of %(month)s"\nmsgstr "%(month)s账单"\n'
    )
    return tmp_path


def check(house: Path) -> "subprocess.CompletedProcess[str]":
    """Run the check as `make lint` does."""
    command = [sys.executable, "-m", "tools.catalogues", str(house)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_check_with_complete_catalogue(house: Path) -> None:
    assert check(house).returncode == 0


def test_check_with_untranslated_text_in_code(house: Path) -> None:
    (house / "models.py").write_text('name = gettext_lazy("Receipt")\n')
    checked = check(house)
    assert checked.returncode == 1
    assert "models.py:1: not translated: 'Receipt'" in checked.stdout


def test_check_with_untranslated_text_in_template(house: Path) -> None:
    (house / "page.html").write_text('<h1>{% translate "Pay" %}</h1>')
    assert "page.html:1: not translated: 'Pay'" in check(house).stdout


def test_check_with_a_counted_text_whose_entry_has_one_form(house: Path) -> None:
    (house / "views.py").write_text('text = ngettext("%(count)s line", "%(count)s lines", count)\n')
    part = house / "locale/parts/a.po"
    part.write_text(HEADER + 'msgid "%(count)s line"\nmsgstr "%(count)s 笔"\n')
    assert "views.py:1: not translated: '%(count)s line'" in check(house).stdout
    forms = 'msgid "%(count)s line"\nmsgid_plural "%(count)s lines"\nmsgstr[0] "%(count)s 笔"\n'
    part.write_text(HEADER + forms)
    assert check(house).returncode == 0


def test_check_with_an_untranslated_mark_between_texts(house: Path) -> None:
    (house / "models.py").write_text('text = _("; ").join(parts)\n')
    assert "models.py:1: not translated: '; '" in check(house).stdout


def test_check_with_lost_placeholder(house: Path) -> None:
    (house / "locale/parts/a.po").write_text(HEADER + 'msgid "Bill of %(month)s"\nmsgstr "账单"\n')
    assert "lacks a placeholder" in check(house).stdout


def test_check_with_two_translations_of_one_text(house: Path) -> None:
    (house / "locale/parts/b.po").write_text(HEADER + 'msgid "Bill of %(month)s"\nmsgstr "%(month)s的账单"\n')
    assert "“%(month)s的账单” here and “%(month)s账单” in a.po" in check(house).stdout


def test_read_python_with_every_marker() -> None:
    source = '_("a"); ngettext("b", "bs", n); pgettext("verb", "c"); npgettext("noun", "d", "ds", n); gettext(name)'
    found = {(text.context, text.msgid) for text in read_python(source, "x.py")}
    assert found == {(None, "a"), (None, "b"), ("verb", "c"), ("noun", "d")}


def test_read_template_with_every_tag() -> None:
    source = (
        '{% load i18n %}{% translate "a" %}{{ _("b") }}{% translate "c" context "verb" %}'
        "{% blocktranslate trimmed %}\n  d {{ x }}\n  e\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}one{% plural %}{{ n }} many{% endblocktranslate %}"
    )
    found = {(text.context, text.msgid) for text in read_template(source, "x.html")}
    assert found == {(None, "a"), (None, "b"), ("verb", "c"), (None, "d %(x)s e"), (None, "one")}


def test_compile_catalogues_once_until_a_part_changes(house: Path, tmp_path: Path) -> None:
    parts, target = house / "locale/parts", tmp_path / "compiled"
    assert compile_catalogues(target, parts) is True
    assert compile_catalogues(target, parts) is False
    (parts / "b.po").write_text(HEADER + 'msgid "Pay"\nmsgstr "交"\n')
    assert compile_catalogues(target, parts) is True
