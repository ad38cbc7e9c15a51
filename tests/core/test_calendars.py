from datetime import date
from typing import Any

import pytest
import structlog

from core.calendars import get_calendar, is_workday, next_workday
from core.models import Holiday

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),  # National Day
        ("2026-10-08", True),
        ("2026-10-10", True),  # a Saturday worked in exchange
        ("2026-09-12", False),  # an ordinary Saturday
    ],
)
def test_is_workday_follows_the_statutory_calendar(day: str, works: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2026-09-10", "2026-09-10"),  # a Thursday stays
        ("2026-09-12", "2026-09-14"),  # a Saturday moves to Monday
        ("2026-10-01", "2026-10-08"),  # the holiday week is passed over
    ],
)
def test_next_workday_moves_a_due_day_off_rest_days(day: str, moved: str) -> None:
    assert next_workday(date.fromisoformat(day)) == date.fromisoformat(moved)


def test_the_table_overrides_the_bundled_calendar() -> None:
    Holiday.objects.create(day=date(2026, 9, 10), is_workday=False, name="本市停工")
    Holiday.objects.create(day=date(2026, 9, 12), is_workday=True, name="调休")
    assert next_workday(date(2026, 9, 10)) == date(2026, 9, 11)
    assert next_workday(date(2026, 9, 12)) == date(2026, 9, 12)


def test_an_unknown_year_falls_back_to_weekends_and_says_so() -> None:
    with structlog.testing.capture_logs() as logs:
        assert is_workday(date(2099, 10, 1))  # a Thursday: the holiday is not announced yet
        assert not is_workday(date(2099, 10, 3))
    assert logs[0]["event"] == "calendar.year_unknown"
    assert logs[0]["year"] == 2099


def test_a_calendar_asks_the_database_once(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        calendar = get_calendar()
        assert [calendar.is_workday(date(2026, 9, day)) for day in (10, 11, 12)] == [True, True, False]


def test_a_table_full_of_rest_days_is_an_error() -> None:
    days = [date(2026, month, day) for month in (11, 12) for day in range(1, 31)]
    Holiday.objects.bulk_create(Holiday(day=day) for day in days)
    with pytest.raises(ValueError, match="Holiday table"):
        next_workday(date(2026, 11, 1))
