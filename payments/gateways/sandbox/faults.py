"""Mishaps on order: the next so many calls of an operation go wrong in a chosen way."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass

OPERATIONS = ("create", "query", "close", "refund", "bill", "callback")
KINDS = ("drop", "delay", "fail", "duplicate")


@dataclass(frozen=True)
class Fault:
    """drop: act, then say nothing. delay: act, answer late. fail: do not act, answer an error. duplicate: send copies.

    `seconds` is the length of a delay, `copies` the number of callbacks sent in place of one.
    """

    kind: str
    seconds: float = 0
    copies: int = 1


class Faults:
    """The mishaps that are still to come, first in first out for each operation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)

    def plan(self, operation: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of the operation suffer. Raises ValueError for words we do not know."""
        if operation not in OPERATIONS or fault.kind not in KINDS:
            raise ValueError(f"No fault {fault.kind!r} of operation {operation!r}.")
        with self._lock:
            self._planned[operation].extend([fault] * times)

    def take(self, operation: str) -> Fault | None:
        """Return what happens to this call, None for nothing."""
        with self._lock:
            planned = self._planned[operation]
            return planned.popleft() if planned else None

    def clear(self) -> None:
        """Forget all mishaps."""
        with self._lock:
            self._planned.clear()
