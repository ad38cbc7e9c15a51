"""The late fee of one line: the law's and the domain rules' examples as literals, borders, and the closed formula."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.court_view import LPR, LendingRates, court_view, weigh_terms
from billing.domain.late_fee import Debt, Movement, Rest, Terms, late_fee, list_stretches
from core.money import round_half_up
from tests.billing.late_fees import closed_formula, moves, rests

DUE = date(2026, 11, 20)
PLAIN = Terms(Decimal("0.0005"))
DEMO = Terms(Decimal("0.0005"), grace_days=15)
STEEP = Terms(Decimal("0.003"))


def fee(debt: Debt, terms: Terms, as_of: date) -> str:
    return str(late_fee(debt, terms, as_of).amount)


def parts(debt: Debt, terms: Terms, as_of: date) -> list[tuple[str, str, str, int, str]]:
    return [
        (
            f"{p.stretch.principal:f}",
            str(p.stretch.first),
            str(p.stretch.last),
            p.stretch.days,
            f"{p.amount:f}",
        )
        for p in late_fee(debt, terms, as_of).parts
    ]


# DOMAIN-RULES §4.8 and C2 case 1 ------------------------------------------------------------------------


def test_late_fee_of_a_year_at_three_per_mille_is_more_than_the_principal() -> None:
    """0.3 % a day is 109.5 % a year: 10,000 bear 10,950 uncapped, 10,000 with the usual cap."""
    debt = Debt(Decimal("10000.00"), date(2025, 11, 20))
    assert fee(debt, replace(STEEP, cap=Decimal(2)), DUE) == "10950.00"
    assert fee(debt, STEEP, DUE) == "10000.00"


def test_late_fee_of_the_seed_once_or_every_day() -> None:
    """S1's "after 15 days, 0.3 %" on 300 yuan: once it is 0.90; every day, 0.90 a day from the 16th on."""
    debt = Debt(Decimal("300.00"), DUE)
    once = Terms(Decimal("0.003"), grace_days=15, is_once=True)
    daily = Terms(Decimal("0.003"), grace_days=15)
    days = [DUE + timedelta(days=number) for number in (15, 16, 17, 45)]
    assert [fee(debt, once, day) for day in days] == ["0.00", "0.90", "0.90", "0.90"]
    assert [fee(debt, daily, day) for day in days] == ["0.00", "0.90", "1.80", "27.00"]


def test_late_fee_of_the_zaozhuang_sheet_is_1042_55() -> None:
    """枣庄: 300 a month are 9.86 a day, late from the next day on at 0.3 %; after 266 days 2,623.56 bear 1,042.55.

    A thousand such flats, so that no day's fee has to be rounded: 9,860 × 0.003 × (0 + 1 + … + 265).
    """
    last = date(2026, 9, 23)
    days = [Debt(Decimal("9860.00"), last - timedelta(days=number)) for number in range(266)]
    principal = round_half_up(Decimal(300) * 12 / 365 * 266)
    total = sum((late_fee(debt, STEEP, last).amount for debt in days), Decimal(0))
    assert (str(principal), str(total)) == ("2623.56", "1042547.10")
    assert round(total / 1000 / principal, 2) == Decimal("0.40")  # why a cap is needed


def test_court_view_of_the_article_is_474_50() -> None:
    rates = LendingRates.of({date(2022, 8, 22): Decimal("3.65")})
    debt = Debt(Decimal("10000.00"), date(2022, 9, 1))
    assert str(court_view(debt, STEEP, date(2023, 9, 1), rates).amount) == "474.50"


def test_court_view_splits_where_the_rate_changed() -> None:
    """LPR 3.10 until 19 May 2025, 3.00 from the 20th: 9 days at 4.03 % and 12 at 3.90 % of 73,000 yuan."""
    debt = Debt(Decimal("73000.00"), date(2025, 5, 10))
    view = court_view(debt, PLAIN, date(2025, 5, 31), LendingRates.of(LPR))
    assert [(str(s.first), str(s.last), str(percent)) for s, percent in view.parts] == [
        ("2025-05-11", "2025-05-19", "4.030"),
        ("2025-05-20", "2025-05-31", "3.900"),
    ]
    assert str(view.amount) == "166.14"  # 73000 ÷ 365 = 200; 200 × (9 × 4.03 + 12 × 3.90) % = 72.54 + 93.60


