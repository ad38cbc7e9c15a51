from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    MoneyError,
    format_yuan,
    in_words,
    round_half_up,
    split_fen,
    split_fen_array,
    to_fen,
    to_yuan,
)

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any)
TOTALS = st.integers(-(10**11), 10**11)


def keys_of(weights: list[int]) -> list[str]:
    return [f"8-1-{i:04d}" for i in range(len(weights))]


class TestConversion:
    @pytest.mark.parametrize(
        ("yuan", "fen"),
        [("0", 0), ("0.01", 1), ("-0.05", -5), ("309.45", 30945), ("1684.0300", 168403), ("1E+2", 10000)],
    )
    def test_to_fen_is_exact(self, yuan: str, fen: int) -> None:
        assert to_fen(Decimal(yuan)) == fen

    @pytest.mark.parametrize("yuan", ["0.001", "19.605", "NaN", "Infinity"])
    def test_to_fen_refuses_what_fen_cannot_carry(self, yuan: str) -> None:
        with pytest.raises(MoneyError):
            to_fen(Decimal(yuan))

    @pytest.mark.parametrize(("fen", "yuan"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (168403, "1684.03")])
    def test_to_yuan_has_two_places(self, fen: int, yuan: str) -> None:
        assert str(to_yuan(fen)) == yuan

    def test_to_yuan_takes_numpy_integers(self) -> None:
        assert to_yuan(np.int64(30945)) == Decimal("309.45")

    @given(st.integers(-(10**13), 10**13))
    def test_there_and_back_again(self, fen: int) -> None:
        assert to_fen(to_yuan(fen)) == fen


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "places", "rounded"),
        [
            ("19.605", 2, "19.61"),
            ("19.6049", 2, "19.60"),
            ("-19.605", 2, "-19.61"),
            ("2.25", 1, "2.3"),
            ("2.5", 0, "3"),
            ("0.005", 2, "0.01"),
        ],
    )
    def test_halves_go_away_from_zero(self, value: str, places: int, rounded: str) -> None:
        assert str(round_half_up(Decimal(value), places)) == rounded

    def test_a_share_that_floats_get_wrong(self) -> None:
        assert round_half_up(Decimal("0.15") * Decimal("130.70")) == Decimal("19.61")

    def test_a_year_is_rounded_once(self) -> None:
        area, price = Decimal("100.24"), Decimal("1.40")
        assert round_half_up(area * price * 12) == Decimal("1684.03")
        assert round_half_up(area * price) * 12 == Decimal("1684.08")  # what rounding each month would give


class TestSplit:
    @pytest.mark.parametrize(
        ("total", "weights", "parts"),
        [
            (100, [1, 1, 1], [34, 33, 33]),
            (30000, [8956, 10024, 12010, 7000], [7072, 7916, 9484, 5528]),
            (2, [1, 1, 1], [1, 1, 0]),
            (10, [3, 0, 3], [5, 0, 5]),
            (1, [1, 2], [0, 1]),
            (0, [5, 7], [0, 0]),
            (-100, [1, 1, 1], [-34, -33, -33]),
        ],
    )
    def test_leftover_fen_go_to_the_largest_remainders(
        self, total: int, weights: list[int], parts: list[int]
    ) -> None:
        assert split_fen(total, weights, keys_of(weights)) == parts

    def test_ties_follow_the_unit_code_and_not_the_order_of_the_rows(self) -> None:
        assert split_fen(100, [1, 1, 1], ["8-1-03", "8-1-01", "8-1-02"]) == [33, 34, 33]

    @pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1]])
    def test_nothing_to_split_by_is_an_error(self, weights: list[int]) -> None:
        with pytest.raises(MoneyError):
            split_fen(100, weights, keys_of(weights))
        with pytest.raises(MoneyError):
            split_fen_array(100, np.array(weights, dtype=np.int64), np.arange(len(weights)))

    def test_a_weight_without_a_key_is_an_error(self) -> None:
        with pytest.raises(MoneyError):
            split_fen(100, [1, 2], ["8-1-01"])

    @given(TOTALS, WEIGHTS)
    def test_parts_sum_to_the_whole(self, total: int, weights: list[int]) -> None:
        assert sum(split_fen(total, weights, keys_of(weights))) == total

    @given(TOTALS, WEIGHTS)
    def test_every_part_is_within_a_fen_of_its_exact_share(self, total: int, weights: list[int]) -> None:
        whole = sum(weights)
        for part, weight in zip(split_fen(total, weights, keys_of(weights)), weights, strict=True):
            assert abs(part * whole - total * weight) < whole

    @given(TOTALS, WEIGHTS, st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_changes_nothing(
        self, total: int, weights: list[int], shuffler: Random
    ) -> None:
        keys = keys_of(weights)
        rows = list(zip(keys, weights, split_fen(total, weights, keys), strict=True))
        shuffler.shuffle(rows)
        parts = split_fen(total, [weight for _, weight, _ in rows], [key for key, _, _ in rows])
        assert parts == [part for _, _, part in rows]

    @given(TOTALS, st.lists(st.integers(0, 2**62), min_size=1, max_size=40).filter(any))
    def test_the_array_form_agrees_even_where_64_bits_overflow(self, total: int, weights: list[int]) -> None:
        array = split_fen_array(total, np.array(weights, dtype=np.int64), np.arange(len(weights)))
        assert array.tolist() == split_fen(total, weights, keys_of(weights))

    def test_the_array_form_breaks_ties_by_rank(self) -> None:
        parts = split_fen_array(100, np.array([1, 1, 1], dtype=np.int64), np.array([2, 0, 1]))
        assert parts.tolist() == [33, 34, 33]


class TestWords:
    @pytest.mark.parametrize(
        ("amount", "words"),
        [
            ("0", "零元整"),
            ("0.05", "伍分"),
            ("0.50", "伍角"),
            ("0.45", "肆角伍分"),
            ("10", "壹拾元整"),
            ("309.45", "叁佰零玖元肆角伍分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("1409.50", "壹仟肆佰零玖元伍角"),
            ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("107000.53", "壹拾万零柒仟元伍角叁分"),
            ("100000", "壹拾万元整"),
            ("100000001", "壹亿零壹元整"),
            ("100010000", "壹亿零壹万元整"),
            ("10203040.50", "壹仟零贰拾万零叁仟零肆拾元伍角"),
            ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
            ("-24.00", "负贰拾肆元整"),
        ],
    )
    def test_in_words_as_banks_write_it(self, amount: str, words: str) -> None:
        assert in_words(Decimal(amount)) == words

    @pytest.mark.parametrize("amount", ["1000000000000", "0.001"])
    def test_in_words_refuses_what_a_receipt_cannot_say(self, amount: str) -> None:
        with pytest.raises(MoneyError):
            in_words(Decimal(amount))

    @pytest.mark.parametrize(
        ("amount", "signed", "text"),
        [
            ("1684.03", False, "1,684.03"),
            ("0", False, "0.00"),
            ("-1234567.8", False, "-1,234,567.80"),
            ("24", True, "+24.00"),
        ],
    )
    def test_format_yuan(self, amount: str, signed: bool, text: str) -> None:
        assert format_yuan(Decimal(amount), signed=signed) == text
