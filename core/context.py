"""Who is acting and in which request, for the length of one request, task or command.

Set at the doors (middleware, tasks, commands), read by the audit and the logs; services name their actor
with `by=`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RequestContext:
    """The request id, and the user behind it when somebody is signed in."""

    request_id: str = ""
    actor: Any = None


NOBODY = RequestContext()

_current: ContextVar[RequestContext] = ContextVar("request_context", default=NOBODY)


def current_context() -> RequestContext:
    """Return the context of the request or task being served; empty outside of one."""
    return _current.get()


@contextmanager
def request_context(*, request_id: str, actor: Any = None) -> Iterator[None]:
    """Serve what is inside under this request id and actor."""
    token = _current.set(RequestContext(request_id, actor))
    try:
        yield
    finally:
        _current.reset(token)
