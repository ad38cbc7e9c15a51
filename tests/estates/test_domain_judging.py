"""Which values are doubtful: boundaries worked out by hand, and estimates by a meter's own history."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from estates.domain.counting import Shown, Swap, go_on
from estates.domain.judging import estimate, judge, mirror, usual_of
from estates.domain.looks import MOVES, moves_for

D = Decimal
FIRST = date(2026, 1, 1)
TEN_DAYS = timedelta(days=10)


def history(*uses: str, start: str = "100") -> list[Shown]:
    """A meter read every ten days; each figure is what it counted in ten days."""
    rows = [Shown(FIRST, D(start))]
    for use in uses:
        rows.append(go_on(rows[-1], rows[-1].on + TEN_DAYS, rows[-1].value + D(use)))
    return rows


STEADY = history("10", "10", "10", "10", "10", "10")
"""A cubic metre a day: a jump is above 1 + 3 × 1/3 = 2 a day, so above 20 in ten days. It stands at 160."""

WILD = history("10", "40", "10", "40", "10", "40")
"""Mean 2.5, standard deviation 1.5 a day: a jump is above 2.5 + 4.5 = 7 a day. It stands at 250."""


@pytest.mark.parametrize(
    ("rows", "value", "doubt"),
    [
        (STEADY, "170", ""),
        (STEADY, "180", ""),
        (STEADY, "180.0001", "jump"),
        (STEADY, "160", "zero"),
        (STEADY, "159.9999", "lower"),
        (WILD, "320", ""),
        (WILD, "320.0001", "jump"),
        (history("10", "10", "10", "10", "10"), "9999", ""),  # five intervals are no history yet
        (history("10", "0"), "110", ""),  # it was still before: told once
        (history("0", "0"), "100", ""),  # it never counted
        (history(), "100", ""),
    ],
)
def test_judge(rows: list[Shown], value: str, doubt: str) -> None:
    judged = judge(rows, rows[-1].on + TEN_DAYS, D(value))
    assert judged.doubt == doubt
    assert (judged.shown is None) == (doubt == "lower")


def test_judge_first_reading_has_nothing_to_doubt() -> None:
    judged = judge([], FIRST, D(812), multiplier=D(40))
    assert (judged.shown, judged.doubt) == (Shown(FIRST, D(812), D(40)), "")


@pytest.mark.parametrize(
    ("rows", "value", "digits", "use"),
    [
        (history(start="99990"), "10000", 5, "10010"),  # a tenth of the dial at most, without a history
        (history(start="99990"), "9990", 5, "10000"),
        (history(start="99990"), "9", 5, "19"),
        (history("10", "10", "10", "10", "10", "10", start="99930"), "9", 5, "19"),
        (history("10", "10", "10", "10", "10", "10", start="99930"), "11", 5, None),  # 21 would be a jump
        (history(start="99990"), "9", None, None),
        (history(start="99990"), "9", 6, None),
    ],
)
def test_judge_turn_of_the_dial(rows: list[Shown], value: str, digits: int | None, use: str | None) -> None:
    judged = judge(rows, rows[-1].on + TEN_DAYS, D(value), digits=digits)
    if use is None or D(use) > 10_000:
        assert judged.doubt == "lower"
    else:
        assert judged.shown is not None
        assert judged.shown.level - rows[-1].level == D(use)


def test_judge_a_value_between_two_readings() -> None:
    before, after = history("10")[0], history("10")[1]
    day = FIRST + timedelta(days=3)
    assert judge([before], day, D(110), after=after).shown == Shown(day, D(110))
    assert judge([before], day, D("110.1"), after=after).doubt == "after"
    assert judge([], day, D("110.1"), after=after).doubt == "after"


def test_judge_a_value_before_a_swap_belongs_to_the_old_instrument() -> None:
    before = Shown(FIRST, D(100))
    swapped = go_on(before, FIRST + TEN_DAYS, D(2), swap=Swap(D(110), D(0)))
    day = FIRST + timedelta(days=3)
    assert judge([before], day, D(110), after=swapped).doubt == ""
    assert judge([before], day, D(111), after=swapped).doubt == "after"


def test_judge_swap_with_an_old_value_below_the_last_reading_is_lower() -> None:
    assert judge(STEADY, date(2026, 4, 1), D(0), swap=Swap(D(159), D(0))).doubt == "lower"
    assert judge(STEADY, date(2026, 4, 1), D(0), swap=Swap(D(165), D(0))).doubt == ""


def test_judge_after_an_estimate_only_the_last_real_reading_is_a_floor() -> None:
    guess = go_on(STEADY[-1], STEADY[-1].on + TEN_DAYS, D(180), is_estimate=True)
    day = guess.on + TEN_DAYS
    assert judge([*STEADY, guess], day, D(170)).doubt == ""
    assert judge([*STEADY, guess], day, D(159)).doubt == "lower"


def test_usual_of_leaves_estimates_out_and_looks_at_twelve_intervals() -> None:
    rows = history("10", "20")
    rows.append(go_on(rows[-1], rows[-1].on + TEN_DAYS, D(999), is_estimate=True))
    found = usual_of(rows)
    assert found is not None
    assert (found.mean, found.intervals) == (D("1.5"), 2)
    assert usual_of(rows[:1]) is None
    long = usual_of(history("500", *["10"] * 12))
    assert long is not None
    assert (long.mean, long.spread, long.intervals) == (D(1), D(0), 12)


def test_estimate_by_own_history() -> None:
    guess = estimate(STEADY, STEADY[-1].on + timedelta(days=15))
    assert guess is not None
    assert (str(guess.value), guess.is_estimate) == ("175.00", True)
    assert estimate(STEADY[:1], FIRST + TEN_DAYS) is None


def test_estimate_counts_with_the_multiplier() -> None:
    rows = [Shown(FIRST, D(100), D(40))]
    rows.append(go_on(rows[-1], FIRST + TEN_DAYS, D(110)))
    guess = estimate(rows, FIRST + 2 * TEN_DAYS)
    assert guess is not None
    assert (guess.value, guess.level - rows[-1].level) == (D(120), D(400))


def test_mirror_counts_what_a_reversed_meter_went_down() -> None:
    guess = mirror(Shown(FIRST, D(100)), FIRST + TEN_DAYS, D(92))
    assert (guess.value, guess.is_estimate) == (D(108), True)


def test_every_reason_has_a_next_move() -> None:
    assert all(MOVES.values())
    assert moves_for("lower", is_recorded=False, has_digits=True)[2] == "turned"
    assert "turned" not in moves_for("lower", is_recorded=False, has_digits=False)
