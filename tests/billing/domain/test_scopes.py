"""The narrowest scope in force wins, day by day."""

from datetime import date

import numpy as np
import pytest

from billing.domain.scopes import Places, Stretch, Tariff, classify, clip, resolve
from core.periods import Period

SEPTEMBER = Period.month("2026-09")
LONG_AGO = date(2020, 1, 1)
ALL = ("unit:8-301", "building:8", "kind:shop", "*")


def tariff(number: int, applies_to: str, start: date = LONG_AGO, end: date | None = None) -> Tariff:
    return Tariff(number, applies_to, "area", start, end)


def told(stretches: list[Stretch]) -> list[tuple[str, int]]:
    return [(str(stretch.period), stretch.tariff.id) for stretch in stretches]


@pytest.mark.parametrize(
    ("scopes", "winner"),
    [
        (("*",), 4),
        (("kind:shop", "*"), 3),
        (("building:8", "*"), 2),
        (("building:8", "kind:shop", "*"), 2),
        (("unit:8-301", "kind:shop", "*"), 1),
        (ALL, 1),
    ],
)
def test_resolve_takes_the_narrowest(scopes: tuple[str, ...], winner: int) -> None:
    tariffs = [tariff(number, scope) for number, scope in enumerate(ALL, start=1)]
    assert told(resolve(reversed(tariffs), scopes, SEPTEMBER)) == [("2026-09-01/2026-09-30", winner)]


def test_resolve_price_change_inside_makes_two_stretches() -> None:
    change = date(2026, 9, 16)
    tariffs = [tariff(1, "*", end=change), tariff(2, "*", start=change)]
    assert told(resolve(tariffs, ("*",), SEPTEMBER)) == [
        ("2026-09-01/2026-09-15", 1),
        ("2026-09-16/2026-09-30", 2),
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 9, 1), None, [("2026-09-01/2026-09-30", 1)]),
        (date(2026, 9, 2), None, [("2026-09-01/2026-09-01", 2), ("2026-09-02/2026-09-30", 1)]),
        (date(2026, 9, 30), None, [("2026-09-01/2026-09-29", 2), ("2026-09-30/2026-09-30", 1)]),
        (date(2026, 10, 1), None, [("2026-09-01/2026-09-30", 2)]),
        (LONG_AGO, date(2026, 9, 1), [("2026-09-01/2026-09-30", 2)]),
        (LONG_AGO, date(2026, 9, 2), [("2026-09-01/2026-09-01", 1), ("2026-09-02/2026-09-30", 2)]),
        (LONG_AGO, date(2026, 10, 1), [("2026-09-01/2026-09-30", 1)]),
    ],
)
def test_resolve_narrow_version_covers_some_days(
    start: date, end: date | None, expected: list[tuple[str, int]]
) -> None:
    tariffs = [tariff(1, "building:8", start, end), tariff(2, "*")]
    assert told(resolve(tariffs, ("building:8", "*"), SEPTEMBER)) == expected


def test_resolve_leaves_out_days_without_version() -> None:
    gap = [tariff(1, "*", end=date(2026, 9, 11)), tariff(2, "*", start=date(2026, 9, 21))]
    assert told(resolve(gap, ("*",), SEPTEMBER)) == [
        ("2026-09-01/2026-09-10", 1),
        ("2026-09-21/2026-09-30", 2),
    ]


def test_clip_keeps_the_days_of_the_span() -> None:
    stretches = resolve([tariff(1, "*")], ("*",), SEPTEMBER)
    assert told(clip(stretches, Period(date(2026, 9, 15), date(2026, 12, 1)))) == [
        ("2026-09-15/2026-09-30", 1)
    ]
    assert clip(stretches, Period.month("2026-10")) == []


def test_classify_groups_units_by_their_scopes() -> None:
    places = Places(
        unit=np.array([11, 12, 13, 14]), building=np.array([8, 8, 9, -1]), kind=np.array([0, 3, 3, 0])
    )
    tariffs = [tariff(1, "unit:8-302"), tariff(2, "building:8"), tariff(3, "kind:shop"), tariff(4, "*")]
    targets = {"unit:8-302": 12, "building:8": 8, "kind:shop": 3, "*": 0}
    classes = classify(places, [*tariffs, tariff(5, "unit:gone")], targets)
    assert [classes.scopes[i] for i in classes.of_unit.tolist()] == [
        ("building:8", "*"),
        ("unit:8-302", "building:8", "kind:shop", "*"),
        ("kind:shop", "*"),
        ("*",),
    ]
