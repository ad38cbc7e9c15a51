"""Charts as geometry: pure functions from figures to the marks of an inline SVG (docs/look.md §7).

Bars start at zero, always; a line may start higher and says where. One accent for the thing to look at,
labels on the marks themselves, no legend. Lengths are in view-box units, whole ones where a pixel is fine
enough. Templates in `templates/staff/charts/` and `templates/owner/charts/` only place what stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

TENTH = Decimal("0.1")
FEW = 6  # columns that are all named
HALF_FIGURE = Decimal("4.2")
"""Half the width of a figure at the size of a chart's words."""


@dataclass(frozen=True)
class Point:
    """A figure with its name; `text` is how it is written, since only the caller knows its unit."""

    name: str
    value: Decimal
    text: str


@dataclass(frozen=True)
class Label:
    """A text and where it is anchored: start, middle or end."""

    x: Decimal
    y: Decimal
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Bar:
    """A bar by its box; `kind` is its class: `on` the accent, `off` the rest, `held` hatched, `low` amber."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    kind: str = "off"


@dataclass(frozen=True)
class Columns:
    """Upright bars over time, with the names of some, and the figures of the lowest and the last."""

    width: int
    height: int
    base: Decimal
    bars: tuple[Bar, ...]
    names: tuple[Label, ...]
    key: Label
    low: Label | None
    summary: str


def draw_columns(points: Sequence[Point], *, summary: str, width: int = 326, height: int = 150) -> Columns:
    """Draw the last periods as columns; the last one is the accent, every third of many is named, the lowest is told.

    `summary` is the sentence read out instead of the picture. Raises ValueError without points.
    """
    if not points:
        raise ValueError("a chart needs at least one point")
    foot, head = Decimal(24), Decimal(25)
    base, room = height - foot, height - foot - head
    step = Decimal(width) / len(points)
    bar = min(Decimal(18), step * 2 / 3)
    top = max(point.value for point in points)
    bars = tuple(
        _make_column(
            index, point.value, step=step, bar=bar, base=base, scale=_scale(room, top), last=len(points) - 1
        )
        for index, point in enumerate(points)
    )
    middles = [box.x + box.width / 2 for box in bars]
    last = len(points) - 1
    named = [index for index in range(len(points)) if len(points) <= FEW or (last - index) % 3 == 0]
    lowest = min(range(len(points)), key=lambda index: points[index].value)
    return Columns(
        width,
        height,
        base + TENTH * 5,
        bars,
        tuple(Label(middles[index], base + 17, points[index].name) for index in named),
        _tell_last(middles[last], bars[last].y - 7, points[last].text, Decimal(width)),
        None if lowest == last else Label(middles[lowest], bars[lowest].y - 6, points[lowest].text),
        summary,
    )


def _tell_last(middle: Decimal, y: Decimal, text: str, width: Decimal) -> Label:
    """The figure over the last column; at the edge of the drawing where it would reach beyond it."""
    is_near = middle + HALF_FIGURE * len(text) > width
    return Label(width, y, text, "end") if is_near else Label(middle, y, text)


def _make_column(
    index: int, value: Decimal, *, step: Decimal, bar: Decimal, base: Decimal, scale: Decimal, last: int
) -> Bar:
    tall = _round(max(value, Decimal(0)) * scale)
    return Bar(
        _round(step * index + (step - bar) / 2),
        base - tall,
        _round(bar),
        tall,
        "on" if index == last else "bar",
    )


@dataclass(frozen=True)
class BarRow:
    """A row to draw: the part `held` is hatched at its end; `detail` stands at the right edge (61 户)."""

    name: str
    value: Decimal
    text: str
    detail: str = ""
    held: Decimal = Decimal(0)
    accent: bool = False
    url: str = ""


@dataclass(frozen=True)
class DrawnRow:
    """A row with its marks placed."""

    row: BarRow
    name: Label
    bar: Bar
    held: Bar | None
    text: Label
    detail: Label


@dataclass(frozen=True)
class Bars:
    """Lying bars from a common zero, one a row."""

    width: int
    height: int
    base: Decimal
    rows: tuple[DrawnRow, ...]
    summary: str


def draw_bars(rows: Sequence[BarRow], *, width: int = 392, step: int = 36, names: int = 88) -> Bars:
    """Draw rows as lying bars from zero, each with name, figure and detail beside it.

    `names` is the room for the names. The room right of the longest bar holds its figure and the detail.
    """
    top = max((row.value for row in rows), default=Decimal(0))
    scale = _scale(Decimal(width - names - 150), top)
    drawn = tuple(
        _draw_row(row, index, scale=scale, width=width, step=step, names=names)
        for index, row in enumerate(rows)
    )
    spoken = "；".join(f"{row.name} {row.text} {row.detail}".strip() for row in rows)
    return Bars(width, step * len(rows) + 4, Decimal(names) + TENTH * 5, drawn, spoken)


def _draw_row(row: BarRow, index: int, *, scale: Decimal, width: int, step: int, names: int) -> DrawnRow:
    top, text_y = Decimal(step * index + 8), Decimal(step * index + 22)
    free, held = _round((row.value - row.held) * scale), _round(row.held * scale)
    return DrawnRow(
        row,
        Label(Decimal(names - 12), text_y, row.name, "end"),
        Bar(Decimal(names), top, free, Decimal(20), "on" if row.accent else "off"),
        Bar(names + free, top + TENTH * 5, held, Decimal(19), "held") if row.held else None,
        Label(names + free + held + 10, text_y, row.text, "start"),
        Label(Decimal(width), text_y, row.detail, "end"),
    )


@dataclass(frozen=True)
class Tick:
    """A line across the chart and what it stands for."""

    y: Decimal
    text: str
    is_base: bool = False


@dataclass(frozen=True)
class Curve:
    """A drawn line: its path, and the label of its last point."""

    path: str
    x: Decimal
    y: Decimal
    name: str
    text: str
    kind: str


@dataclass(frozen=True)
class Lines:
    """One or two lines over time; `starts_above_zero` must be told in the head of the card."""

    width: int
    height: int
    right: int
    ticks: tuple[Tick, ...]
    names: tuple[Label, ...]
    curves: tuple[Curve, ...]
    lowest: Decimal
    summary: str

    @property
    def starts_above_zero(self) -> bool:
        """Whether the vertical axis does not start at zero."""
        return self.lowest > 0


def draw_lines(
    rates: Sequence[Point], before: Sequence[Point] = (), *, name: str, name_before: str = "", summary: str
) -> Lines:
    """Draw rates (0 to 1) over time in pine, and the same periods of a year before dashed beside them.

    The axis starts at a full 5 % below the lowest rate. Every second period is named. Raises ValueError
    without points.
    """
    if not rates:
        raise ValueError("a chart needs at least one point")
    left, right, top, base = 40, 564, Decimal(14), Decimal(204)
    values = [point.value for point in (*rates, *before)]
    lowest, highest = _list_bounds(min(values), max(values))
    scale = (base - top) / (highest - lowest)
    place = [_round(left + Decimal(right - left) * i / max(len(rates) - 1, 1)) for i in range(len(rates))]
    curves = [_draw_curve(before, place, base, lowest, scale, name_before, "off")] if before else []
    curves.append(_draw_curve(rates, place, base, lowest, scale, name, "on"))
    last = len(rates) - 1
    return Lines(
        680,
        236,
        right,
        _list_ticks(lowest, highest, base, scale),
        tuple(Label(place[i], base + 20, rates[i].name) for i in range(len(rates)) if (last - i) % 2 == 0),
        tuple(_part_labels(curves)),
        lowest,
        summary,
    )


def _draw_curve(
    points: Sequence[Point],
    place: Sequence[Decimal],
    base: Decimal,
    lowest: Decimal,
    scale: Decimal,
    name: str,
    kind: str,
) -> Curve:
    heights = [_round(base - (point.value - lowest) * scale) for point in points]
    path = "M" + "L".join(f"{x} {y}" for x, y in zip(place, heights, strict=False))
    return Curve(path, place[len(points) - 1], heights[-1], name, points[-1].text, kind)


def _list_bounds(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Round outwards to whole 5 %, so that a line never lies on the frame without being 0 or 1."""
    step = Decimal("0.05")
    lowest = max((low / step).to_integral_value(ROUND_FLOOR) * step, Decimal(0))
    highest = max(-((-high / step).to_integral_value(ROUND_FLOOR)) * step, lowest + step)
    return lowest, highest


