"""What meters counted in a period, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

UNIT_STEPS = 10_000
"""Readings, uses and multipliers are whole numbers of 0.0001."""

Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.int64]
MeterRow = tuple[int, str, int, str, int, date | None, int | None, date, int]


@dataclass(frozen=True)
class MeterUses:
    """One row a meter. `unit_id` is 0 for a meter of the community; days without a reading are NaT.

    `opening`, `closing` and `use` are int64 in steps of 0.0001; `use` includes the multiplier, rounded half up.
    Where `has_opening` is False, opening and use are 0.
    """

    meter_id: Numbers
    meter: Sequence[str]
    unit_id: Numbers
    kind: npt.NDArray[np.str_]
    multiplier: Numbers
    opening_on: Days
    opening: Numbers
    closing_on: Days
    closing: Numbers
    use: Numbers
    has_opening: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.meter_id)


def uses_of(rows: Sequence[MeterRow]) -> MeterUses:
    """Return rows of meters with their two readings as columns, and work out the uses.

    A row is (meter id, code, unit id, kind, multiplier, opening day, opening, closing day, closing).

    >>> row = (1, "W1", 7, "water", 10_000, date(2026, 8, 31), 120_000, date(2026, 9, 30), 155_000)
    >>> uses_of([row]).use.tolist()
    [35000]
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * 9
    has_opening = np.array([day is not None for day in columns[5]], dtype=bool)
    opening = _numbers([value or 0 for value in columns[6]])
    closing, multiplier = _numbers(columns[8]), _numbers(columns[4])
    counted = np.where(has_opening, closing - opening, 0)
    return MeterUses(
        meter_id=_numbers(columns[0]),
        meter=list(columns[1]),
        unit_id=_numbers(columns[2]),
        kind=np.array(columns[3], dtype=np.str_),
        multiplier=multiplier,
        opening_on=np.array(columns[5], dtype="datetime64[D]"),
        opening=opening,
        closing_on=np.array(columns[7], dtype="datetime64[D]"),
        closing=closing,
        use=(counted * multiplier + UNIT_STEPS // 2) // UNIT_STEPS,
        has_opening=has_opening,
    )


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)
