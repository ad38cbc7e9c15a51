"""Settling charge lines: money against a line, and taking it back. What a line no longer asks for: `corrections`.

Every act locks accounts (by id), then bills (by due day, then id), and reads what is outstanding only then
(DESIGN §4.3). The database has the last word: a guard refuses rows that settle a line beyond its amount or
below zero, or a bill that is not issued. The journal entry of an allocation belongs to the receipt and is posted
by its service in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Allocation, ChargeLine
from billing.selectors.outstanding import lines_with_outstanding
from billing.services.locking import Held, lock_lines
from core import audit
from core.bulk import Fen, copy_rows
from core.errors import ConflictError, InvalidError, Problem
from core.money import format_yuan, to_fen

IntArray = npt.NDArray[np.int64]


class MoreThanOutstandingError(ConflictError):
    """A line would be settled beyond its amount, or its bill is not issued. ``problems`` names each line."""

    code = "billing.more_than_outstanding"
    message = gettext_lazy("This is more than what is still to pay.")


class NotPositiveError(InvalidError):
    """An allocation or a reduction of nothing or less."""

    code = "billing.not_positive"
    message = gettext_lazy("The amount must be above zero.")


class AlreadyTakenBackError(ConflictError):
    """The row was reversed before, or is a reversal itself."""

    code = "billing.already_taken_back"
    message = gettext_lazy("This has already been taken back.")


@dataclass(frozen=True)
class AllocationDraft:
    """So much money, in yuan, meant for this line."""

    line_id: int
    amount: Decimal


@dataclass(frozen=True)
class AllocationColumns:
    """Many allocations as parallel columns: lines, fen, value days and sources."""

    line_ids: IntArray
    amounts_fen: IntArray
    value_days: Sequence[date]
    sources: Sequence[str]


@transaction.atomic
def record_allocations(
    *,
    drafts: Sequence[AllocationDraft],
    value_day: date,
    source: str,
    by: Any,
    now: datetime,
    held: Held | None = None,
) -> list[Allocation]:
    """Set money against lines, all of it or none. Not idempotent: the receipt named by ``source`` is.

    ``held`` are the lines, when the caller locked them before it decided; what is open is looked at again all the same.

    Raises MoreThanOutstandingError, NotPositiveError.
    """
    wanted = _sum_by_line(drafts)
    held = held or lock_lines(wanted)
    _refuse_more_than_outstanding(wanted)
    rows = [
        Allocation(
            line_id=draft.line_id,
            amount=draft.amount,
            value_day=value_day,
            source=source,
            written_at=now,
        )
        for draft in drafts
    ]
    allocations = Allocation.objects.bulk_create(rows)
    _audit("billing.allocate", source, by, allocations, held)
    return allocations


@transaction.atomic
def record_allocations_in_bulk(*, columns: AllocationColumns, now: datetime, held: Held | None = None) -> int:
    """Write many allocations of many receipts by COPY and return their number; no audit row a receipt.

    For the simulation and other bulk settlement. The same locks and errors as `record_allocations`.
    """
    if columns.amounts_fen.size and int(columns.amounts_fen.min()) <= 0:
        raise NotPositiveError()
    lines, at = np.unique(columns.line_ids, return_inverse=True)
    fen = np.zeros(lines.size, dtype=np.int64)
    np.add.at(fen, at, columns.amounts_fen)
    wanted = {
        line: Decimal(total).scaleb(-2) for line, total in zip(lines.tolist(), fen.tolist(), strict=True)
    }
    if held is None:
        lock_lines(wanted)
    _refuse_more_than_outstanding(wanted)
    return copy_rows(
        Allocation._meta.db_table,
        {
            "line_id": columns.line_ids,
            "amount": Fen(columns.amounts_fen),
            "value_day": columns.value_days,
            "source": columns.sources,
            "written_at": [now] * columns.line_ids.size,
        },
    )


def reverse_allocation(
    *, allocation: Allocation, value_day: date, source: str, reason: str, by: Any, now: datetime
) -> Allocation:
    """Take one allocation back: a row of the negative amount that names it. See `reverse_allocations`."""
    (reversal,) = reverse_allocations(
        allocations=[allocation], value_day=value_day, source=source, reason=reason, by=by, now=now
    )
    return reversal


@transaction.atomic
def reverse_allocations(
    *,
    allocations: Collection[Allocation],
    value_day: date,
    source: str,
    reason: str,
    by: Any,
    now: datetime,
) -> list[Allocation]:
    """Take allocations back, all or none; their lines are open again from the value day on.

    Raises AlreadyTakenBackError.
    """
    ids = {allocation.pk for allocation in allocations}
    held = lock_lines({allocation.line_id for allocation in allocations})
    found = Allocation.objects.filter(pk__in=ids, reverses=None, reversal=None)
    if found.count() != len(ids):
        raise AlreadyTakenBackError()
    rows = [
        Allocation(
            line_id=allocation.line_id,
            amount=-allocation.amount,
            value_day=value_day,
            source=source,
            reverses=allocation,
            written_at=now,
        )
        for allocation in found.order_by("pk")
    ]
    reversals = Allocation.objects.bulk_create(rows)
    _audit("billing.reverse_allocation", source, by, reversals, held, reason)
    return reversals


def _sum_by_line(drafts: Sequence[AllocationDraft]) -> dict[int, Decimal]:
    wanted: Counter[int] = Counter()
    for draft in drafts:
        if to_fen(draft.amount) <= 0:
            raise NotPositiveError()
        wanted[draft.line_id] += to_fen(draft.amount)
    return {line_id: Decimal(fen).scaleb(-2) for line_id, fen in wanted.items()}


def _refuse_more_than_outstanding(wanted: Mapping[int, Decimal]) -> None:
    lines = lines_with_outstanding(ChargeLine.objects.filter(pk__in=wanted.keys()))
    rows = lines.values_list("pk", "amount", "settled", "waived")
    left = {pk: amount - settled - waived for pk, amount, settled, waived in rows}
    over = [line_id for line_id, amount in wanted.items() if amount > left.get(line_id, 0)]
    if over:
        problems = [_over(line_id, wanted[line_id], left.get(line_id)) for line_id in over]
        raise MoreThanOutstandingError(problems=problems)


def _over(line_id: int, wanted: Decimal, left: Decimal | None) -> Problem:
    where = {"line": line_id}
    if left is None:
        return Problem("billing.line_not_owed", _("The bill of this line is not issued."), where)
    message = _("%(wanted)s was to be set against a line with %(left)s left to pay.")
    figures = {"wanted": format_yuan(wanted), "left": format_yuan(left)}
    return Problem("billing.more_than_outstanding", message % figures, where)


def _audit(
    action: str, target: str, by: Any, rows: Sequence[Allocation], held: Held, reason: str = ""
) -> None:
    if not rows:
        return
    account = held.accounts[held.account_of[rows[0].line_id]]
    amounts = {str(row.line_id): row.amount for row in rows}
    audit.record(
        action=action,
        target=target,
        by=by,
        community_id=account.community_id,
        after={"lines": amounts, "value_day": rows[0].value_day},
        reason=reason,
    )
