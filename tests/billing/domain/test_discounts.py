"""The arithmetic of discounts, with figures worked out by hand, and its laws."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.discounts import (
    Ahead,
    Money,
    is_on_time,
    money_by,
    promise_months,
    promise_percent,
    split_in_order,
    weigh_percent,
)

YEAR = Ahead(paid=120_000, gift=10_000)
"""Twelve months of 100.00, and one month free."""

AHEADS = st.tuples(st.integers(1, 2_000_000), st.integers(0, 10_000_000)).map(
    lambda drawn: Ahead(paid=drawn[0] + drawn[1], gift=drawn[0])
)
"""A gift of no more than was paid."""


def meet(ahead: Ahead, *owed: int) -> list[int]:
    """The gift's share in one bill after another."""
    shares = []
    for fen in owed:
        shares.append(ahead.earn(fen))
        ahead = ahead.use(fen)
    return shares


# The promise --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "gift"),
    [
        (119_999, 0),  # a fen less than the year
        (120_000, 10_000),
        (239_999, 10_000),
        (240_000, 20_000),  # two years, two months
    ],
)
def test_promise_months_is_reached_by_whole_years(paid: int, gift: int) -> None:
    assert promise_months(paid, Fraction(10_000), months=12, gift_months=1) == gift


def test_promise_months_of_a_fee_that_is_no_whole_fen() -> None:
    """A quarter of 700.00 is 233.333 a month: twelve are 2,800.00, one is 233.33."""
    monthly = Fraction(70_000, 3)
    assert promise_months(280_000, monthly, months=12, gift_months=1) == 23_333
    assert promise_months(279_999, monthly, months=12, gift_months=1) == 0


@pytest.mark.parametrize(
    ("paid", "gift"),
    [
        (113_999, 0),
        (114_000, 6_000),  # 1,140.00 pays for 1,200.00
        (120_000, 6_316),  # 1,200.00 × 5 ÷ 95 = 63.1579
    ],
)
def test_promise_percent_is_reached_by_the_lower_price(paid: int, gift: int) -> None:
    assert promise_percent(paid, Fraction(10_000), months=12, percent=Fraction(5, 100)) == gift


def test_promise_of_a_fee_of_nothing_is_nothing() -> None:
    assert promise_months(1, Fraction(0), months=12, gift_months=1) == 0
    assert promise_percent(1, Fraction(0), months=12, percent=Fraction(1, 20)) == 0


# Earning it ---------------------------------------------------------------------------------------------


def test_earn_of_thirteen_months_is_the_thirteenth() -> None:
    """100.00 ÷ 13 = 7.6923…: the shares are the differences of 7.69, 15.38, 23.08, 30.77, … 100.00."""
    assert meet(YEAR, *[10_000] * 14) == [
        769, 769, 770, 769, 769, 769, 770, 769, 769, 769, 770, 769, 769, 0,
    ]  # fmt: skip


def test_earn_of_a_bill_that_the_rest_covers_in_part() -> None:
    """After 1,250.00 of 1,300.00, a bill of 100.00 is covered by half: 3.85 of gift are left, 46.15 of money."""
    rest = Ahead(120_000, 10_000, money_gone=115_385, gift_gone=9_615)
    assert (rest.money, rest.earn(10_000)) == (4_615, 385)
    assert rest.use(10_000) == Ahead(120_000, 10_000, 120_000, 10_000)


def test_forfeit_after_four_months_of_a_year_with_one_gift_month() -> None:
    """DOMAIN-RULES §9: four bills of 100.00 took 369.23 and 30.77 of gift; 830.77 go back, 69.23 are taken back."""
    used = YEAR.use(10_000).use(10_000).use(10_000).use(10_000)
    assert (used.money, used.gift_left) == (83_077, 6_923)
    assert used.forfeit(83_077) == 6_923


@pytest.mark.parametrize(
    ("back", "gift"),
    [
        (1, 0),  # 0.083 of a fen
        (6, 1),  # half a fen is rounded up
        (60_000, 5_000),
        (119_994, 10_000),  # 9,999.5
        (120_000, 10_000),
    ],
)
def test_forfeit_is_pro_rata(back: int, gift: int) -> None:
    assert YEAR.forfeit(back) == gift


@given(AHEADS, st.lists(st.integers(1, 3_000_000), max_size=12))
def test_earn_never_exceeds_what_is_owed_or_promised(ahead: Ahead, bills: list[int]) -> None:
    for owed, share in zip(bills, meet(ahead, *bills), strict=True):
        assert 0 <= share <= owed
    assert sum(meet(ahead, *bills)) <= ahead.gift


