"""Debt that was written off and is paid after all: so much of the write-off is taken back (B9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ReductionKind, Waiver
from billing.services.approval import Approval
from billing.services.locking import lock_lines
from billing.services.reductions import reduce_lines, reverse_reductions
from billing.services.settlement import NotPositiveError
from core.errors import ConflictError


class NotWrittenOffError(ConflictError):
    """More is to come back than was written off."""

    code = "billing.not_written_off"
    message = _("Not so much was written off.")


@transaction.atomic
def recover(*, amounts: Mapping[int, Decimal], approval: Approval) -> None:
    """Open written-off lines again by these amounts; the money that comes is then set against them as any other.

    A write-off is reversed whole; what stays given up is written off again in the same deed.

    Raises NotWrittenOffError, NotPositiveError.
    """
    if not amounts or min(amounts.values()) <= 0:
        raise NotPositiveError()
    lock_lines(amounts)
    rows = list_write_offs(amounts)
    held = {
        line_id: sum((row.amount for row in rows if row.line_id == line_id), Decimal(0))
        for line_id in amounts
    }
    rest = {line_id: held[line_id] - amount for line_id, amount in amounts.items()}
    if min(rest.values()) < 0:
        raise NotWrittenOffError()
    # Each row is a deed of its own name, since a source posts once.
    for number, row in enumerate(rows):
        deed = replace(approval, source=f"{approval.source}:{number}")
        reverse_reductions(reductions=[row], approval=deed)
    if left := {line_id: amount for line_id, amount in rest.items() if amount}:
        deed = replace(approval, source=f"{approval.source}:rest")
        reduce_lines(amounts=left, kind=ReductionKind.WRITE_OFF, approval=deed)


def list_write_offs(line_ids: Mapping[int, Decimal]) -> list[Waiver]:
    """The write-offs of these lines that were not taken back."""
    live = Waiver.objects.filter(kind=ReductionKind.WRITE_OFF, reverses=None, reversal=None)
    return list(live.filter(line__in=line_ids).order_by("pk"))
