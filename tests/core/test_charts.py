"""Charts say the truth: bars from zero, one accent, labels that do not collide."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import BarRow, Point, draw_bars, draw_cell, draw_columns, draw_lines

D = Decimal
YEAR = [Point(f"{month}月", D(value), str(value)) for month, value in enumerate((100, 50, 75, 200), start=8)]


def rates(*values: str) -> list[Point]:
    return [Point(str(i), D(value), f"{D(value) * 100:.1f}%") for i, value in enumerate(values)]


def test_draw_columns_stand_on_zero_and_scale_to_the_highest() -> None:
    chart = draw_columns(YEAR, summary="four months")
    assert [bar.height for bar in chart.bars] == [D("50.5"), D("25.2"), D("37.9"), D("101.0")]
    assert {bar.y + bar.height for bar in chart.bars} == {D(126)}
    assert [bar.kind for bar in chart.bars] == ["bar", "bar", "bar", "on"]


def test_draw_columns_names_the_last_and_every_third_before_it() -> None:
    chart = draw_columns([Point(f"{month}月", D(month), "") for month in range(1, 8)], summary="")
    assert [name.text for name in chart.names] == ["1月", "4月", "7月"]


def test_draw_columns_names_all_of_a_few() -> None:
    chart = draw_columns(YEAR, summary="")
    assert [name.text for name in chart.names] == ["8月", "9月", "10月", "11月"]
    assert (chart.key.text, chart.low.text if chart.low else "") == ("200", "50")


def test_draw_columns_of_one_month_tells_it_once() -> None:
    chart = draw_columns(YEAR[:1], summary="")
    assert (len(chart.bars), chart.low, chart.key.text) == (1, None, "100")


def test_draw_columns_of_nothing_but_zeros_draws_no_height() -> None:
    assert [bar.height for bar in draw_columns([Point("1月", D(0), "0")] * 3, summary="").bars] == [0, 0, 0]


def test_draw_columns_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw_columns([], summary="")


@given(st.lists(st.decimals(0, 10**7, places=2), min_size=1, max_size=24))
def test_draw_columns_stay_inside_and_keep_the_order_of_values(values: list[Decimal]) -> None:
    chart = draw_columns([Point("m", value, "") for value in values], summary="")
    assert all(bar.y >= 0 and bar.x >= 0 and bar.x + bar.width <= chart.width for bar in chart.bars)
    assert sorted(bar.height for bar in chart.bars) == [
        bar.height for _, bar in sorted(zip(values, chart.bars, strict=True), key=lambda pair: pair[0])
    ]


def test_draw_bars_hatch_what_is_held_at_the_end_of_the_bar() -> None:
    chart = draw_bars(
        [
            BarRow("服务有意见", D(300), "¥300.00", "3 户", held=D(200), accent=True),
            BarRow("常忘", D(75), "¥75.00"),
        ]
    )
    first, second = chart.rows
    assert (first.bar.width, first.held.width if first.held else None, first.bar.kind) == (
        D("51.3"),
        D("102.7"),
        "on",
    )
    assert first.held is not None
    assert first.held.x == 88 + D("51.3")
    assert (second.bar.width, second.held, second.bar.kind) == (D("38.5"), None, "off")
    assert chart.summary == "服务有意见 ¥300.00 3 户；常忘 ¥75.00"


def test_draw_bars_without_rows_is_an_empty_chart() -> None:
    assert draw_bars([]).rows == ()


def test_draw_lines_starts_at_a_whole_five_per_cent_and_says_so() -> None:
    chart = draw_lines(rates("0.864", "0.90", "0.917"), name="今年", summary="")
    assert (chart.lowest, chart.starts_above_zero) == (D("0.85"), True)
    assert [tick.text for tick in chart.ticks] == ["85%", "90%", "95%"]
    assert chart.curves[0].path == "M40.0 177.4L302.0 109.0L564.0 76.7"


def test_draw_lines_from_zero_needs_no_warning() -> None:
    chart = draw_lines(rates("0.02", "0.98"), name="", summary="")
    assert (chart.starts_above_zero, [tick.text for tick in chart.ticks]) == (
        False,
        ["0%", "25%", "50%", "75%", "100%"],
    )


@pytest.mark.parametrize(("now", "before", "moved"), [("0.90", "0.899", 36), ("0.90", "0.901", -36)])
def test_draw_lines_parts_labels_that_would_collide(now: str, before: str, moved: int) -> None:
    chart = draw_lines(rates("0.6", now), rates("0.6", before), name="今年", name_before="去年", summary="")
    off, on = chart.curves
    assert off.y - on.y == moved


def test_draw_lines_of_one_month_is_a_point() -> None:
    assert len(draw_lines(rates("0.5"), name="", summary="").curves) == 1


@pytest.mark.parametrize(
    ("share", "width", "kind"),
    [("0.951", "45.6", "on"), ("0.849", "40.8", "low"), ("1.2", "48.0", "on"), ("-0.1", "0.0", "low")],
)
def test_draw_cell_keeps_within_its_48_units(share: str, width: str, kind: str) -> None:
    cell = draw_cell(D(share))
    assert (cell.width, cell.kind) == (D(width), kind)


@pytest.mark.parametrize(("count", "anchor"), [(3, "middle"), (12, "end")])
def test_draw_columns_tells_the_last_over_its_column_unless_at_the_edge(count: int, anchor: str) -> None:
    points = [Point(f"{month}月", D(300), "¥300.00") for month in range(1, count + 1)]
    drawn = draw_columns(points, summary="")
    assert drawn.key.anchor == anchor
    assert (drawn.key.x == drawn.width) == (anchor == "end")
