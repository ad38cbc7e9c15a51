from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.tokens import TokenError, read, sign

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 9, 10, 12, 0, tzinfo=SHANGHAI)


def test_reads_what_was_signed() -> None:
    assert read("bill", sign("bill", {"bill": 42}), NOON) == {"bill": 42}


def test_is_short_and_safe_in_an_address() -> None:
    token = sign("bill", 1234567, expires_on=date(2026, 12, 31))
    assert len(token) < 75
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:.")


def test_opens_nothing_else() -> None:
    with pytest.raises(TokenError):
        read("receipt", sign("bill", 42), NOON)


@pytest.mark.parametrize("place", [0, 3, -1])
def test_an_altered_token_is_refused(place: int) -> None:
    token = sign("bill", 42)
    other = "A" if token[place] != "A" else "B"
    altered = token[:place] + other + token[place:][1:]
    with pytest.raises(TokenError):
        read("bill", altered, NOON)


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "木", "::"])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        read("bill", token, NOON)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2026, 9, 10, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 9, 10, 23, 59, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 9, 11, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_the_last_day_counts_until_midnight(now: datetime, is_open: bool) -> None:
    token = sign("bill", 42, expires_on=date(2026, 9, 10))
    if is_open:
        assert read("bill", token, now) == 42
    else:
        with pytest.raises(TokenError):
            read("bill", token, now)


def test_an_exact_moment_closes_exactly_then() -> None:
    token = sign("download", 1, expires_on=NOON)
    assert read("download", token, NOON.replace(hour=11, minute=59, second=59)) == 1
    with pytest.raises(TokenError):
        read("download", token, NOON)
