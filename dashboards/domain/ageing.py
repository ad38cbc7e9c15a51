"""How long arrears have been owed, in five steps."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

EDGES = (0, 30, 90, 180, 365)
"""A bucket starts on the day after its edge: 1–30, 31–90, 91–180, 181–365, more than 365 days."""


@dataclass(frozen=True)
class Bucket:
    """Arrears of an age: `first` to `last` days past due (None: without end), in fen, and the households."""

    first: int
    last: int | None
    amount: int
    households: int


def compute_ageing(bills: pd.DataFrame, units: pd.DataFrame) -> list[Bucket]:
    """Lay arrears into buckets of age.

    An amount lies in the bucket of its own bill's age; a household is counted once, in the bucket of its oldest
    bill. So both columns add up to the page's arrears and arrears households.
    """
    due = bills[(bills["days_overdue"] > 0) & (bills["open"] > 0)]
    amounts = due["open"].groupby(_step_of(due["days_overdue"])).sum()
    households = units[units["arrears_households"] > 0]
    counts = _step_of(households["oldest_days"]).value_counts()
    ends = [*EDGES[1:], None]
    return [
        Bucket(edge + 1, end, int(amounts.get(step, 0)), int(counts.get(step, 0)))
        for step, (edge, end) in enumerate(zip(EDGES, ends, strict=True))
    ]


def _step_of(days: pd.Series[int]) -> pd.Series[int]:
    """The number of the bucket of each age, from 0."""
    return pd.cut(days, [*EDGES, 10**6], labels=False).astype("int64")


def is_in_bucket(days: pd.Series[int], number: int) -> pd.Series[bool]:
    """Which ages lie in the bucket with this number, counted from 0."""
    return (days > 0) & (pd.cut(days, [*EDGES, 10**6], labels=False) == number)
