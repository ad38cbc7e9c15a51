import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checkdigit import append, is_right

NUMBERS = st.text("0123456789", min_size=1, max_size=18)


def test_append_follows_the_example_of_the_standard() -> None:
    assert append("0794") == "07945"


@pytest.mark.parametrize("number", ["", "7", "07944", "0794x", "０７９４５", "07 945"])
def test_is_right_refuses(number: str) -> None:
    assert not is_right(number)


@pytest.mark.parametrize("digits", ["", "12a", "-1", "１２"])
def test_append_refuses_what_is_no_number(digits: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        append(digits)


@given(NUMBERS)
def test_a_number_with_its_check_digit_is_right(digits: str) -> None:
    assert is_right(append(digits))


@given(NUMBERS)
def test_every_slip_of_one_digit_is_caught(digits: str) -> None:
    number = append(digits)
    for place, right in enumerate(number):
        for wrong in set("0123456789") - {right}:
            assert not is_right(number[:place] + wrong + number[place + 1 :])
