"""What every channel does, and how it says that it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """What a channel is given: who, where, what. ``key`` lets a provider refuse a second copy."""

    key: str
    address: str
    subject: str
    body: str


@dataclass(frozen=True)
class Sent:
    """The provider took it. ``provider_id`` is what later delivery reports will name."""

    provider_id: str


class ChannelError(Exception):
    """The provider did not take a message.

    ``permanent``: trying again cannot help (a wrong address). ``unknown``: nobody knows whether it left (a
    time-out after the body was sent), so it must not be sent again by itself.
    """

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown


class Channel(Protocol):
    """One way to reach a person."""

    name: str

    def address_of(self, contact: Mapping[str, str]) -> str:
        """The address to use out of ``{"phone": …, "email": …}``; empty when there is none."""

    def send(self, letter: Letter) -> Sent:
        """Hand one letter over.

        Raises:
            ChannelError: it was not taken, or nobody knows.
        """
