"""When a household may be contacted.

Between 22:00 and 08:00 nothing goes out: no setting lifts that. Inside those hours a community's own window
(09:00 to 20:00 by default) applies. All times are local; a ``datetime`` in carries the zone of the caller.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

DAY_BEGINS, DAY_ENDS = time(8, 0), time(22, 0)


@dataclass(frozen=True)
class Window:
    """The hours of a day in which messages may leave: from ``opens`` until just before ``closes``."""

    opens: time = time(9, 0)
    closes: time = time(20, 0)

    def clamped(self) -> "Window":
        """The part of the window that lies outside the night.

        >>> Window(time(6), time(23)).clamped()
        Window(opens=datetime.time(8, 0), closes=datetime.time(22, 0))
        """
        return Window(max(self.opens, DAY_BEGINS), min(self.closes, DAY_ENDS))


def can_send(now: datetime, window: Window) -> bool:
    """Say whether a message may leave now.

    >>> can_send(datetime(2026, 11, 20, 21, 10), Window(closes=time(23)))
    True
    >>> can_send(datetime(2026, 11, 20, 22, 0), Window(closes=time(23)))
    False
    """
    open_hours = window.clamped()
    return open_hours.opens <= now.time() < open_hours.closes


def next_opening(now: datetime, window: Window) -> datetime:
    """The first moment from now on at which a message may leave.

    >>> next_opening(datetime(2026, 11, 20, 21, 10), Window())
    datetime.datetime(2026, 11, 21, 9, 0)
    >>> next_opening(datetime(2026, 11, 20, 7, 0), Window())
    datetime.datetime(2026, 11, 20, 9, 0)
    """
    if can_send(now, window):
        return now
    opens = window.clamped().opens
    day = now.date() if now.time() < opens else now.date() + timedelta(days=1)
    return datetime.combine(day, opens, tzinfo=now.tzinfo)


@dataclass(frozen=True)
class Caps:
    """How often one person may be reminded, over all units and channels."""

    per_day: int = 1
    per_week: int = 3


def next_turn(sent: list[datetime], now: datetime, caps: Caps) -> datetime | None:
    """The moment from which one more reminder stays within the caps; None when it does so now.

    ``sent`` are the moments of earlier reminders, oldest first. A day is a calendar day, a week the last
    seven days including today.
    """
    today = [moment for moment in sent if moment.date() == now.date()]
    if len(today) >= caps.per_day:
        return _start_of_day(now, 1)
    week = [moment for moment in sent if moment.date() > now.date() - timedelta(days=7)]
    if len(week) >= caps.per_week:
        return _start_of_day(week[-caps.per_week], 7)
    return None


def _start_of_day(moment: datetime, days_later: int) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=days_later), time(), tzinfo=moment.tzinfo)
