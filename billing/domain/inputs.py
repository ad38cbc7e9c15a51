"""What a charge line remembers of its own calculation: the JSON in ``ChargeLine.inputs``, by method (B7).

Everything needed to compute the amount again stands in it; nothing has to be looked up in rows that may have
changed since. Decimals are text with the places of their column, exact ratios are text as ``Fraction`` reads
it (``"1"``, ``"16/31"``), days are ISO dates, and both days of a part are inclusive.

``area``     amount = area × Σ price × months, rounded once
``fixed``    amount = Σ price × months, rounded once
             both × share where the unit owes only a part because it stands empty
``meter``    amount = use × Σ price × days ÷ of, rounded once
``tiers``    amount = Σ slabs(use) × days ÷ of, rounded once; each slab of the use at its own price
``expression``  amount = Σ formula × months (or × days ÷ of, when it names months or use), rounded once
``pool``     amount = floor + extra: the pool, rounded first, shared by weight with the largest remainder
``opening``  amount = due − received, as the file says
``correction``  amount = now − was: what an earlier line should have asked for beyond what it did

When a unit had several payers in the period, or one payer has several pieces (a new area, a vacancy), ``split``
is there: the unit's whole amount is rounded once and given to them in coins of the rounding: each exact amount
rounded down, the coins left over one each by the largest remainder, the earlier first among equals.

``month_day`` is there when the months of the line begin on another day than the first: cycles counted from a hand-over.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Coin = Literal["fen", "jiao", "yuan"]


class Split(TypedDict):
    """How a unit's amount was shared between the payers and pieces of one period.

    ``exact``: each piece's exact yuan, in the order of their first days, as ratios; ``at``: which of them
    this line is, from 0; ``whole``: the unit's rounded amount, which all lines sum to; ``payers``: how many
    payers there are, where they are fewer than the pieces; ``rounding``: that of the newest piece, in whose coins
    the whole was shared, where the pieces do not agree.
    """

    whole: str
    exact: list[str]
    at: int
    payers: NotRequired[int]
    rounding: NotRequired[Coin]


MonthPart = TypedDict("MonthPart", {"from": str, "to": str, "months": str, "price": str, "version": int})
"""Days with one monthly price. ``months``: a whole month counts 1, a part its days ÷ days of that month; or, with
``whole``, days ÷ days of the whole period × its months."""

Days = TypedDict("Days", {"from": str, "to": str})
"""A span of days."""

DayPart = TypedDict("DayPart", {"from": str, "to": str, "days": int, "of": int, "price": str, "version": int})
"""Days with one price for what a meter counted. ``of``: the days of the period the unit had a payer for."""

TierPart = TypedDict(
    "TierPart",
    {"from": str, "to": str, "days": int, "of": int, "tiers": list[tuple[str | None, str]], "version": int},
)
"""Days with one table of slabs: ``[["10.0000", "2.000000"], …, [null, "5.000000"]]``, up to and price."""


class Shown(TypedDict):
    """What a meter showed on a day."""

    on: str
    value: str


class Stretch(TypedDict):
    """What one dial counted: (closing − opening) × multiplier. ``ends``: "swap", "turn" (past its top), or nothing."""

    opening: Shown
    closing: Shown
    multiplier: str
    ends: str


class MeterUse(TypedDict):
    """What one meter counted: (closing − opening) × multiplier = use.

    When the instrument was changed, its dial passed the top, or a value was estimated, ``stretches`` are there and
    use = Σ stretches + ahead[1] − ahead[0], rounded to four decimals. ``ahead``: what estimates had counted beyond the
    opening and the closing value; ``estimated``: which of the two nobody has read.
    """

    meter: str
    opening: Shown
    closing: Shown
    multiplier: str
    use: str
    stretches: NotRequired[list[Stretch]]
    ahead: NotRequired[tuple[str, str]]
    estimated: NotRequired[list[Literal["opening", "closing"]]]


class AreaInputs(TypedDict):
    """Inputs of ``area``; share: the part still due, where it is not all; whole: what parts count by."""

    area: str
    parts: list[MonthPart]
    month_day: NotRequired[int]
    rounding: Coin
    share: NotRequired[str]
    whole: NotRequired[Days]
    split: NotRequired[Split]


class FixedInputs(TypedDict):
    """Inputs of ``fixed``, named as those of ``area``."""

    parts: list[MonthPart]
    month_day: NotRequired[int]
    rounding: Coin
    share: NotRequired[str]
    whole: NotRequired[Days]
    split: NotRequired[Split]


class MeterInputs(TypedDict):
    """Inputs of ``meter``; ``use`` is the sum over the unit's meters of that kind."""

    meters: list[MeterUse]
    use: str
    parts: list[DayPart]
    rounding: Coin
    split: NotRequired[Split]