@pytest.mark.parametrize(
    ("percent", "yearly", "passes_loss", "passes_lending"),
    [
        ("0.3", "109.5", True, True),
        ("0.1", "36.5", True, True),
        ("0.05", "18.25", True, True),
        ("0.03", "10.95", True, False),
        ("0.0329", "12.0085", True, True),
        ("0.0328", "11.972", True, False),
        ("0.0107", "3.9055", True, False),
        ("0.0106", "3.869", False, False),
    ],
)
def test_weigh_terms_against_both_yardsticks(
    percent: str, yearly: str, passes_loss: bool, passes_lending: bool
) -> None:
    """The rate table of C2 with an LPR of 3.0: the yardsticks are 3.9 % and 12 % a year."""
    found = weigh_terms(Terms(Decimal(percent) / 100), Decimal("3.0"))
    assert found.yearly == Decimal(yearly)
    assert (found.passes_loss, found.passes_lending) == (passes_loss, passes_lending)
    assert (found.loss, found.lending) == (Decimal("3.9"), Decimal(12))


def test_weigh_terms_counts_a_one_time_rate_as_that_of_a_year() -> None:
    found = weigh_terms(Terms(Decimal("0.05"), is_once=True), Decimal("3.0"))
    assert (found.yearly, found.passes_loss, found.passes_lending) == (Decimal(5), True, False)


# Days, grace, part payments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"), [(-1, "0.00"), (0, "0.00"), (1, "0.50"), (2, "1.00"), (30, "15.00")]
)
def test_late_fee_starts_on_the_day_after_the_due_day(days: int, expected: str) -> None:
    assert fee(Debt(Decimal(1000), DUE), PLAIN, DUE + timedelta(days=days)) == expected


@pytest.mark.parametrize(
    ("paid_after", "expected"), [(-3, "0.00"), (0, "0.00"), (1, "0.50"), (10, "5.00"), (100, "15.00")]
)
def test_late_fee_counts_the_day_of_payment_and_then_stands_still(paid_after: int, expected: str) -> None:
    """Asked 30 days after the due day: paid on the due day bears nothing, a day late one day, later all days."""
    paid = moves((DUE + timedelta(days=paid_after), "1000"))
    day = DUE + timedelta(days=30)
    known = [move for move in paid if move.day <= day]
    assert fee(Debt(Decimal(1000), DUE, known), PLAIN, day) == expected


@pytest.mark.parametrize(
    ("days", "forgiven", "counted"),
    [(14, "0.00", "0.00"), (15, "0.00", "0.00"), (16, "0.50", "8.00"), (17, "1.00", "8.50")],
)
def test_late_fee_forgives_grace_or_counts_it(days: int, forgiven: str, counted: str) -> None:
    debt, day = Debt(Decimal(1000), DUE), DUE + timedelta(days=days)
    assert fee(debt, DEMO, day) == forgiven
    assert fee(debt, replace(DEMO, grace_counts=True), day) == counted


@pytest.mark.parametrize("paid_after", [10, 15])
def test_late_fee_of_counted_grace_leaves_out_what_came_within_it(paid_after: int) -> None:
    """400 of 1,000 came within 15 days of grace: only 600 were late at all, then from the first day on."""
    debt = Debt(Decimal(1000), DUE, moves((DUE + timedelta(days=paid_after), "400")))
    terms = replace(DEMO, grace_counts=True)
    assert parts(debt, terms, DUE + timedelta(days=20)) == [("600", "2026-11-21", "2026-12-10", 20, "6.0000")]


def test_late_fee_follows_part_payments_by_value_day() -> None:
    debt = Debt(Decimal(1000), DUE, moves((date(2026, 11, 30), "250.50"), (date(2026, 12, 5), "249.50")))
    assert parts(debt, PLAIN, date(2026, 12, 10)) == [
        ("1000", "2026-11-21", "2026-11-30", 10, "5.0000"),
        ("749.50", "2026-12-01", "2026-12-05", 5, "1.873750"),
        ("500.00", "2026-12-06", "2026-12-10", 5, "1.250000"),
    ]
    assert fee(debt, PLAIN, date(2026, 12, 10)) == "8.12"  # 8.12375, rounded once


