"""Date borders are right (P-44): tables worked out by hand, laws over 2020–2035, and twins that must go red."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.late_fee import Debt, Movement, Terms, late_fee
from core.calendars import WorkCalendar
from core.periods import Cycle, Period, month_fraction
from payments.models import Channel
from payments.services.booking import Incoming

CALENDAR = WorkCalendar({})
RATE = Decimal("0.0005")
ONE_DAY = timedelta(days=1)

# Due days that fall on a holiday or rest day, and the working day they move to (Civil Code 203).
MOVED = [
    ("2024-02-10", "2024-02-18"),  # Spring Festival; the Sunday after it is worked
    ("2024-09-15", "2024-09-18"),  # Mid-Autumn
    ("2025-01-26", "2025-01-26"),  # a Sunday that is worked
    ("2025-01-28", "2025-02-05"),
    ("2025-10-01", "2025-10-09"),  # National Day and Mid-Autumn together
    ("2026-01-01", "2026-01-04"),  # year change; Sunday 4 January is worked
    ("2026-01-31", "2026-02-02"),  # month end on a Saturday: into the next month
    ("2026-02-14", "2026-02-14"),  # a Saturday that is worked
    ("2026-02-16", "2026-02-24"),
    ("2026-02-28", "2026-02-28"),  # month end on a Saturday that is worked
    ("2026-04-04", "2026-04-07"),
    ("2026-05-01", "2026-05-06"),
    ("2026-06-19", "2026-06-22"),
    ("2026-09-25", "2026-09-28"),
    ("2026-10-01", "2026-10-08"),
    ("2026-10-10", "2026-10-10"),
    ("2026-11-20", "2026-11-20"),
]

# Due day, days of grace, the day asked about, and the late fee of 1,000 yuan at 0.05 % a day.
LATE = [
    ("2026-11-20", 0, "2026-11-19", "0.00"),
    ("2026-11-20", 0, "2026-11-20", "0.00"),
    ("2026-11-20", 0, "2026-11-21", "0.50"),
    ("2026-11-30", 0, "2026-11-30", "0.00"),  # month end
    ("2026-11-30", 0, "2026-12-01", "0.50"),
    ("2026-01-31", 0, "2026-02-02", "0.00"),  # month end on a Saturday
    ("2026-01-31", 0, "2026-02-03", "0.50"),
    ("2026-10-01", 0, "2026-10-08", "0.00"),  # holiday
    ("2026-10-01", 0, "2026-10-09", "0.50"),
    ("2026-10-01", 0, "2026-10-31", "11.50"),
    ("2026-02-28", 0, "2026-03-01", "0.50"),  # no 29 February
    ("2028-02-28", 0, "2028-02-29", "0.50"),  # 29 February counts
    ("2028-02-28", 0, "2028-03-01", "1.00"),
    ("2028-02-29", 0, "2028-02-29", "0.00"),  # due on it
    ("2028-02-29", 0, "2028-03-01", "0.50"),
    ("2026-12-31", 0, "2026-12-31", "0.00"),  # year change
    ("2026-12-31", 0, "2027-01-01", "0.50"),
    ("2026-12-31", 0, "2027-12-31", "182.50"),  # 365 days
    ("2027-12-31", 0, "2028-12-31", "183.00"),  # 366 days
    ("2026-11-20", 15, "2026-12-05", "0.00"),  # grace edges
    ("2026-11-20", 15, "2026-12-06", "0.50"),
    ("2026-10-01", 15, "2026-10-23", "0.00"),  # grace behind a holiday
    ("2026-10-01", 15, "2026-10-24", "0.50"),
    ("2026-12-20", 15, "2027-01-05", "0.00"),  # a Sunday, and grace over the year change
    ("2026-12-20", 15, "2027-01-06", "0.50"),
    ("2028-02-14", 15, "2028-02-29", "0.00"),  # grace ends on 29 February
    ("2028-02-14", 15, "2028-03-01", "0.50"),
]

# When a platform says it was paid, in UTC, and the value day in the community.
PAID = [
    ("2026-11-19T15:59:59", "2026-11-19"),
    ("2026-11-19T16:00:00", "2026-11-20"),
    ("2026-11-20T15:59:59", "2026-11-20"),  # 23:59:59 of the due day
    ("2026-11-20T16:00:00", "2026-11-21"),  # 00:00:00, a day late
    ("2026-11-30T16:00:00", "2026-12-01"),
    ("2026-12-31T15:59:59", "2026-12-31"),
    ("2026-12-31T16:00:00", "2027-01-01"),
    ("2028-02-28T16:00:00", "2028-02-29"),
    ("2028-02-29T15:59:59", "2028-02-29"),
    ("2028-02-29T16:00:00", "2028-03-01"),
]

# Days a payer had a unit, the first and the day after the last, and the months they are charged.
STAYED = [
    ("2026-11-01", "2026-12-01", Fraction(1)),
    ("2026-11-01", "2026-11-02", Fraction(1, 30)),  # moved out on the first day
    ("2026-11-30", "2026-12-01", Fraction(1, 30)),  # moved in on the last day
    ("2026-11-16", "2026-12-16", Fraction(61, 62)),
    ("2026-01-31", "2026-02-01", Fraction(1, 31)),
    ("2026-02-28", "2026-03-01", Fraction(1, 28)),
    ("2028-02-29", "2028-03-01", Fraction(1, 29)),
    ("2028-02-01", "2028-02-29", Fraction(28, 29)),
    ("2026-02-15", "2026-04-01", Fraction(3, 2)),
    ("2026-12-31", "2027-01-02", Fraction(2, 31)),  # year change
    ("2026-10-31", "2026-11-02", Fraction(61, 930)),
]

# Cycles that begin on the 31st, or on 29 February: a day, and the cycle it lies in.
CYCLES = [
    (Cycle.MONTH, "2026-01-31", "2026-02-27", "2026-01-31", "2026-02-28"),
    (Cycle.MONTH, "2026-01-31", "2026-02-28", "2026-02-28", "2026-03-31"),
    (Cycle.MONTH, "2028-01-31", "2028-02-28", "2028-01-31", "2028-02-29"),
    (Cycle.MONTH, "2028-01-31", "2028-02-29", "2028-02-29", "2028-03-31"),
    (Cycle.MONTH, "2026-01-31", "2026-04-29", "2026-03-31", "2026-04-30"),
    (Cycle.MONTH, "2026-01-31", "2026-04-30", "2026-04-30", "2026-05-31"),
    (Cycle.MONTH, "2026-01-31", "2026-12-31", "2026-12-31", "2027-01-31"),
    (Cycle.YEAR, "2028-02-29", "2029-02-27", "2028-02-29", "2029-02-28"),
    (Cycle.YEAR, "2028-02-29", "2029-02-28", "2029-02-28", "2030-02-28"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def fee_of(due: str, grace: int, as_of: str) -> str:
    """As the product works it out: the due day moved, then the clause."""
    debt = Debt(Decimal(1000), CALENDAR.next_workday(day(due)))
    return str(late_fee(debt, Terms(RATE, grace_days=grace), day(as_of)).amount)


def paid_on(moment: str) -> date:
    paid_at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return Incoming(1, Channel.WECHAT, Decimal("1.00"), paid_at).value_day


def test_tables_have_at_least_sixty_rows() -> None:
    assert len(MOVED) + len(LATE) + len(PAID) + len(STAYED) + len(CYCLES) >= 60


@pytest.mark.parametrize(("due", "moved"), MOVED)
def test_due_days_move_to_a_working_day(due: str, moved: str) -> None:
    assert CALENDAR.next_workday(day(due)) == day(moved)


@pytest.mark.parametrize(("due", "grace", "as_of", "expected"), LATE)
def test_late_fee_at_borders(due: str, grace: int, as_of: str, expected: str) -> None:
    assert fee_of(due, grace, as_of) == expected


@pytest.mark.parametrize(("moment", "expected"), PAID)
def test_value_day_is_the_day_where_the_community_is(moment: str, expected: str) -> None:
    assert paid_on(moment) == day(expected)


def test_a_second_before_midnight_bears_no_late_fee_and_a_second_after_bears_a_day() -> None:
    fees = []
    for moment in ("2026-11-20T15:59:59", "2026-11-20T16:00:00"):
        debt = Debt(Decimal(1000), day("2026-11-20"), [Movement(paid_on(moment), Decimal(1000))])
        fees.append(str(late_fee(debt, Terms(RATE), day("2026-12-31")).amount))
    assert fees == ["0.00", "0.50"]


@pytest.mark.parametrize(("first", "end", "months"), STAYED)
def test_months_of_first_and_last_days(first: str, end: str, months: Fraction) -> None:
    assert month_fraction(Period(day(first), day(end))) == months


@pytest.mark.parametrize(("cycle", "anchor", "on", "first", "end"), CYCLES)
def test_cycles_of_the_31st(cycle: Cycle, anchor: str, on: str, first: str, end: str) -> None:
    assert cycle.anniversary_period(day(anchor), day(on)) == Period(day(first), day(end))


# Twins: the same tables held to the mistakes people make must go red -------------------------------------


def counts_the_due_day(due: str, grace: int, as_of: str) -> str:
    return fee_of(str(day(due) - ONE_DAY), grace, as_of)


def knows_no_holidays(due: str, grace: int, as_of: str) -> str:
    return str(late_fee(Debt(Decimal(1000), day(due)), Terms(RATE, grace_days=grace), day(as_of)).amount)


def forgets_the_day_of_payment(due: str, grace: int, as_of: str) -> str:
    return fee_of(due, grace, str(day(as_of) - ONE_DAY))


def counts_grace(due: str, grace: int, as_of: str) -> str:
    return fee_of(due, 0, as_of)


def knows_no_leap_day(due: str, grace: int, as_of: str) -> str:
    leaps = sum(day(due) < date(year, 2, 29) <= day(as_of) for year in (2024, 2028))
    return str(Decimal(fee_of(due, grace, as_of)) - leaps * Decimal("0.50"))


@pytest.mark.parametrize(
    "twin",
    [counts_the_due_day, knows_no_holidays, forgets_the_day_of_payment, counts_grace, knows_no_leap_day],
)
def test_table_of_late_fees_catches_the_twin(twin: Callable[[str, int, str], str]) -> None:
    assert any(twin(due, grace, as_of) != expected for due, grace, as_of, expected in LATE)


def test_table_of_value_days_catches_a_clock_in_utc() -> None:
    assert any(moment[:10] != expected for moment, expected in PAID)


def test_table_of_stays_catches_thirty_days_a_month() -> None:
    assert any(Fraction((day(end) - day(first)).days, 30) != months for first, end, months in STAYED)


# Laws over the years 2020–2035 ---------------------------------------------------------------------------

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(DAYS, st.integers(0, 40), st.integers(0, 400))
def test_every_day_past_the_last_good_one_adds_the_same(due: date, grace: int, days: int) -> None:
    terms, debt = Terms(RATE, grace_days=grace), Debt(Decimal(1000), due)
    good = due + timedelta(days=grace)
    assert late_fee(debt, terms, good + timedelta(days=days)).amount == days * Decimal("0.50")


@given(DAYS, DAYS, DAYS)
def test_stays_of_two_payers_sum_to_the_whole(one: date, two: date, three: date) -> None:
    first, change, end = sorted((one, two, three))
    if first < change < end:
        whole = month_fraction(Period(first, end))
        assert whole == month_fraction(Period(first, change)) + month_fraction(Period(change, end))


@given(DAYS, DAYS)
def test_a_day_lies_in_its_cycle_and_cycles_meet(anchor: date, on: date) -> None:
    period = Cycle.MONTH.anniversary_period(anchor, max(anchor, on))
    assert max(anchor, on) in period
    assert 28 <= period.days <= 31
    assert Cycle.MONTH.anniversary_period(anchor, period.end).start == period.end


@given(DAYS)
def test_a_due_day_moves_forward_to_a_working_day_and_stays_there(due: date) -> None:
    moved = CALENDAR.next_workday(due)
    assert moved >= due
    assert CALENDAR.is_workday(moved)
    assert CALENDAR.next_workday(moved) == moved
