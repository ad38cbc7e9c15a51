"""Money that accounts had with us before going live: the app that keeps it registers how it takes it in.

Billing knows no prepayments and deposits; payments does, and registers its keeper with `register_keeper` at start.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from core.money import ZERO


@dataclass(frozen=True)
class HeldDeposit:
    """A deposit as the file names it, in yuan."""

    account_id: int
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Holdings:
    """What accounts had with us before: prepayments by account, and deposits one by one.

    ``source`` names the import they came with.
    """

    community_id: int
    source: str
    prepaid: Mapping[int, Decimal]
    deposits: Sequence[HeldDeposit]

    @property
    def deposits_by_account(self) -> dict[int, Decimal]:
        """The sum of each account's deposits."""
        sums: dict[int, Decimal] = {}
        for deposit in self.deposits:
            sums[deposit.account_id] = sums.get(deposit.account_id, ZERO) + deposit.amount
        return dict(sorted(sums.items()))


class Keeper(Protocol):
    """Keeps prepayments and deposits. The journal is billing's affair here; a keeper only writes its own rows."""

    def bring_in(self, *, holdings: Holdings, day: date, now: datetime) -> None:
        """Write down what accounts had with us."""

    def find_spent(self, *, holdings: Holdings) -> Collection[int]:
        """Return the accounts that no longer have so much prepayment with us."""

    def find_given_back(self, *, holdings: Holdings) -> Collection[int]:
        """Return the accounts a deposit of which was asked for, given back or deducted from."""

    def find_busy_lines(self, *, line_ids: Collection[int]) -> Collection[int]:
        """Return the lines somebody is paying at this moment."""

    def take_back(self, *, holdings: Holdings, day: date, now: datetime) -> None:
        """Take back what was brought in."""


_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> Keeper:
    """Let money of before be brought in by this keeper; one app does."""
    _keepers[:] = [keeper]
    return keeper


def get_keeper() -> Keeper:
    """Return the registered keeper."""
    (keeper,) = _keepers
    return keeper
