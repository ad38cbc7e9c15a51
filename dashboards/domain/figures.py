"""The figures of the overview and their rates, for any set of units (DOMAIN-RULES §4.15).

Every amount and every count is a sum over units, so that the rows of a table add up to its total, whatever
they are grouped by. A unit counts as one household however many accounts it has had.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

import pandas as pd


@dataclass(frozen=True)
class Figures:
    """Sums over units, amounts in fen.

    receivable and received: bills of the month; recovered and old_open: bills of earlier months; arrears: what is
    past its due day, arrears_current the part of it on the month's bills; not_due: open, but not yet due.
    """

    receivable: int = 0
    received: int = 0
    recovered: int = 0
    old_open: int = 0
    arrears: int = 0
    arrears_current: int = 0
    not_due: int = 0
    billed_households: int = 0
    paid_households: int = 0
    arrears_households: int = 0
    arrears_spaces: int = 0
    oldest_days: int = 0

    @property
    def collection_rate(self) -> Decimal | None:
        """Current collection rate 收缴率: received ÷ receivable of the month's bills."""
        return share(self.received, self.receivable)

    @property
    def recovery_rate(self) -> Decimal | None:
        """Recovery rate 清缴率: old debt recovered in the month ÷ (recovered + still open)."""
        return share(self.recovered, self.recovered + self.old_open)

    @property
    def household_rate(self) -> Decimal | None:
        """Household rate 户收缴率: billed households that owe nothing at all ÷ billed households."""
        return share(self.paid_households, self.billed_households)


def share(part: int, whole: int) -> Decimal | None:
    """Return a part of a whole as a number from 0 to 1, or None where there is no whole.

    >>> share(35013292, 38168403).quantize(Decimal("0.001"))
    Decimal('0.917')
    """
    return Decimal(part) / Decimal(whole) if whole > 0 else None


def compute_units(bills: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Sum bills up to units.

    `bills`: DataFrame of `dashboards.selectors.facts.list_bills`; `units`: of `list_units`, indexed by unit_id.
    Returns the units that have any of the bills, in their order, with the columns of `Figures` for each as int64:
    amounts in fen, counts 0 or 1.
    """
    is_due = bills["days_overdue"] > 0
    parts = pd.DataFrame(
        {
            "receivable": bills["receivable"].where(bills["is_current"], 0),
            "received": bills["received"].where(bills["is_current"], 0),
            "recovered": bills["received_in_month"].where(bills["is_old"], 0),
            "old_open": bills["open"].where(bills["is_old"], 0),
            "arrears": bills["open"].where(is_due, 0),
            "arrears_current": bills["open"].where(is_due & bills["is_current"], 0),
            "not_due": bills["open"].where(~is_due, 0),
            "billed": bills["is_current"].astype("int64"),
        }
    )
    sums = parts.groupby(bills["unit_id"]).sum()
    oldest = bills["days_overdue"].where(is_due & (bills["open"] > 0), 0).groupby(bills["unit_id"]).max()
    return _counted(units.join(sums, how="inner").join(oldest.rename("oldest_days")))


def _counted(units: pd.DataFrame) -> pd.DataFrame:
    """Add the counts: who is a household, billed, all paid, in arrears."""
    is_household = units["is_household"]
    is_billed = is_household & (units["billed"] > 0)
    has_paid = is_billed & (units["arrears"] + units["not_due"] == 0)
    in_arrears = units["arrears"] > 0
    return units.drop(columns="billed").assign(
        billed_households=is_billed.astype("int64"),
        paid_households=has_paid.astype("int64"),
        arrears_households=(in_arrears & is_household).astype("int64"),
        arrears_spaces=(in_arrears & ~is_household).astype("int64"),
    )


NAMES = tuple(field.name for field in fields(Figures))
SUMMED = tuple(name for name in NAMES if name != "oldest_days")


def compute_figures(units: pd.DataFrame) -> Figures:
    """Sum the units of `compute_units` up to one set of figures."""
    sums = units.loc[:, list(SUMMED)].sum()
    oldest = 0 if units.empty else int(units["oldest_days"].max())
    return Figures(**{name: int(sums[name]) for name in SUMMED}, oldest_days=oldest)


def compute_groups(units: pd.DataFrame, key: str) -> dict[object, Figures]:
    """Sum the units up by a column, the groups in the order in which they first appear."""
    groups = units.groupby(key, sort=False, dropna=False, observed=True)
    sums = groups[list(SUMMED)].sum().assign(oldest_days=groups["oldest_days"].max())
    rows = sums.loc[:, list(NAMES)].itertuples()
    return {row[0]: Figures(*map(int, row[1:])) for row in rows}
