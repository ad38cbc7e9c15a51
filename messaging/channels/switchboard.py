"""Which channels this installation has, in order of preference: ``settings.MESSAGE_CHANNELS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from django.conf import settings
from django.utils.translation import pgettext_lazy

from messaging.channels.email import EmailChannel
from messaging.channels.file import FileChannel
from messaging.channels.interface import Channel

WORDS = {
    FileChannel.name: pgettext_lazy("channel", "the demo's file"),
    EmailChannel.name: pgettext_lazy("channel", "e-mail"),
}


@cache
def list_channels() -> tuple[Channel, ...]:
    """The configured channels, the preferred one first."""
    makers: dict[str, Callable[[], Channel]] = {
        FileChannel.name: lambda: FileChannel(settings.STATE_DIR / "outbox"),
        EmailChannel.name: lambda: EmailChannel(settings.DEFAULT_FROM_EMAIL),
    }
    return tuple(makers[name]() for name in settings.MESSAGE_CHANNELS)


def find_channel_for(contact: Mapping[str, str]) -> Channel | None:
    """The first channel that has an address for the contact; None when the person cannot be reached."""
    return next((channel for channel in list_channels() if channel.address_of(contact)), None)


def tell_channel(name: str) -> str:
    """What people call a channel; the name of one that is gone from here stays as it is."""
    return str(WORDS.get(name, name))
