"""Late fees as a file that anyone can compute again from: one row a part, so that it can be checked with a pencil."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from billing.models import ChargeLine
from billing.selectors.late_fee_lines import LateLine, iterate_late_lines

HEAD = (
    "line", "principal", "from", "to", "rate", "days", "amount",
    "capped", "rounding", "charged", "fee_item", "unit", "bill", "late_from",
)  # fmt: skip


def export_late_fees(community_id: int, as_of: date, path: Path) -> int:
    """Write the late fees of a community as of the end of a day to a CSV file and return the number of rows.

    One row a part: ``principal`` × ``rate`` × ``days`` − ``capped`` + ``rounding`` = ``amount``; days are inclusive,
    ``rate`` is a share a day (0.0005 is 0.05 %). The sum of a line is rounded half-up to the fen once, on its last
    row, and ``rounding`` says by how much; so the amounts of a line sum to its late fee, and those of the file to that
    of the community. ``charged``, on the last row too, is what of it stands on bills already; ``late_from`` is the due
    day after holidays. The file appears whole or not at all.
    """
    unfinished = path.with_name(f"{path.name}.part")
    count = 0
    lines = ChargeLine.objects.filter(bill__community=community_id)
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for late in iterate_late_lines(lines, as_of):
            rows = list(_rows(late))
            writer.writerows(rows)
            count += len(rows)
    unfinished.replace(path)
    return count


def _rows(late: LateLine) -> Iterator[tuple[object, ...]]:
    for number, part in enumerate(late.fee.parts, start=1):
        is_last = number == len(late.fee.parts)
        rounding = late.fee.amount - late.fee.exact if is_last else Decimal(0)
        yield (
            late.line_id,
            part.stretch.principal,
            part.stretch.first,
            part.stretch.last,
            _plain(part.rate),
            part.stretch.days,
            _plain(part.amount + rounding),
            _plain(part.uncapped - part.amount),
            _plain(rounding),
            late.charged if is_last else Decimal("0.00"),
            late.fee_item,
            late.unit,
            late.bill_number,
            late.debt.due_on,
        )


def _plain(value: Decimal) -> str:
    """Write an exact figure with at least two decimals and no idle zeros behind them."""
    whole, _point, decimals = f"{value:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
