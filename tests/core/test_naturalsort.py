from hypothesis import given
from hypothesis import strategies as st

from core.naturalsort import natural_key

NUMBERS = st.integers(0, 10**14)


def test_units_sort_the_way_people_count() -> None:
    codes = ["10-1-101", "8-2-301", "8-10-301", "8-2-1601", "商铺-2", "8-2-B1", "商铺-10", "A-1"]
    assert sorted(codes, key=natural_key) == [
        "8-2-301",
        "8-2-1601",
        "8-2-B1",
        "8-10-301",
        "10-1-101",
        "A-1",
        "商铺-2",
        "商铺-10",
    ]


def test_written_forms_of_one_code_have_one_key() -> None:
    assert natural_key("８-2-0301 ") == natural_key("8-2-301")


@given(NUMBERS, NUMBERS)
def test_numbers_sort_by_size(one: int, other: int) -> None:
    assert (natural_key(f"8-{one}") < natural_key(f"8-{other}")) == (one < other)
