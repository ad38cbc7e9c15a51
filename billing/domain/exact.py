"""Columns of whole numbers that are exact however large: 64 bits where they hold them, Python's integers elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from billing.domain.slab import IntArray

ExactArray = npt.NDArray[Any]
"""Whole numbers as int64, or as objects where one of them might not fit."""

ROOM = 2**61
"""What 64 bits are trusted with: rounding a figure half-up takes twice of it and its divisor besides."""


def kind_for(largest: int) -> type[Any]:
    """Return the type of a column whose figures are this large at most."""
    return np.int64 if largest <= ROOM else object


def as_exact(figures: Sequence[int]) -> ExactArray:
    """Return whole numbers as a column.

    >>> as_exact([1, -2]).dtype, as_exact([1, 2**70]).dtype
    (dtype('int64'), dtype('O'))
    """
    return np.array(figures, dtype=kind_for(max(map(abs, figures), default=0)))


def multiply(one: ExactArray, other: ExactArray) -> ExactArray:
    """Multiply two columns, or a column and a single figure.

    >>> multiply(as_exact([3, 2**60]), as_exact([4])).tolist() == [12, 2**62]
    True
    """
    largest, factor = _largest(one), _largest(other)
    kind = kind_for(max(largest * factor, largest, factor))
    product: ExactArray = one.astype(kind) * other.astype(kind)
    return product


def sum_groups(group: IntArray, figures: ExactArray, count: int) -> ExactArray:
    """Sum the figures of each group, 0 … count - 1.

    >>> sum_groups(np.array([0, 2, 0]), as_exact([1, 5, 2]), 3).tolist()
    [3, 0, 5]
    """
    most = int(np.bincount(group).max(initial=0))
    sums = np.zeros(count, dtype=kind_for(_largest(figures) * most))
    np.add.at(sums, group, figures.astype(sums.dtype))
    return sums


def divide_half_up(figures: ExactArray, divisor: ExactArray) -> IntArray:
    """Divide by positive numbers and round half-up to whole ones.

    >>> divide_half_up(as_exact([5, -5, 7]), as_exact([2])).tolist()
    [3, -2, 4]
    """
    whole: IntArray = ((figures * 2 + divisor) // (divisor * 2)).astype(np.int64)
    return whole


def _largest(figures: ExactArray) -> int:
    return int(np.abs(figures).max(initial=0))
