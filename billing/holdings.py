"""Lets an app above billing report the money it holds for the seller of a unit, for the hand-over statement.

Billing knows neither prepayments nor deposits: the app that keeps them registers with `register_teller` how it tells
what was agreed about them and what became of them (payments does, when it starts).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.models import UnitChange


@dataclass(frozen=True)
class Holding:
    """Money of the seller, in the reader's language: what it is, what was agreed, what was done, and how much."""

    name: str
    agreed: str
    done: str
    amount: Decimal


Teller = Callable[[UnitChange], Sequence[Holding]]

_tellers: list[Teller] = []


def register_teller(tell: Teller) -> Teller:
    """Register the one function that reports the money held for the seller."""
    _tellers[:] = [tell]
    return tell


def list_holdings(change: UnitChange) -> list[Holding]:
    """Return the money of the seller that a transfer is about, piece by piece."""
    return [holding for tell in _tellers for holding in tell(change)]
