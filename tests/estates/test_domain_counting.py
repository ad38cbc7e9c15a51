"""What a meter has counted: by hand over swaps, turns and estimates, and as laws over any split of a span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estates.domain.counting import Segment, Shown, Swap, go_on, list_segments, use_between

D = Decimal
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (
    date(2026, 8, 31),
    date(2026, 9, 30),
    date(2026, 10, 31),
    date(2026, 11, 30),
)
TOP = D(100_000)


@pytest.mark.parametrize(
    ("opening", "closing", "options", "use"),
    [
        ("100", "112.5", {}, "12.5000"),
        ("100", "100", {}, "0.0000"),
        ("99990", "15", {"top": TOP}, "25.0000"),
        ("0", "0", {"top": TOP}, "100000.0000"),
        ("812", "3.5", {"swap": Swap(D("820.25"), D(0))}, "11.7500"),  # 8.25 on the old, 3.5 on the new
        ("812", "812", {"swap": Swap(D(815), D(800))}, "15.0000"),  # 3 on the old, 12 on the new
        (
            "812",
            "14",
            {"swap": Swap(D(820), D(10), D(40))},
            "168.0000",
        ),  # 8 × 1 on the old, 4 × 40 on the new
    ],
)
def test_go_on_counts(opening: str, closing: str, options: dict[str, object], use: str) -> None:
    first = Shown(AUGUST, D(opening))
    last = go_on(first, SEPTEMBER, D(closing), **options)  # type: ignore[arg-type]
    assert str(use_between(first, last)) == use


def test_go_on_keeps_the_multiplier_of_the_instrument() -> None:
    first = Shown(AUGUST, D(100), D(40))
    second = go_on(first, SEPTEMBER, D("100.5"))
    third = go_on(second, OCTOBER, D(1), swap=Swap(D(101), D(0), D(60)))
    assert [str(use_between(a, b)) for a, b in pairwise((first, second, third))] == ["20.0000", "80.0000"]


def test_estimate_too_low_is_evened_out_by_the_next_reading() -> None:
    first = Shown(AUGUST, D(100))
    guess = go_on(first, SEPTEMBER, D(110), is_estimate=True)
    real = go_on(guess, OCTOBER, D(125))
    assert [str(use_between(a, b)) for a, b in pairwise((first, guess, real))] == ["10.0000", "15.0000"]
    assert real.ahead == 0


def test_estimate_too_high_is_evened_out_and_nothing_is_negative() -> None:
    """120 guessed, 115 read, 118 read, 130 read: 20, 0, 0 and 10 are used, 30 in all as the dial says."""
    rows = [Shown(AUGUST, D(100))]
    rows.append(go_on(rows[-1], SEPTEMBER, D(120), is_estimate=True))
    for day, value in ((OCTOBER, 115), (NOVEMBER, 118), (date(2026, 12, 31), 130)):
        rows.append(go_on(rows[-1], day, D(value)))
    assert [str(use_between(a, b)) for a, b in pairwise(rows)] == ["20.0000", "0.0000", "0.0000", "10.0000"]
    assert [row.ahead for row in rows] == [0, 0, 5, 2, 0]


def test_estimate_too_high_is_evened_out_by_a_new_instrument_too() -> None:
    guess = go_on(Shown(AUGUST, D(100)), SEPTEMBER, D(120), is_estimate=True)
    swapped = go_on(guess, OCTOBER, D(2), swap=Swap(D(117), D(0)))
    assert (swapped.ahead, use_between(guess, swapped)) == (D(1), D(0))


def test_use_between_rounds_once_half_up() -> None:
    first = Shown(AUGUST, D("0.0001"), D("0.5"))
    assert str(use_between(first, go_on(first, SEPTEMBER, D("0.0002")))) == "0.0001"


def test_list_segments_of_a_plain_span_is_one() -> None:
    first = Shown(AUGUST, D(100))
    middle = go_on(first, SEPTEMBER, D(104))
    last = go_on(middle, OCTOBER, D(110))
    assert list_segments([first, middle, last]) == [Segment(AUGUST, D(100), OCTOBER, D(110), D(1))]


def test_list_segments_ends_at_swaps_and_turns() -> None:
    first = Shown(AUGUST, D(99_990), D(2))
    turned = go_on(first, SEPTEMBER, D(15), top=TOP)
    swapped = go_on(turned, OCTOBER, D(7), swap=Swap(D(20), D(5), D(3)))
    assert list_segments([first, turned, swapped]) == [
        Segment(AUGUST, D(99_990), SEPTEMBER, D(100_000), D(2), "turn"),
        Segment(SEPTEMBER, D(0), OCTOBER, D(20), D(2), "swap"),
        Segment(OCTOBER, D(5), OCTOBER, D(7), D(3)),
    ]


# Laws --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """What happens next at a meter: so much is used, then it is read, guessed, changed, or turns."""

    used: int
    what: str
    guess: int
    opening: int


EVENTS = st.lists(
    st.builds(
        Event,
        used=st.integers(0, 900),
        what=st.sampled_from(("read", "read", "guess", "swap", "turn")),
        guess=st.integers(0, 1500),
        opening=st.integers(0, 50),
    ),
    min_size=1,
    max_size=12,
)


def live(events: list[Event]) -> tuple[list[Shown], list[int]]:
    """A meter that lives through the events: its readings, and what was truly used up to each."""
    rows, true = [Shown(AUGUST, D(500))], [0]
    for number, event in enumerate(events, start=1):
        before, day = rows[-1], AUGUST + timedelta(days=number)
        real = _dial(rows, true)
        now = real + event.used
        if event.what == "guess":
            rows.append(go_on(before, day, before.value + event.guess, is_estimate=True))
        elif event.what == "swap":
            rows.append(go_on(before, day, D(event.opening), swap=Swap(D(now), D(event.opening))))
        elif event.what == "turn":
            rows.append(go_on(before, day, D(now - 1000), top=D(1000)))
        else:
            rows.append(go_on(before, day, D(now)))
        true.append(true[-1] + event.used)
    return rows, true


def _dial(rows: list[Shown], true: list[int]) -> int:
    """What the dial truly shows now: what was used, less what other dials have counted."""
    return int(500 + true[-1] - rows[-1].base)


@given(EVENTS)
def test_use_over_any_split_sums_to_the_use_of_the_whole(events: list[Event]) -> None:
    rows, _true = live(events)
    assert sum(use_between(a, b) for a, b in pairwise(rows)) == use_between(rows[0], rows[-1])


@given(EVENTS)
def test_use_is_never_negative(events: list[Event]) -> None:
    rows, _true = live(events)
    assert all(use_between(a, b) >= 0 for a, b in pairwise(rows))


@given(EVENTS)
def test_swaps_turns_and_estimates_change_nothing_in_the_end(events: list[Event]) -> None:
    """What was counted is what was used, but for the part by which estimates are still ahead."""
    rows, true = live([*events, Event(0, "read", 0, 0)])
    assert use_between(rows[0], rows[-1]) - rows[-1].ahead == true[-1]


@given(EVENTS)
def test_a_large_enough_use_evens_every_estimate_out(events: list[Event]) -> None:
    rows, true = live([*events, Event(100_000, "read", 0, 0)])
    assert (use_between(rows[0], rows[-1]), rows[-1].ahead) == (D(true[-1]), D(0))


@given(EVENTS)
def test_segments_sum_to_the_use(events: list[Event]) -> None:
    rows, _true = live(events)
    counted = sum((segment.use for segment in list_segments(rows)), D(0))
    assert counted + rows[-1].ahead - rows[0].ahead == use_between(rows[0], rows[-1])
