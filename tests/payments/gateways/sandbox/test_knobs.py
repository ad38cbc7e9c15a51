"""The knobs tests and simulations turn."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from payments.gateways.interface import BEIJING, Gateway
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.program import Sandbox


def test_pay_at_a_past_time_gives_a_callback_stamped_then(sandbox: Sandbox, gateway: Gateway) -> None:
    then = datetime(2026, 5, 10, 21, 30, tzinfo=BEIJING)
    order = make_order(expires_at=then + timedelta(minutes=5))
    gateway.create_order(order)
    paid = sandbox.turn(
        "pay",
        number=order.number,
        paid_at=then.isoformat(),
        payer="13911112222",
        callback=False,
        notice=True,
        sent_at=(then + timedelta(seconds=3)).isoformat(),
    )
    notice = gateway.read_notice(paid["notice"]["headers"], paid["notice"]["body"].encode(), then)
    assert (notice.payment.paid_at, notice.payment.amount) == (then, Decimal("309.45"))
    assert paid["notice"]["url"] == order.notify_url


def test_pay_after_the_order_ran_out_is_refused(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    gateway.create_order(order)
    late = order.expires_at + timedelta(seconds=2)
    wish = {"number": order.number, "paid_at": late.isoformat()}
    answer = requests.post(f"{sandbox.address}/sandbox/pay", json=wish, timeout=60)
    assert (answer.status_code, answer.json()) == (409, {"error": "closed"})


def test_pay_from_many_sides_at_once_charges_once(sandbox: Sandbox, wechat: Gateway) -> None:
    order = make_order()
    wechat.create_order(order)
    start, statuses = threading.Barrier(10), list[int]()

    def pay() -> None:
        start.wait()
        wish: Any = {"number": order.number, "callback": False}
        statuses.append(requests.post(f"{sandbox.address}/sandbox/pay", json=wish, timeout=60).status_code)

    threads = [threading.Thread(target=pay) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 9


def test_record_history_twice_adds_nothing(sandbox: Sandbox, gateway: Gateway) -> None:
    orders = [
        {"number": f"OLD{at:06d}", "amount": "88.50", "paid_at": "2026-02-03T08:00:00+08:00"}
        for at in range(2000)
    ]
    wish: dict[str, Any] = {
        "platform": gateway.config.gateway,
        "merchant_id": gateway.config.merchant_id,
        "orders": orders,
    }
    assert sandbox.turn("history", **wish) == {"recorded": 2000, "existing": 0}
    assert sandbox.turn("history", **wish) == {"recorded": 0, "existing": 2000}
    records = gateway.read_bill(gateway.download_bill(datetime(2026, 2, 3).date()))
    assert (len(records), sum(record.amount for record in records)) == (2000, Decimal("177000.00"))


def test_show_notice_signs_whatever_it_is_asked_to(sandbox: Sandbox, alipay: Gateway) -> None:
    order = make_order()
    alipay.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    now = datetime.now(BEIJING)
    signed = sandbox.turn(
        "notice", number=order.number, changes={"total_amount": "0.01"}, sent_at=now.isoformat()
    )
    payment = alipay.read_notice(signed["headers"], signed["body"].encode(), now).payment
    assert (payment.order_number, payment.amount) == (order.number, Decimal("0.01"))


@pytest.mark.parametrize(
    ("knob", "wish", "status"),
    [
        ("pay", {"number": "NOSUCHNUMBER"}, 409),
        ("pay", {}, 400),
        ("fault", {"operation": "sleep", "fault": "drop"}, 400),
        ("fault", {"operation": "query", "fault": "explode"}, 400),
        ("history", {"platform": "wechat", "merchant_id": "1", "orders": []}, 400),
    ],
)
def test_knob_turned_wrongly_says_so(sandbox: Sandbox, knob: str, wish: Any, status: int) -> None:
    assert requests.post(f"{sandbox.address}/sandbox/{knob}", json=wish, timeout=60).status_code == status
