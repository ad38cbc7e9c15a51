"""A fifth unit joins a pool of 300.00: still 300.00, paid shares untouched, every difference visible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.resharing import reshare
from core.money import MoneyError

FOUR = np.array([7500, 7500, 7500, 7500, 0])
ALIKE = np.ones(5, dtype=np.int64)


@pytest.mark.parametrize(
    ("paid", "after"),
    [
        ([0, 0, 0, 0, 0], [6000, 6000, 6000, 6000, 6000]),
        ([1, 0, 0, 0, 0], [7500, 5625, 5625, 5625, 5625]),
        ([1, 1, 1, 0, 0], [7500, 7500, 7500, 3750, 3750]),
        ([1, 1, 1, 1, 0], [7500, 7500, 7500, 7500, 0]),
    ],
)
def test_reshare_300_yuan_over_4_then_5(paid: list[int], after: list[int]) -> None:
    again = reshare(FOUR, ALIKE, np.array(paid, dtype=bool))
    assert again.after.tolist() == after
    assert (again.before.sum(), again.after.sum(), again.difference.sum()) == (30000, 30000, 0)


def test_reshare_gives_left_over_coins_by_the_documented_rule() -> None:
    again = reshare(np.array([34, 33, 33, 0]), np.array([1, 1, 1, 1]), np.array([False, True, False, False]))
    assert again.after.tolist() == [23, 33, 22, 22]
    assert again.difference.tolist() == [-11, 0, -11, 22]


def test_reshare_without_anyone_to_carry_the_rest_is_refused() -> None:
    with pytest.raises(MoneyError):
        reshare(FOUR, np.array([1, 0, 0, 0, 0]), np.array([True, False, False, False, False]))


@given(st.data(), st.integers(1, 60))
def test_reshare_keeps_the_sum_and_what_is_paid(data: st.DataObject, count: int) -> None:
    """Red when the new split is made of the whole pool instead of what is left of it."""
    draw = data.draw
    before = np.array(draw(st.lists(st.integers(0, 10**7), min_size=count, max_size=count)))
    weights = np.array(draw(st.lists(st.integers(1, 10**7), min_size=count, max_size=count)))
    paid = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    paid[draw(st.integers(0, count - 1))] = False
    again = reshare(before, weights, paid)
    assert again.after.sum() == before.sum()
    assert (again.after[paid] == before[paid]).all()
    assert (again.after >= 0).all()
