"""A pool shared again when somebody joins late: what is paid stays, and the rest is divided among the others (B4).

A pool once shared is frozen. When a unit turns out to have been left out, the others have been asked for too much;
those who have paid keep their share as it is, and the new split is made of what is left. Every difference is a
correction that its owner sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from billing.domain.pools import share_coins
from billing.domain.slab import BoolArray, IntArray
from core.money import MoneyError


@dataclass(frozen=True)
class Reshared:
    """A second split beside the first, in whole coins and in the order of unit codes; both sum to the pool."""

    before: IntArray
    after: IntArray

    @property
    def difference(self) -> IntArray:
        """What is asked for beyond the first split, or given back; together nothing."""
        return self.after - self.before


def reshare(before: IntArray, weights: IntArray, paid: BoolArray) -> Reshared:
    """Return the split of the same pool by new weights in which paid shares stay as they are.

    before: the first split, 0 for who was not in it; weights: those of all who take part now; both, like ``paid``,
    in the order of unit codes.

    >>> reshare(np.array([75, 75, 75, 75, 0]), np.ones(5, dtype=np.int64), np.array([1, 0, 0, 0, 0], bool)).after
    array([75, 57, 56, 56, 56])

    Raises:
        MoneyError: what is not paid has nobody left to carry it.
    """
    left = int(before.sum()) - int(before[paid].sum())
    after = np.where(paid, before, 0)
    open_weights = np.where(paid, 0, weights)
    if left:
        if not open_weights.any():
            raise MoneyError("What is left of the pool has nobody to carry it.")
        after = after + share_coins(left, open_weights)
    return Reshared(before, after)
