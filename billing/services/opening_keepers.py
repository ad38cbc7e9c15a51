"""Money that accounts had with us before going live: the app that keeps prepayments registers how it takes them in.

Billing knows no prepayments; payments does, and registers its keeper with `register_keeper` when it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


class Keeper(Protocol):
    """Keeps prepayments. The journal is billing's affair here; a keeper only writes its own rows."""

    def bring_in(self, *, amounts: Mapping[int, Decimal], source: str, day: date, now: datetime) -> None:
        """Write down what accounts, by id, had with us."""

    def find_spent(self, *, amounts: Mapping[int, Decimal]) -> Collection[int]:
        """Return the accounts that no longer have so much with us."""

    def find_busy_lines(self, *, line_ids: Collection[int]) -> Collection[int]:
        """Return the lines somebody is paying at this moment."""

    def take_back(self, *, amounts: Mapping[int, Decimal], source: str, day: date, now: datetime) -> None:
        """Take back what was brought in."""


_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> Keeper:
    """Let prepayments be brought in by this keeper; one app does."""
    _keepers[:] = [keeper]
    return keeper


def get_keeper() -> Keeper:
    """Return the registered keeper."""
    (keeper,) = _keepers
    return keeper
