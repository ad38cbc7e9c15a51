"""The parts of staff pages: each says its facts in words, draws without inline style, and is read aloud."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from core.cards import Finding, FlowStep, Tile
from core.charts import BarRow, Point, draw_bars, draw_cell, draw_lines
from core.errors import Problem
from users.models import User

D = Decimal
PARTS: dict[str, dict[str, object]] = {
    "_tiles": {
        "tiles": [
            Tile(
                "欠费户", "139", " 户", "↑ 3 户", "比上月", is_better=False, note="26 户暂停", how_url="/how/"
            )
        ]
    },
    "_findings": {"findings": [Finding("1 年以上的 9 户", "占了三分之一。", is_hot=True, url="/rows/")]},
    "_flow": {"steps": [FlowStep("上传", is_done=True), FlowStep("预览", is_current=True), FlowStep("结果")]},
    "_problems": {
        "problems": [
            Problem("area", "不是数字", {"sheet": "房屋", "row": 17, "column": "面积", "value": "九十"})
        ]
    },
    "_progress": {"label": "正在出账", "done": 420, "total": 1284, "url": "/run/1/", "is_running": True},
    "_note": {"text": "有 3 户没有面积", "kind": "fail"},
    "_empty": {"title": "还没有名册", "text": "先导入一份。", "url": "/import/", "label": "导入名册"},
    "charts/bars": {"chart": draw_bars([BarRow("1–30 天", D(300), "¥300.00", "3 户", held=D(100))])},
    "charts/lines": {
        "chart": draw_lines([Point("10月", D("0.9"), "90.0%")], name="今年", summary="收缴率 90.0%")
    },
    "charts/cell": {"cell": draw_cell(D("0.813"))},
}


def draw(part: str, language: str = "zh-hans") -> str:
    with translation.override(language):
        return render_to_string(f"staff/{part}.html", PARTS[part])


@pytest.mark.parametrize("part", PARTS)
def test_part_draws_without_inline_style_or_script(part: str) -> None:
    html = draw(part)
    assert html.strip()
    assert " style=" not in html
    assert "<script" not in html


@pytest.mark.parametrize("part", ["charts/bars", "charts/lines"])
def test_chart_is_an_image_with_a_sentence(part: str) -> None:
    html = draw(part)
    assert 'role="img"' in html
    assert 'aria-label=""' not in html


def test_tile_that_got_worse_is_lamp_and_keeps_its_arrow() -> None:
    assert '<span class="nl-down">↑ 3 户</span>，比上月' in draw("_tiles")


def test_problem_names_sheet_row_column_and_value() -> None:
    html = draw("_problems")
    assert "房屋 · 第 17 行 · 面积" in html
    assert "九十" in html
    assert "不导入" in html


def test_progress_asks_again_only_while_it_runs() -> None:
    running = draw("_progress")
    assert 'hx-get="/run/1/"' in running
    assert "420 / 1,284" in running
    with translation.override("en"):
        stopped = render_to_string("staff/_progress.html", {**PARTS["_progress"], "is_running": False})
    assert "hx-get" not in stopped


def test_note_of_a_failure_is_said_aloud() -> None:
    assert 'role="alert"' in draw("_note")


def test_cell_below_the_mark_is_amber_beside_its_figure() -> None:
    html = draw("charts/cell")
    assert '<rect class="low" width="39.0"' in html
    assert "81.3%</span>" in html


def write_names(*who: object) -> list[str]:
    rows = Template("{% load look %}{% for one in who %}{% staff_name one as name %}{{ name }}|{% endfor %}")
    return rows.render(Context({"who": who})).split("|")[:-1]


@pytest.mark.django_db
def test_staff_name_is_the_persons_and_a_dash_for_nobody() -> None:
    chen = User.objects.create(username="chen", last_name="陈", first_name="静", is_staff=True)
    User.objects.create(username="nameless", is_staff=True)
    named = write_names("chen", chen, "nameless", "import", "", None)
    assert named == ["陈静", "陈静", "nameless", "import", "—", "—"]


@pytest.mark.django_db
def test_staff_names_are_read_once_for_a_page(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    User.objects.create(username="chen", last_name="陈", is_staff=True)
    with django_assert_num_queries(1):
        assert write_names("chen", "chen", "gone") == ["陈", "陈", "gone"]