def test_late_fee_of_who_paid_too_much_is_not_given_back() -> None:
    debt = Debt(Decimal(1000), DUE, moves((date(2026, 11, 25), "1100")))
    assert parts(debt, PLAIN, date(2026, 12, 10)) == [("1000", "2026-11-21", "2026-11-25", 5, "2.5000")]


def test_late_fee_is_rounded_once_and_not_by_part() -> None:
    """Two parts of 0.005 are 0.01; each rounded by itself would make 0.02."""
    debt = Debt(Decimal("20.00"), DUE, moves((DUE + timedelta(days=1), "10")), rests())
    halves = Terms(Decimal("0.00025"))
    found = late_fee(debt, halves, DUE + timedelta(days=3))
    assert [part.amount for part in found.parts] == [Decimal("0.005"), Decimal("0.005")]
    assert str(found.amount) == "0.01"


def test_late_fee_of_bounced_money_counts_again_from_the_next_day() -> None:
    debt = Debt(Decimal(1000), DUE, moves((date(2026, 11, 25), "1000"), (date(2026, 12, 1), "-1000")))
    assert parts(debt, PLAIN, date(2026, 12, 3)) == [
        ("1000", "2026-11-21", "2026-11-25", 5, "2.5000"),
        ("1000", "2026-12-02", "2026-12-03", 2, "1.0000"),
    ]


def test_late_fee_of_a_fen_needs_half_a_fen_to_show() -> None:
    debt = Debt(Decimal("0.01"), DUE)
    assert [fee(debt, STEEP, DUE + timedelta(days=n)) for n in (1, 166, 167, 400)] == [
        "0.00",
        "0.00",
        "0.01",
        "0.01",
    ]


def test_late_fee_counts_a_leap_day() -> None:
    debt = Debt(Decimal(1000), date(2028, 2, 28))
    assert [fee(debt, PLAIN, day) for day in (date(2028, 2, 29), date(2028, 3, 1))] == ["0.50", "1.00"]


def test_late_fee_stops_at_its_cap() -> None:
    """At 25 % a day four days reach the principal; the part that meets the cap is cut, later ones add nothing."""
    terms = Terms(Decimal("0.25"))
    debt = Debt(Decimal(100), DUE, moves((DUE + timedelta(days=3), "40")))
    assert parts(debt, terms, DUE + timedelta(days=9)) == [
        ("100", "2026-11-21", "2026-11-23", 3, "75.00"),
        ("60", "2026-11-24", "2026-11-29", 6, "25.00"),
    ]
    assert (
        fee(Debt(Decimal(100), DUE), replace(terms, cap=Decimal("0.3")), DUE + timedelta(days=9)) == "30.00"
    )


# Rests --------------------------------------------------------------------------------------------------


def test_late_fee_rests_and_goes_on() -> None:
    debt = Debt(Decimal(1000), DUE, rests=rests((date(2026, 11, 25), date(2026, 11, 29))))
    assert parts(debt, PLAIN, date(2026, 12, 2)) == [
        ("1000", "2026-11-21", "2026-11-24", 4, "2.0000"),
        ("1000", "2026-11-30", "2026-12-02", 3, "1.5000"),
    ]


def test_late_fee_rests_once_where_rests_overlap() -> None:
    debt = Debt(
        Decimal(1000),
        DUE,
        rests=rests((date(2026, 11, 22), date(2026, 11, 26)), (date(2026, 11, 25), date(2026, 11, 30))),
    )
    assert [(first, days) for _p, first, _l, days, _a in parts(debt, PLAIN, date(2026, 12, 2))] == [
        ("2026-11-21", 1),
        ("2026-12-01", 2),
    ]


def test_late_fee_stops_for_good_at_a_judgment() -> None:
    """Decided on 10 December: that day still counts, none after it."""
    debt = Debt(Decimal(1000), DUE, rests=rests((date(2026, 12, 11), None)))
    assert [
        fee(debt, PLAIN, day) for day in (date(2026, 12, 10), date(2026, 12, 11), date(2027, 12, 11))
    ] == [
        "10.00",
        "10.00",
        "10.00",
    ]


