"""Whether a reading can be right: against the one before, the one after, and the meter's own history.

Nothing here refuses for good. A doubt sends the value to the list of readings to look at, where a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from estates.domain.counting import NONE, ONE, Shown, Swap, go_on

MOST_INTERVALS = 12
FEWEST_INTERVALS = 6
SIGMAS = 3
QUIETEST = 3
"""A history that hardly scatters is taken to scatter by a third of its mean: a jump is at least the double."""

NO_HISTORY_SHARE = 10
"""Without a history, a dial is believed to have passed its top when at most a tenth of its range was used."""

LARGEST_STEP = Decimal("0.01")


@dataclass(frozen=True)
class Usual:
    """What a meter usually counts a day: mean and standard deviation over its last intervals between real readings."""

    mean: Decimal
    spread: Decimal
    intervals: int

    @property
    def most(self) -> Decimal:
        """Above this use a day is a jump: three standard deviations above the mean."""
        return self.mean + SIGMAS * max(self.spread, self.mean / QUIETEST)


@dataclass(frozen=True)
class Judged:
    """A reading as it would count, and what is doubtful about it: lower, jump, zero, after, or nothing.

    `shown` is None when it cannot count as it stands.
    """

    shown: Shown | None
    doubt: str = ""
    usual: Usual | None = None


def usual_of(history: Sequence[Shown]) -> Usual | None:
    """Return what the meter usually counts a day, or None without two real readings on different days.

    >>> usual_of([Shown(date(2026, 9, day), Decimal(value)) for day, value in ((1, 0), (11, 10), (21, 40))])
    Usual(mean=Decimal('2'), spread=Decimal('1'), intervals=2)
    """
    daily = [
        (after.counted - before.counted) / (after.on - before.on).days
        for before, after in pairwise(history)
        if not (before.is_estimate or after.is_estimate)
    ][-MOST_INTERVALS:]
    if not daily:
        return None
    mean = sum(daily, NONE) / len(daily)
    variance = sum(((use - mean) ** 2 for use in daily), NONE) / len(daily)
    return Usual(mean, variance.sqrt(), len(daily))


def judge(
    history: Sequence[Shown],
    on: date,
    value: Decimal,
    *,
    multiplier: Decimal = ONE,
    digits: int | None = None,
    swap: Swap | None = None,
    after: Shown | None = None,
) -> Judged:
    """Return how a value counts after the readings before it, and what is doubtful about it.

    history: the readings before the day, in the order of days; after: the first one behind it, if any. A value lower
    than the last one passes as a turn of the dial when its digits are declared and what was used is nothing unusual.
    """
    usual = usual_of(history)
    first = Shown(on, value, multiplier)
    shown = _continue(history, on, value, digits, swap, usual) if history else first
    if shown is None:
        return Judged(None, "lower", usual)
    if after is not None and not after.is_estimate and shown.counted > _limit(shown, after):
        return Judged(None, "after", usual)
    return Judged(shown, _doubt(history, shown, usual), usual)


def _continue(
    history: Sequence[Shown],
    on: date,
    value: Decimal,
    digits: int | None,
    swap: Swap | None,
    usual: Usual | None,
) -> Shown | None:
    """Return the value as it counts, or None when it is lower than what was last read."""
    before = history[-1]
    lowest = _last_read(history)
    if swap:
        old = go_on(before, on, swap.old_closing)
        return go_on(before, on, value, swap=swap) if old.counted >= lowest else None
    shown = go_on(before, on, value)
    if shown.counted >= lowest:
        return shown
    if digits is None:
        return None
    top = Decimal(10) ** digits
    turned = go_on(before, on, value, top=top)
    return turned if _is_likely_turn(before, turned, top, usual) else None


def _last_read(history: Sequence[Shown]) -> Decimal:
    """What the last real reading had counted; below it a dial cannot be."""
    return next((shown.counted for shown in reversed(history) if not shown.is_estimate), history[0].counted)


def _is_likely_turn(before: Shown, turned: Shown, top: Decimal, usual: Usual | None) -> bool:
    use = turned.level - before.level
    if usual is None or usual.intervals < FEWEST_INTERVALS:
        return use * NO_HISTORY_SHARE <= top * turned.multiplier
    return not _is_jump(before, turned, usual)


def _limit(shown: Shown, after: Shown) -> Decimal:
    """What may have been counted at most by the reading behind, or by the old instrument that was taken off then."""
    if after.old_closing is not None:
        return after.old_closing * shown.multiplier + shown.base
    return after.counted


def _doubt(history: Sequence[Shown], shown: Shown, usual: Usual | None) -> str:
    """Return jump, or zero when the meter counted until now; after an estimate both say nothing."""
    if usual is None or history[-1].is_estimate or history[-1].ahead:
        return ""
    before = history[-1]
    if usual.intervals >= FEWEST_INTERVALS and _is_jump(before, shown, usual):
        return "jump"
    counted_until_now = before.level > history[-2].level
    return "zero" if counted_until_now and shown.level == before.level else ""


def _is_jump(before: Shown, shown: Shown, usual: Usual) -> bool:
    days = max((shown.on - before.on).days, 1)
    return (shown.level - before.level) / days > usual.most


def estimate(history: Sequence[Shown], on: date) -> Shown | None:
    """Return an estimated reading for a day after the last one, by the meter's own history; None without any.

    >>> history = [Shown(date(2026, 9, 1), Decimal(0)), Shown(date(2026, 9, 11), Decimal(5))]
    >>> estimate(history, date(2026, 9, 21)).value
    Decimal('10.00')
    """
    usual = usual_of(history)
    if usual is None:
        return None
    before = history[-1]
    use = usual.mean * (on - before.on).days / before.multiplier
    value = (before.value + use).quantize(LARGEST_STEP, ROUND_HALF_UP)
    return go_on(before, on, value, is_estimate=True)


def mirror(before: Shown, on: date, value: Decimal) -> Shown:
    """Return an estimate for a meter that runs backwards: it has counted as much as the dial went down.

    >>> mirror(Shown(date(2026, 9, 1), Decimal(100)), date(2026, 9, 30), Decimal(92)).value
    Decimal('108')
    """
    return go_on(before, on, before.value + (before.value - value), is_estimate=True)