@given(AHEADS, st.lists(st.integers(1, 3_000_000), max_size=12))
def test_earn_of_all_that_is_covered_is_the_whole_gift(ahead: Ahead, bills: list[int]) -> None:
    rest = ahead.paid + ahead.gift
    assert sum(meet(ahead, *bills, rest)) == ahead.gift


@given(AHEADS, st.lists(st.integers(1, 3_000_000), max_size=12))
def test_give_and_take_back_is_nothing(ahead: Ahead, bills: list[int]) -> None:
    """Whatever was used, money paid back and what it forfeits leave neither money nor gift."""
    for owed in bills:
        ahead = ahead.use(owed)
    assert ahead.gift_left == (ahead.forfeit(ahead.money) if ahead.money else 0)


@given(AHEADS, st.integers(1, 10_000_000), st.integers(1, 10_000_000))
def test_forfeit_in_two_parts_is_forfeit_at_once(ahead: Ahead, first: int, second: int) -> None:
    first = min(first, ahead.money)
    second = min(second, ahead.money - first)
    between = Ahead(ahead.paid, ahead.gift, first, ahead.forfeit(first))
    assert ahead.forfeit(first) + between.forfeit(second) == ahead.forfeit(first + second)


# On time ------------------------------------------------------------------------------------------------

DUE, LATER = date(2026, 11, 20), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("by_due_day", "now", "earned"),
    [
        (10_000, 10_000, True),
        (9_800, 9_800, True),  # the discount closes it
        (9_799, 9_799, False),
        (9_799, 10_000, False),  # the last fen came late
        (9_800, 9_799, False),  # and a fen of it went back
        (10_000, 0, False),  # all of it bounced
    ],
)
def test_is_on_time_counts_the_discount(by_due_day: int, now: int, earned: bool) -> None:
    assert is_on_time(owed=10_000, by_due_day=by_due_day, now=now, discount=200) is earned


def test_is_on_time_without_a_discount_is_nothing() -> None:
    assert not is_on_time(owed=0, by_due_day=0, now=0, discount=0)


def test_money_by_takes_reversals_back_on_the_day_of_what_they_reverse() -> None:
    rows = [
        Money(1, 7, 6_000, DUE, "receipt:1"),
        Money(2, 8, 4_000, LATER, "receipt:2"),
        Money(3, 7, -6_000, LATER, "refund:1", 1),
    ]
    assert (money_by(rows, DUE), money_by(rows, LATER)) == (0, 4_000)


def test_money_by_keeps_the_day_of_money_that_a_reduction_set_again() -> None:
    rows = [
        Money(1, 7, 6_000, DUE, "receipt:1"),
        Money(2, 7, 4_000, LATER, "receipt:2"),
        Money(3, 7, -4_000, LATER, "request:9", 2),
        Money(4, 7, -6_000, LATER, "request:9", 1),
        Money(5, 7, 5_000, LATER, "request:9"),
    ]
    assert (money_by(rows, DUE), money_by(rows, LATER)) == (5_000, 5_000)


PAYMENTS = st.lists(
    st.tuples(st.integers(1, 500_000), st.sampled_from([DUE, LATER]), st.booleans()), max_size=8
)


@given(PAYMENTS, st.randoms(use_true_random=False))
def test_money_by_asks_for_no_order(payments: list[tuple[int, date, bool]], random: object) -> None:
    """Payments, some of them taken back later, in any order of hearing about them."""
    rows = []
    for place, (amount, day, is_taken_back) in enumerate(payments):
        rows.append(Money(2 * place, 7, amount, day, f"receipt:{place}"))
        if is_taken_back:
            rows.append(Money(2 * place + 1, 7, -amount, LATER, f"refund:{place}", 2 * place))
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    in_time = sum(amount for amount, day, is_taken_back in payments if day == DUE and not is_taken_back)
    assert money_by(shuffled, DUE) == money_by(rows, DUE) == in_time


@pytest.mark.parametrize(("base", "percent", "fen"), [(19_605, 10, 1_961), (19_604, 10, 1_960), (1, 2, 0)])
def test_weigh_percent_rounds_half_up_once(base: int, percent: int, fen: int) -> None:
    assert weigh_percent(base, Fraction(percent, 100)) == fen


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=9), st.integers(1, 100))
def test_split_in_order_gives_no_line_more_than_it_asks_for(asked: list[int], percent: int) -> None:
    discount = weigh_percent(sum(asked), Fraction(percent, 100))
    parts = split_in_order(discount, asked) if discount else [0] * len(asked)
    assert sum(parts) == discount
    assert all(part <= most for part, most in zip(parts, asked, strict=True))


def test_ahead_shares_hardly_differ() -> None:
    """Equal bills have shares that differ by a fen at most: nobody wonders about a jump."""
    shares = meet(YEAR, *[10_000] * 13)
    assert max(abs(b - a) for a, b in pairwise(shares)) == 1
