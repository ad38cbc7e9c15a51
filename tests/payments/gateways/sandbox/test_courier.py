"""Callbacks as they arrive at a merchant's door: signed, repeated until acknowledged, and kept over a restart."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from payments.gateways.interface import Answer, Gateway, Notice, Refund
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.program import Sandbox, running_sandbox


@dataclass
class Door:
    """A merchant's callback address: keeps what arrives and answers what it is told to."""

    address: str = ""
    answers: list[Answer] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        """Wait until so many callbacks have come."""
        wait_until(lambda: len(self.posts) >= count)

    def read(self, gateway: Gateway) -> list[Notice]:
        """Return what arrived, verified by the product's gateway."""
        return [gateway.read_notice(headers, body, datetime.now(UTC)) for headers, body in self.posts]


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def door() -> Iterator[Door]:
    kept = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = kept.answers[min(len(kept.posts), len(kept.answers) - 1)]
            kept.posts.append((dict(self.headers.items()), body))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.address = f"http://127.0.0.1:{server.server_port}/notice"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def undelivered(sandbox: Sandbox, number: str) -> int:
    return int(sandbox.turn("order", number=number)["undelivered"])


def test_courier_delivers_a_signed_callback_once_when_acknowledged(
    sandbox: Sandbox, gateway: Gateway, door: Door
) -> None:
    door.answers = [gateway.acknowledge()]
    order = make_order(notify_url=door.address)
    gateway.create_order(order)
    sandbox.turn("pay", number=order.number)
    door.wait_for(1)
    wait_until(lambda: undelivered(sandbox, order.number) == 0)
    assert [notice.payment.order_number for notice in door.read(gateway)] == [order.number]


def test_courier_repeats_the_same_notice_until_it_is_acknowledged(
    sandbox: Sandbox, wechat: Gateway, door: Door
) -> None:
    door.answers = [wechat.refuse(), Answer(500, "text/plain", b""), wechat.acknowledge()]
    order = make_order(notify_url=door.address)
    wechat.create_order(order)
    sandbox.turn("pay", number=order.number)
    door.wait_for(3)
    wait_until(lambda: undelivered(sandbox, order.number) == 0)
    assert len(door.posts) == 3
    assert len({notice.notice_id for notice in door.read(wechat)}) == 1


def test_courier_of_alipay_wants_the_word_success(sandbox: Sandbox, alipay: Gateway, door: Door) -> None:
    door.answers = [Answer(200, "text/plain", b"ok")]
    order = make_order(notify_url=door.address)
    alipay.create_order(order)
    sandbox.turn("pay", number=order.number)
    door.wait_for(1)
    assert undelivered(sandbox, order.number) == 1
    door.answers = [alipay.acknowledge()]
    door.wait_for(2)


def test_courier_tells_of_refunds(sandbox: Sandbox, gateway: Gateway, door: Door) -> None:
    door.answers = [gateway.acknowledge()]
    order = make_order(notify_url=door.address)
    gateway.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    gateway.refund(
        Refund(f"R{order.number}", order.number, Decimal("9.45"), Decimal("309.45"), notify_url=door.address)
    )
    door.wait_for(1)
    refund = door.read(gateway)[0].refund
    assert refund
    assert refund.number == f"R{order.number}"


def test_courier_suffers_the_mishaps_on_order(sandbox: Sandbox, gateway: Gateway, door: Door) -> None:
    door.answers = [gateway.acknowledge()]
    lost, doubled = make_order(notify_url=door.address), make_order(notify_url=door.address)
    for order in (lost, doubled):
        gateway.create_order(order)
    sandbox.turn("fault", operation="callback", fault="drop")
    sandbox.turn("fault", operation="callback", fault="duplicate", copies=3)
    sandbox.turn("pay", number=lost.number)
    sandbox.turn("pay", number=doubled.number)
    door.wait_for(3)
    assert {notice.payment.order_number for notice in door.read(gateway)} == {doubled.number}
    sandbox.turn("send", number=lost.number)
    door.wait_for(4)
    assert door.read(gateway)[-1].payment.order_number == lost.number


def test_courier_takes_up_after_a_restart_what_was_left(tmp_path: Path, door: Door) -> None:
    with running_sandbox(tmp_path, "--pace", "0.01") as first:
        gateway = first.gateway("wechat")
        door.answers = [gateway.acknowledge()]
        order = make_order(notify_url=door.address)
        gateway.create_order(order)
        first.turn("pay", number=order.number, delay=3600)
        assert undelivered(first, order.number) == 1
    with running_sandbox(tmp_path, "--pace", "0.01") as second:
        assert undelivered(second, order.number) == 1
        assert second.config("wechat").secret == first.config("wechat").secret
        second.turn("send", number=order.number)
        door.wait_for(1)
        assert second.gateway("wechat").query_order(order.number).transaction_id