def test_late_fee_once_waits_until_it_does_not_rest() -> None:
    """A one-time fee falls due on the first day after grace that does not rest, on what is open then."""
    terms = Terms(Decimal("0.003"), grace_days=5, is_once=True)
    debt = Debt(
        Decimal(1000), DUE, moves((DUE + timedelta(days=8), "400")), rests((DUE, DUE + timedelta(days=9)))
    )
    assert [fee(debt, terms, DUE + timedelta(days=n)) for n in (9, 10, 30)] == ["0.00", "1.80", "1.80"]


# Laws ---------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
SPANS = st.tuples(st.integers(-10, 90), st.none() | st.integers(0, 40))


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    due = draw(DAYS)
    amount = Decimal(draw(st.integers(1, 5_000_000))).scaleb(-2)
    movements, left = [], amount
    for offset, share in draw(st.lists(st.tuples(st.integers(-10, 90), st.integers(0, 100)), max_size=5)):
        part = (left * share / 100).quantize(Decimal("0.01"), "ROUND_DOWN")
        movements.append(Movement(due + timedelta(days=offset), part))
        left -= part
    found = [
        Rest(due + timedelta(days=first), None if length is None else due + timedelta(days=first + length))
        for first, length in draw(st.lists(SPANS, max_size=3))
    ]
    return Debt(amount, due, movements, found)


TERMS = st.builds(
    Terms,
    rate=st.integers(1, 3000).map(lambda n: Decimal(n).scaleb(-5)),
    grace_days=st.integers(0, 30),
    grace_counts=st.booleans(),
    is_once=st.booleans(),
    cap=st.sampled_from([Decimal(1), Decimal("0.2"), Decimal(3)]),
)


@given(debts(), TERMS, st.integers(-5, 120))
def test_late_fee_is_the_closed_formula(debt: Debt, terms: Terms, days: int) -> None:
    """P-09 and P-44: on any dates from 2020 to 2035, the parts sum to what counting day by day gives."""
    as_of = debt.due_on + timedelta(days=days)
    known = replace(debt, movements=[move for move in debt.movements if move.day <= as_of])
    assert late_fee(known, terms, as_of).amount == closed_formula(known, terms, as_of)


def test_a_running_total_counts_twice_forgets_and_compounds() -> None:
    """The red twin of P-09: a total that every night adds to, asked twice one night, away for ten, fee upon fee."""
    debt = Debt(Decimal("10000.00"), date(2026, 10, 30))
    terms = Terms(Decimal("0.0005"))
    good = [debt.due_on + timedelta(days=n) for n in range(1, 31)]
    nights = {"each once": good, "one twice": [*good, good[3]], "ten skipped": good[:10] + good[20:]}
    totals = {name: sum(debt.amount * terms.rate for _night in asked) for name, asked in nights.items()}
    assert totals == {"each once": Decimal(150), "one twice": Decimal(155), "ten skipped": Decimal(100)}
    compounded = debt.amount
    for _night in good:
        compounded += compounded * terms.rate
    assert round_half_up(compounded - debt.amount) == Decimal("151.09")
    assert {late_fee(debt, terms, good[-1]).amount for _asked in range(100)} == {Decimal("150.00")}


@given(debts(), TERMS, st.integers(0, 120))
def test_late_fee_never_shrinks_and_never_passes_its_cap(debt: Debt, terms: Terms, days: int) -> None:
    """With facts that only add money, another day never takes fee away; the cap holds; asked again it is the same."""
    today = debt.due_on + timedelta(days=days)
    known = replace(debt, movements=[move for move in debt.movements if move.day <= today])
    found = [late_fee(known, terms, today + timedelta(days=n)).amount for n in (0, 0, 1)]
    assert (
        found[0]
        == found[1]
        <= found[2]
        <= (terms.cap * debt.amount).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    )


@given(debts(), TERMS, st.integers(0, 120))
def test_stretches_never_touch_a_rest_or_each_other(debt: Debt, terms: Terms, days: int) -> None:
    stretches = list_stretches(debt, terms, debt.due_on + timedelta(days=days))
    for one in stretches:
        assert not any(rest.holds(day) for rest in debt.rests for day in (one.first, one.last))
        assert one.principal > 0
        assert one.days >= 1
    assert all(one.last < after.first for one, after in pairwise(stretches))
