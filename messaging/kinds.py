"""The registry of message kinds: what each may say, and whom to ask before it leaves.

A lower app must not know why a message is right or wrong; the app that owns the reason registers a function
here and is asked at the moment of sending (DESIGN §2). Registration happens in the app's ``events.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from messaging.domain.verdict import Verdict

if TYPE_CHECKING:
    from messaging.models import OutboundMessage

Ask = Callable[[Sequence["OutboundMessage"], datetime], Mapping[int, Verdict]]


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: its default words, the placeholders it offers, and the question before sending.

    ``ask`` gets the messages of one batch and the moment, and answers for each message id: a batch costs a
    handful of queries. ``is_reminder`` puts it under the contact caps; a bill or a receipt is not a reminder.
    """

    name: str
    label: str | Promise
    subject: str | Promise
    body: str | Promise
    placeholders: tuple[str, ...]
    ask: Ask
    is_reminder: bool = False


_KINDS: dict[str, MessageKind] = {}


def register_kind(kind: MessageKind) -> MessageKind:
    """Add a kind to the registry; registering a name again replaces it."""
    _KINDS[kind.name] = kind
    return kind


def get_kind(name: str) -> MessageKind:
    """The kind of this name.

    Raises:
        KeyError: no app has registered it.
    """
    return _KINDS[name]


def list_kinds() -> list[MessageKind]:
    """All kinds, by name."""
    return [_KINDS[name] for name in sorted(_KINDS)]
