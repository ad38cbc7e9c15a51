"""The life of an outbound message.

``planned`` waits for its hour; ``sending`` is claimed by one sender; ``unknown`` left us and nobody answered,
so it is never sent again by itself; ``dropped`` was no longer right when its hour came.
"""

from enum import StrEnum


class MessageState(StrEnum):
    """Where a message is."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


_S = MessageState
TRANSITIONS: dict[MessageState, frozenset[MessageState]] = {
    _S.PLANNED: frozenset({_S.SENDING, _S.DROPPED}),
    _S.SENDING: frozenset({_S.SENT, _S.UNKNOWN, _S.FAILED, _S.DROPPED, _S.PLANNED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.OPENED, _S.FAILED}),
    _S.UNKNOWN: frozenset({_S.SENT, _S.DELIVERED, _S.OPENED, _S.FAILED}),
    _S.DELIVERED: frozenset({_S.OPENED}),
    _S.OPENED: frozenset(),
    _S.FAILED: frozenset({_S.PLANNED}),
    _S.DROPPED: frozenset(),
}


def can_move(state: MessageState, to: MessageState) -> bool:
    """Say whether a message may go from one state to the other.

    >>> can_move(MessageState.UNKNOWN, MessageState.PLANNED)
    False
    """
    return to in TRANSITIONS[state]
