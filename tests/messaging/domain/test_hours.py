"""The hours of contact: the night cannot be configured away, the caps hold over days and weeks."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.hours import Caps, Window, can_send, next_opening, next_turn

DAY = datetime(2026, 11, 20)


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        ("07:59", False),
        ("08:00", True),
        ("21:59", True),
        ("22:00", False),
        ("23:30", False),
        ("00:00", False),
    ],
)
def test_can_send_with_the_widest_window_stops_at_night(clock, allowed):
    moment = datetime.combine(DAY, time.fromisoformat(clock))
    assert can_send(moment, Window(time(0), time(23, 59))) is allowed


@pytest.mark.parametrize(
    ("clock", "opening"),
    [
        ("08:59", datetime(2026, 11, 20, 9)),
        ("09:00", datetime(2026, 11, 20, 9)),
        ("19:59", datetime(2026, 11, 20, 19, 59)),
        ("20:00", datetime(2026, 11, 21, 9)),
        ("23:59", datetime(2026, 11, 21, 9)),
    ],
)
def test_next_opening_at_the_borders(clock, opening):
    assert next_opening(datetime.combine(DAY, time.fromisoformat(clock)), Window()) == opening


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.times(min_value=time(0), max_value=time(12)),
    st.times(min_value=time(13), max_value=time(23, 59)),
)
def test_next_opening_is_always_a_moment_to_send_and_never_in_the_past(now, opens, closes):
    opening = next_opening(now, Window(opens, closes))
    assert opening >= now
    assert can_send(opening, Window(opens, closes))
    assert time(8) <= opening.time() < time(22)


@pytest.mark.parametrize(
    ("sent_days_ago", "turn"),
    [
        ([], None),
        ([1], None),
        ([0], DAY + timedelta(days=1)),
        ([3, 2, 1], DAY + timedelta(days=4)),
        ([6, 5, 1], DAY + timedelta(days=1)),
        ([7, 5, 1], None),
    ],
)
def test_next_turn_counts_days_and_weeks(sent_days_ago, turn):
    noon = DAY.replace(hour=12)
    sent = [noon - timedelta(days=days) for days in sent_days_ago]
    assert next_turn(sent, noon, Caps(per_day=1, per_week=3)) == turn
