"""Unix seconds, and the ways the platforms write them: Beijing's clock everywhere."""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def rfc3339(moment: int) -> str:
    """Return WeChat's notation, 2026-11-20T10:00:00+08:00."""
    return datetime.fromtimestamp(moment, BEIJING).isoformat(timespec="seconds")


def clock(moment: int) -> str:
    """Return Alipay's and the bills' notation, 2026-11-20 10:00:00."""
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def read_moment(text: str) -> int:
    """Return a time in either notation as Unix seconds; without a zone it is Beijing's. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).timestamp())


def read_span(text: str) -> tuple[int, int]:
    """Return a day (2026-11-20) or a month (2026-11) as half-open Unix seconds. Raises ValueError."""
    if len(text) == 7:
        first = date.fromisoformat(f"{text}-01")
        after = (first + timedelta(days=32)).replace(day=1)
    else:
        first = date.fromisoformat(text)
        after = first + timedelta(days=1)
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp())
