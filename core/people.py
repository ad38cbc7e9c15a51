"""Names of members of staff: pages of every app write them, the app that keeps log-ins knows them.

What somebody did is on record under a log-in; a page shows the person. The app of log-ins registers how names are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

ReadNames = Callable[[], Mapping[str, str]]
"""Returns the names of members of staff by log-in."""

_readers: list[ReadNames] = []


def name_staff_by(read: ReadNames) -> ReadNames:
    """Register how names are read, as a decorator."""
    _readers[:] = [read]
    return read


def read_names() -> Mapping[str, str]:
    """Return the names of members of staff by log-in; nothing while nobody has registered."""
    return _readers[0]() if _readers else {}
