"""Open lines put together bill by bill, as a payer reads a sum."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from billing.selectors.outstanding import OpenLine
from core.money import ZERO
from core.periods import Period
from portal.pages import PayRow
from portal.readers import Reader


def group_by_bill(lines: Sequence[OpenLine]) -> list[list[OpenLine]]:
    """The lines of each bill together, in the order in which the bills come."""
    return [list(group) for _bill, group in groupby(lines, key=lambda line: line.bill_id)]


def periods_of(reader: Reader, bill_ids: Collection[int]) -> dict[int, Period]:
    """The period of each bill; its lines may cover others, such as a meter read after the event."""
    rows = reader.bills().filter(pk__in=bill_ids).values_list("pk", "period_start", "period_end")
    return {pk: Period(start, end) for pk, start, end in rows}


def rows_of(reader: Reader, lines: Sequence[OpenLine], amounts: Mapping[int, Decimal]) -> tuple[PayRow, ...]:
    """One row a bill with what of ``amounts`` (by line, in yuan) goes to it; bills that get nothing are left out."""
    groups = group_by_bill([line for line in lines if line.line_id in amounts])
    periods = periods_of(reader, [group[0].bill_id for group in groups])
    return tuple(
        PayRow(
            group[0].unit_label,
            periods[group[0].bill_id],
            sum((amounts[line.line_id] for line in group), ZERO),
        )
        for group in groups
    )
