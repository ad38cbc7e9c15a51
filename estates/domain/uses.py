"""What meters counted in a period, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.int64]
MeterRow = tuple[int, str, int, int, str, int, date | None, int | None, date, int, int]


@dataclass(frozen=True)
class MeterUses:
    """One row a meter. `unit_id` is 0 for a meter of the community, `parent_id` for one that is fed by no other.

    Days without a reading are NaT. `opening`, `closing` and `use` are int64 in steps of 0.0001; `use` includes the
    multiplier, changes of the instrument and turns of its dial. Where `has_opening` is False, opening and use are 0.
    """

    meter_id: Numbers
    meter: Sequence[str]
    unit_id: Numbers
    parent_id: Numbers
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
    """Return rows of meters with their two readings as columns.

    A row is (meter id, code, unit id, parent id, kind, multiplier, opening day, opening, closing day, closing, use).

    >>> row = (1, "W1", 7, 0, "water", 10_000, date(2026, 8, 31), 120_000, date(2026, 9, 30), 155_000, 35_000)
    >>> uses_of([row]).use.tolist()
    [35000]
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * 11
    return MeterUses(
        meter_id=_numbers(columns[0]),
        meter=list(columns[1]),
        unit_id=_numbers(columns[2]),
        parent_id=_numbers(columns[3]),
        kind=np.array(columns[4], dtype=np.str_),
        multiplier=_numbers(columns[5]),
        opening_on=np.array(columns[6], dtype="datetime64[D]"),
        opening=_numbers([value or 0 for value in columns[7]]),
        closing_on=np.array(columns[8], dtype="datetime64[D]"),
        closing=_numbers(columns[9]),
        use=_numbers(columns[10]),
        has_opening=np.array([day is not None for day in columns[6]], dtype=bool),
    )


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)
