import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import mask_name, mask_phone, normalise_phone


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13812341234", "13812341234"),
        (" 138 1234 1234 ", "13812341234"),
        ("138-1234-1234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("+86 138 1234 1234", "13812341234"),
        ("0086-13812341234", "13812341234"),
        ("8613812341234", "13812341234"),
        ("010-65529988", "010-65529988"),
        ("（0571）8765 4321", "0571-87654321"),
        ("057187654321", "0571-87654321"),
        ("021-65529988-801", "021-65529988-801"),
    ],
)
def test_normalise_phone(text: str, phone: str) -> None:
    assert normalise_phone(text) == phone


@pytest.mark.parametrize(
    "text",
    ["", "无", "1381234123", "138123412345", "12812341234", "13812341234/13912341234", "65529988", "1E+10"],
)
def test_normalise_phone_refuses_what_cannot_be_called(text: str) -> None:
    assert normalise_phone(text) is None


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("010-65529988", "010-****9988"),
        ("", ""),
        ("12345", "*****"),
        ("1-2", "***"),
    ],
)
def test_mask_phone(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text(max_size=20))
def test_mask_phone_never_shows_all_of_it(phone: str) -> None:
    assert not phone.strip("*") or mask_phone(phone) != phone


@pytest.mark.parametrize(
    ("name", "masked"), [("李小明", "李**"), ("欧阳", "欧**"), (" 王 ", "王**"), ("", "")]
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked
