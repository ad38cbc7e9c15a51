"""Bill numbers carry the check digit that core works out one at a time."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.numbers import bill_numbers
from core import checkdigit


@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=50), st.dates(date(2001, 1, 1), date(2099, 12, 31))
)
def test_bill_numbers_are_thirteen_digits_and_right(ids: list[int], day: date) -> None:
    numbers = bill_numbers(day, np.array(ids))
    assert all(len(number) == 13 and checkdigit.is_right(number) for number in numbers)
    assert [number[:4] for number in numbers] == [f"{day:%y%m}"] * len(ids)


def test_bill_numbers_literal() -> None:
    assert bill_numbers(date(2026, 9, 1), np.array([123, 10**8 + 123])) == ["2609000001239", "2609000001239"]