class TierInputs(TypedDict):
    """Inputs of ``tiers``; ``use`` is the sum over the unit's meters of that kind."""

    meters: list[MeterUse]
    use: str
    parts: list[TierPart]
    rounding: Coin
    split: NotRequired[Split]


FormulaPart = TypedDict(
    "FormulaPart",
    {
        "from": str,
        "to": str,
        "formula": str,
        "months": str,
        "days": NotRequired[int],
        "of": NotRequired[int],
        "version": int,
    },
)
"""Days with one formula. With days and of, it gave the amount of the period, ``months`` long, shared by days."""


class FormulaInputs(TypedDict):
    """Inputs of ``expression``; ``values``: what the names stood for; meters and use when it named the use."""

    meters: NotRequired[list[MeterUse]]
    use: NotRequired[str]
    values: dict[str, str]
    parts: list[FormulaPart]
    month_day: NotRequired[int]
    rounding: Coin
    share: NotRequired[str]
    whole: NotRequired[Days]
    split: NotRequired[Split]


class PoolInputs(TypedDict):
    """Inputs of ``pool``; ``pool`` is the id of the PoolResult with the frozen list of participants.

    weight, total: this unit's weight and that of all, as scaled integers, which divided by ``scale`` read in m²,
    units of use or households; times: how much of the unit's own figure counts, when not all of it does
    (``[1, 2]``: half); floor: amount × weight ÷ total rounded down to a coin; extra: the coin of the largest
    remainder, or nothing. Without ``split`` the line is floor + extra; with it, that sum is what the payers share by
    days.

    A pool of several keys has a line a key: ``amount`` is then the key's part of ``whole``, which was split by
    ``percents``, and ``place`` says which of them this is. agreement: where the way of sharing was agreed.
    """

    pool: int
    meter: str
    amount: str
    key: str
    weight: int
    total: int
    scale: NotRequired[int]
    times: NotRequired[tuple[int, int]]
    participants: int
    floor: str
    extra: str
    rounding: Coin
    version: int
    whole: NotRequired[str]
    percents: NotRequired[list[str]]
    place: NotRequired[int]
    agreement: NotRequired[str]
    split: NotRequired[Split]


class CorrectedLine(TypedDict):
    """The line a correction is about: its bill's number, what it came to, and what it should have come to."""

    bill: str
    line: int
    was: str
    now: str


class CorrectionInputs(TypedDict):
    """Inputs of ``correction``: a decided amount has a reason instead of a formula; ``deed`` identifies the request."""

    amount: str
    reason: str
    deed: str
    rounding: Coin
    corrects: NotRequired[CorrectedLine]


class OpeningInputs(TypedDict):
    """Inputs of ``opening``: where the line stood in the file, what was charged there and what had been received."""

    file: str
    sheet: str
    row: int
    due: str
    received: str
    rounding: Coin


LateStretch = TypedDict("LateStretch", {"from": str, "to": str, "principal": str, "amount": str})
"""Days in a row with one open principal; ``amount`` is exact, what the cap leaves of principal × rate × days."""


class LateFeeInputs(TypedDict):
    """Inputs of ``late_fee``: Σ amounts of the stretches, rounded once, less what was charged before.

    ``principal_line`` and ``bill``: what it grew on; ``rate``: a share a day, or once; ``late_from``: the due day after
    holidays; ``cap``: the most it may come to, in yuan.
    """

    principal_line: int
    bill: str
    fee_item: str
    late_from: str
    grace: int
    clause: str
    rate: str
    once: bool
    cap: str
    stretches: list[LateStretch]
    charged: str
    rounding: Coin


LineInputs = (
    AreaInputs
    | FixedInputs
    | MeterInputs
    | TierInputs
    | PoolInputs
    | FormulaInputs
    | CorrectionInputs
    | OpeningInputs
    | LateFeeInputs
)
"""What a charge line remembers, by its method; the run writes it and the explanation reads it."""