def _list_ticks(lowest: Decimal, highest: Decimal, base: Decimal, scale: Decimal) -> tuple[Tick, ...]:
    """Four or five lines on whole 5 %, the lowest of them the base."""
    count = int((highest - lowest) / Decimal("0.05"))
    every = -(-count // 4)
    steps = range(0, count + 1, every)
    return tuple(
        Tick(
            _round(base - step * Decimal("0.05") * scale),
            f"{(lowest + step * Decimal('0.05')) * 100:.0f}%",
            step == 0,
        )
        for step in steps
    )


def _part_labels(curves: list[Curve]) -> list[Curve]:
    """Move the label of the dashed line away when the two ends lie closer than two lines of text."""
    if len(curves) < 2 or abs(curves[0].y - curves[1].y) >= 36:
        return curves
    off, on = curves
    moved = on.y + 36 if off.y >= on.y else on.y - 36
    return [Curve(off.path, off.x, moved, off.name, off.text, off.kind), on]


@dataclass(frozen=True)
class CellBar:
    """A share of one as a bar of 48 × 8 beside its figure, never instead of it."""

    width: Decimal
    text: str
    kind: str


def draw_cell(share: Decimal, *, low: Decimal = Decimal("0.85")) -> CellBar:
    """Draw a share from 0 to 1 for a table cell; below `low` it is amber, and the figure says so too."""
    kept = min(max(share, Decimal(0)), Decimal(1))
    return CellBar(_round(kept * 48), f"{share * 100:.1f}%", "low" if share < low else "on")


def _scale(room: Decimal, top: Decimal) -> Decimal:
    return room / top if top > 0 else Decimal(0)


def _round(length: Decimal) -> Decimal:
    return length.quantize(TENTH)
