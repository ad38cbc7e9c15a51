"""Pauses of the late fee as a desk lists them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from billing.models import LateFeePause
from billing.models.late_fees import PauseQuerySet


def list_pauses(user: Any) -> PauseQuerySet:
    """The pauses a person may see with whose they are, the latest first."""
    rows: PauseQuerySet = LateFeePause.objects.visible_to(user)
    places = ("account__unit__building", "line__bill__account__unit__building", "community")
    return rows.select_related(*places, "line__fee_item").order_by("-first_day", "-pk")


def running_on(day: date) -> Q:
    """Pauses that were not taken back and are not over on a day; those to come are among them."""
    return Q(withdrawn_on=None) & (Q(last_day=None) | Q(last_day__gte=day))
