"""The habits of payers: four kinds that overlap, and how each answers a bill.

Active payers pay before the due day; forgetful ones mean to and pay when reminded; resistant ones hold back
because something is wrong; hard-pressed ones pay parts. Each person's own numbers scatter around those of the
kind, so that a quick resistant household and a slow active one look alike. What makes a household resistant
is in the data: a flat under the leaking roof, a shop in the street that lost its customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import numpy as np

from simulation.domain.houses import House


class Habit(StrEnum):
    """The kinds of payers; never a fixed label of a person in the product."""

    ACTIVE = "active"
    FORGETFUL = "forgetful"
    RESISTANT = "resistant"
    HARD_PRESSED = "hard_pressed"


SHARES = {Habit.ACTIVE: 0.52, Habit.FORGETFUL: 0.26, Habit.RESISTANT: 0.13, Habit.HARD_PRESSED: 0.09}
TROUBLED = {Habit.ACTIVE: 0.24, Habit.FORGETFUL: 0.18, Habit.RESISTANT: 0.50, Habit.HARD_PRESSED: 0.08}
"""Under the roof and in the shop street."""


@dataclass(frozen=True)
class Payer:
    """One household's own numbers.

    ``pays`` is the chance to answer a bill at all, ``full`` that it is paid in full, ``delay`` the usual days
    from issue to payment, ``scatter`` how much that varies.
    """

    habit: Habit
    pays: float
    full: float
    delay: float
    scatter: float
    channel: str


MIDDLES = {
    Habit.ACTIVE: (0.99, 0.995, 7.0, 3.0),
    Habit.FORGETFUL: (0.96, 0.99, 20.0, 8.0),
    Habit.RESISTANT: (0.06, 0.60, 40.0, 20.0),
    Habit.HARD_PRESSED: (0.20, 0.25, 32.0, 14.0),
}
CHANNELS, CHANNEL_SHARES = ("wechat", "alipay", "cash", "transfer"), (0.66, 0.29, 0.03, 0.02)


def draw_payer(house: House, random: np.random.Generator) -> Payer:
    """Draw the habits of the household in a unit."""
    shares = TROUBLED if house.is_top_floor or house.is_on_shop_street else SHARES
    habit = list(shares)[int(random.choice(len(shares), p=list(shares.values())))]
    pays, full, delay, scatter = MIDDLES[habit]
    return Payer(
        habit,
        pays=_near(pays, random),
        full=_near(full, random),
        delay=max(1.0, random.normal(delay, delay / 4)),
        scatter=scatter,
        channel=CHANNELS[int(random.choice(len(CHANNELS), p=CHANNEL_SHARES))],
    )


def _near(chance: float, random: np.random.Generator) -> float:
    """A chance around the one given, from a beta distribution that keeps it between 0 and 1."""
    weight = 40
    return float(random.beta(chance * weight, (1 - chance) * weight))


@dataclass(frozen=True)
class Answer:
    """What a household does about its open bills in a month: when, and which part of the sum (0 to 1)."""

    paid_at: datetime
    share: float


def answer_bill(payer: Payer, issued_on: date, random: np.random.Generator) -> Answer | None:
    """How the household answers the bills of a month; None when it does nothing about them.

    The same three numbers are drawn whatever the answer, so that one household never moves another's dice.
    """
    answers, in_full, wait = random.random(), random.random(), random.normal(payer.delay, payer.scatter)
    hour = int(random.integers(8, 22))
    minute = int(random.integers(60))
    if answers >= payer.pays:
        return None
    day = issued_on + timedelta(days=max(0, round(wait)))
    share = 1.0 if in_full < payer.full else 0.3 + 0.4 * in_full
    return Answer(datetime.combine(day, time(hour, minute)), min(1.0, share))
