"""Columns that pass from 64 bits to Python's integers and back: the same figures either way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.exact import ROOM, as_exact, divide_half_up, kind_for, multiply, sum_groups

figures = st.lists(st.integers(-(2**80), 2**80) | st.integers(-(2**20), 2**20), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("largest", "kind"), [(0, np.int64), (ROOM - 1, np.int64), (ROOM, np.int64), (ROOM + 1, object)]
)
def test_kind_for_the_largest_figure(largest: int, kind: type) -> None:
    assert kind_for(largest) is kind


@given(one=figures, factor=st.integers(-(2**70), 2**70))
def test_multiply_is_exact(one: list[int], factor: int) -> None:
    assert multiply(as_exact(one), as_exact([factor])).tolist() == [figure * factor for figure in one]


@given(one=figures)
def test_sum_groups_is_exact(one: list[int]) -> None:
    groups = np.array([row % 2 for row in range(len(one))])
    assert sum_groups(groups, as_exact(one), 2).tolist() == [sum(one[0::2]), sum(one[1::2])]


@given(figure=st.integers(-(2**62), 2**62), divisor=st.integers(1, 2**62))
def test_divide_half_up_is_the_nearest_whole_number(figure: int, divisor: int) -> None:
    found = int(divide_half_up(as_exact([figure]), as_exact([divisor]))[0])
    assert -divisor < 2 * (found * divisor - figure) <= divisor


def test_multiply_of_a_huge_figure_by_nothing() -> None:
    assert multiply(as_exact([2**90]), as_exact([0])).tolist() == [0]
