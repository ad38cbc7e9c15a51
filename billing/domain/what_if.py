"""A pool shared by one key beside another, before anyone decides: who would pay more, who less, and how much (B4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from billing.domain.pools import share_coins
from billing.domain.slab import BoolArray, IntArray

KEYS = ("area", "household", "use")
"""What people ask to see beside the way a pool is shared now."""


@dataclass(frozen=True)
class Alternative:
    """The same pool by another key: each share in fen, in the order of the participants; they sum to the pool."""

    key: str
    shares_fen: IntArray
    difference_fen: IntArray

    @property
    def rises(self) -> BoolArray:
        """Who would pay more."""
        return self.difference_fen > 0

    @property
    def falls(self) -> BoolArray:
        """Who would pay less."""
        return self.difference_fen < 0

    @property
    def moved_fen(self) -> int:
        """How much would pass from some to others."""
        return int(self.difference_fen[self.rises].sum())


EDGES_FEN = (1, 500, 2000)
"""Differences are told apart from a fen, from 5 and from 20 yuan."""


def compare_keys(now_fen: IntArray, coin_fen: int, weights: Mapping[str, IntArray]) -> list[Alternative]:
    """Return the pool shared by each key that anyone has a weight for; the keys keep their order.

    now_fen: the shares as they are; weights: those of the same participants by each key.
    """
    coins = int(now_fen.sum()) // coin_fen
    found = []
    for key, own in weights.items():
        if own.any():
            shares = share_coins(coins, own) * coin_fen
            found.append(Alternative(key, shares, shares - now_fen))
    return found


def count_bands(difference_fen: IntArray) -> dict[int, int]:
    """Return how many shares move by how much: from −3 (falls by 20 yuan or more) over 0 (the same) to 3.

    >>> count_bands(np.array([-2500, -2000, -1, 0, 499, 500, 9000]))
    {-3: 2, -2: 0, -1: 1, 0: 1, 1: 1, 2: 1, 3: 1}
    """
    bands = np.sign(difference_fen) * np.digitize(np.abs(difference_fen), EDGES_FEN)
    most = len(EDGES_FEN)
    return {band: int((bands == band).sum()) for band in range(-most, most + 1)}
