"""What a meter has counted, whatever happened to its instrument: the one arithmetic of readings.

At each reading a meter has counted ``value × multiplier + base`` since it was opened. ``base`` grows when the
instrument is changed or its dial passes the top, so counting goes on where it was. An estimate may stand above what the
next real reading shows; ``ahead`` is by how much, and that much of the coming use is counted already: what was charged
once is not charged again, and no use is ever negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NONE = Decimal(0)
ONE = Decimal(1)
STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meter showed on a day, and where its counting stood.

    `old_closing` and `new_opening` are there when the instrument was changed on that day.
    """

    on: date
    value: Decimal
    multiplier: Decimal = ONE
    base: Decimal = NONE
    ahead: Decimal = NONE
    is_estimate: bool = False
    old_closing: Decimal | None = None
    new_opening: Decimal | None = None

    @property
    def counted(self) -> Decimal:
        """What the dials have counted up to now, in units of use."""
        return self.value * self.multiplier + self.base

    @property
    def level(self) -> Decimal:
        """What has been counted or charged by estimate up to now: it never falls."""
        return self.counted + self.ahead


@dataclass(frozen=True, slots=True)
class Swap:
    """A change of instrument: the last value of the old one, the first of the new one, and the new multiplier."""

    old_closing: Decimal
    new_opening: Decimal
    multiplier: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch counted by one dial without passing its top; `ends` says what ended it: swap, turn or nothing."""

    first: date
    opening: Decimal
    last: date
    closing: Decimal
    multiplier: Decimal
    ends: str = ""

    @property
    def use(self) -> Decimal:
        """What was counted in it."""
        return (self.closing - self.opening) * self.multiplier


def go_on(
    before: Shown,
    on: date,
    value: Decimal,
    *,
    is_estimate: bool = False,
    swap: Swap | None = None,
    top: Decimal = NONE,
) -> Shown:
    """Return the reading after `before`; `top` is given when the dial has passed it since.

    >>> first = Shown(date(2026, 8, 31), Decimal(99_990))
    >>> go_on(first, date(2026, 9, 30), Decimal(15), top=Decimal(100_000)).level - first.level
    Decimal('25')
    >>> new = Swap(Decimal(99_995), Decimal(0), Decimal(10))
    >>> go_on(first, date(2026, 9, 30), Decimal(2), swap=new).level - first.level
    Decimal('25')
    """
    multiplier = swap.multiplier if swap else before.multiplier
    base = before.base + top * multiplier
    if swap:
        base += swap.old_closing * before.multiplier - swap.new_opening * multiplier
    shown = Shown(
        on,
        value,
        multiplier,
        base,
        is_estimate=is_estimate,
        old_closing=swap.old_closing if swap else None,
        new_opening=swap.new_opening if swap else None,
    )
    return _carry_estimate(before, shown)


def _carry_estimate(before: Shown, shown: Shown) -> Shown:
    """Keep what estimates have counted beyond this reading. Only estimates may: two real readings must rise."""
    if not (before.is_estimate or before.ahead):
        return shown
    ahead = max(NONE, before.level - shown.counted)
    return Shown(
        shown.on,
        shown.value,
        shown.multiplier,
        shown.base,
        ahead,
        shown.is_estimate,
        shown.old_closing,
        shown.new_opening,
    )


def list_segments(history: Sequence[Shown]) -> list[Segment]:
    """Return the stretches between the first and the last of these readings, which are in the order of days.

    Their uses sum to the difference of `counted`; with the difference of `ahead` added, to that of `level`.
    """
    return list(_segments(history))


def _segments(history: Sequence[Shown]) -> Iterator[Segment]:
    start = history[0]
    first, opening, multiplier, base = start.on, start.value, start.multiplier, start.base
    for shown in history[1:]:
        if shown.old_closing is not None and shown.new_opening is not None:
            yield Segment(first, opening, shown.on, shown.old_closing, multiplier, "swap")
            first, opening, multiplier = shown.on, shown.new_opening, shown.multiplier
        elif shown.base != base:
            yield Segment(first, opening, shown.on, (shown.base - base) / multiplier, multiplier, "turn")
            first, opening = shown.on, NONE
        base = shown.base
    yield Segment(first, opening, history[-1].on, history[-1].value, multiplier)


def use_between(opening: Shown, closing: Shown) -> Decimal:
    """Return the use from one reading to a later one, to four decimals, halves up."""
    return (closing.level - opening.level).quantize(STEP, ROUND_HALF_UP)
