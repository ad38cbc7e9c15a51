"""The answer to the question asked at the moment of sending: may this still go out, and with what in it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Go:
    """Send it, with these values for its placeholders."""

    values: Mapping[str, str]


@dataclass(frozen=True)
class Wait:
    """Not now: ask again at ``until``."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Drop:
    """Never: the reason it was planned for is gone, such as a bill that has been paid."""

    reason: str


Verdict = Go | Wait | Drop
