"""Charge lines in a person's scope."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from billing.models import ChargeLine
from core.errors import NotFoundError


def get_line_amounts(user: Any, line_ids: Collection[int]) -> dict[int, Decimal]:
    """Return what each of these lines asked for, by its id. Raises NotFoundError when the person may not see one."""
    rows = ChargeLine.objects.visible_to(user).filter(pk__in=line_ids)
    amounts: dict[int, Decimal] = dict(rows.values_list("pk", "amount"))
    if len(amounts) != len(set(line_ids)):
        raise NotFoundError
    return amounts
