"""Delivers callbacks until the merchant acknowledges them, at the intervals the platforms keep.

Undelivered callbacks survive a restart. Every try is signed anew, with its own time and the same notice id.
"""

import heapq
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPException

from payments.gateways.sandbox.faults import Faults
from payments.gateways.sandbox.keys import ALIPAY, WECHAT
from payments.gateways.sandbox.notices import Post
from payments.gateways.sandbox.store import Delivery, Store

INTERVALS = {
    WECHAT: (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600),
    ALIPAY: (240, 600, 600, 3600, 7200, 21600, 54000),
}
"""Seconds between tries; after the last one the platform gives up."""

WORKERS = 8
TIMEOUT = 5

Letter = tuple[str, str, Post]
"""Platform, address and request of one delivery, signed now."""


class Courier:
    """A few threads that take what is due. `write` turns a delivery into a letter, None when it has no address."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        write: Callable[[Delivery, int], Letter | None],
        *,
        pace: float = 1.0,
    ) -> None:
        self._store, self._faults, self._write, self._pace = store, faults, write, pace
        self._due: list[tuple[float, str, Delivery]] = []
        self._turn = threading.Condition()
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def start(self) -> None:
        """Take up what an earlier run left, and start working."""
        for delivery in self._store.list_deliveries():
            self._enqueue(delivery)
        for number in range(WORKERS):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def send(self, notice_id: str, token: str, refund_number: str = "", *, delay: float = 0) -> None:
        """Let a callback go out, with whatever mishap was ordered for it."""
        fault = self._faults.take("callback")
        if fault and fault.kind in ("drop", "fail"):
            return
        due = time.time() + delay + (fault.seconds if fault else 0)
        copies = fault.copies if fault and fault.kind == "duplicate" else 1
        for _ in range(copies):
            delivery = Delivery(notice_id, token, refund_number, 0, due)
            self._store.keep_delivery(delivery)
            self._enqueue(delivery)

    def _enqueue(self, delivery: Delivery) -> None:
        with self._turn:
            heapq.heappush(self._due, (delivery.due, delivery.notice_id, delivery))
            self._turn.notify()

    def _take(self) -> Delivery:
        with self._turn:
            while not self._due or self._due[0][0] > time.time():
                self._turn.wait(max(0.001, self._due[0][0] - time.time()) if self._due else None)
            return heapq.heappop(self._due)[2]

    def _work(self) -> None:
        while True:
            self._deliver(self._take())

    def _deliver(self, delivery: Delivery) -> None:
        letter = self._write(delivery, int(time.time()))
        if letter is None or self._is_taken(*letter):
            self._store.drop_delivery(delivery.notice_id)
            return
        intervals = INTERVALS[letter[0]]
        if delivery.attempt >= len(intervals):
            self._store.drop_delivery(delivery.notice_id)
            return
        due = time.time() + intervals[delivery.attempt] * self._pace
        again = replace(delivery, attempt=delivery.attempt + 1, due=due)
        self._store.keep_delivery(again)
        self._enqueue(again)

    def _is_taken(self, platform: str, address: str, post: Post) -> bool:
        """Send one request and say whether the merchant acknowledged it in the platform's words."""
        request = urllib.request.Request(address, post.body, post.headers, method="POST")
        try:
            with self._open(request, timeout=TIMEOUT) as answer:
                return platform == WECHAT or answer.read(64).strip() == b"success"
        except (OSError, HTTPException, ValueError):
            return False
