"""How many owners can read their bills at once: the bill page behind a signed link, over HTTP.

The limit is the health probe on the same server: the way through gunicorn, Django and one question to each engine,
which no page can do without. Eight readers at once, each on a connection kept open, as a phone's browser keeps it.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import timezone

from benchmarks.billing import MONTH, fill
from benchmarks.protocol import Measurement, Wanted, bench, stopwatch
from billing.links import make_pay_link
from billing.models import Bill
from billing.services.run import bill_period
from config.programs import take_port, web

HOST = "127.0.0.1"
ACCOUNTS, REQUESTS, READERS = 1_000, 2_000, 8
STARTED_WITHIN = 60


@bench("portal.bill")
def measure_bill_page(wanted: Wanted) -> Iterator[Measurement]:
    """Read bill pages, each of another household, and health probes, in turns of a quarter of them."""
    paths = list(islice(cycle(issue_bills()), REQUESTS))
    probes = [reverse("health")] * REQUESTS
    reading, probing = 0.0, 0.0
    waits: list[float] = []
    with serving() as port:
        read_all(port, probes[:200] + paths[:200])
        for start in range(0, REQUESTS, REQUESTS // 4):
            turn = slice(start, start + REQUESTS // 4)
            with stopwatch() as probe:
                read_all(port, probes[turn])
            with stopwatch() as page:
                waits += read_all(port, paths[turn])
            reading, probing = reading + page.seconds, probing + probe.seconds
    p99 = sorted(waits)[int(len(waits) * 0.99)]
    note = f"{REQUESTS / reading:.0f} requests per second, p99 {p99 * 1000:.0f} ms; limit: the health probe"
    yield Measurement("portal.bill", REQUESTS, reading, probing, note=note)


def issue_bills() -> list[str]:
    """Issue a month for a community and return the paths of its bills behind their links."""
    community = fill("portal", ACCOUNTS)
    bill_period(community=community, period=MONTH, now=timezone.now(), by="bench")
    return [_page_of(bill) for bill in Bill.objects.filter(community=community).order_by("pk")]


def _page_of(bill: Bill) -> str:
    link = make_pay_link([bill.pk], bill.issued_on or MONTH.start)
    token = urlsplit(link).path.rstrip("/").rpartition("/")[2]
    return reverse("portal:link-bill", args=[token, bill.number])


@contextmanager
def serving() -> Iterator[int]:
    """Run the product's web server on a free port until the end."""
    port = take_port(HOST, 18_000)
    program = web(HOST, port.number)
    environment = os.environ | program.environment | {"COLLECTED_STATIC": ""}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(program.command, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            _wait_for(port.number)
            yield port.number
        finally:
            server.send_signal(signal.SIGTERM)


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + STARTED_WITHIN
    while True:
        try:
            _reader(port)(reverse("health"))
            return
        except ConnectionError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)


def read_all(port: int, paths: Sequence[str]) -> list[float]:
    """Get every path, eight readers side by side, and return the seconds each answer took."""

    def read_share(number: int) -> list[float]:
        read = _reader(port)
        return [read(path) for path in paths[number::READERS]]

    with ThreadPoolExecutor(READERS) as pool:
        return [seconds for share in pool.map(read_share, range(READERS)) for seconds in share]


def _reader(port: int) -> Callable[[str], float]:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)

    def read(path: str) -> float:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == http.HTTPStatus.OK, f"{path} answered {answer.status}"
        return time.perf_counter() - began

    return read
