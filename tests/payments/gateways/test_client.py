"""What the gateways make of a platform that is slow, silent, broken or gone (P-10)."""

import socket
from dataclasses import replace
from decimal import Decimal

import pytest

from payments.gateways.interface import ErrorCode, Gateway, GatewayError, PaymentState, Refund
from payments.gateways.registry import gateway_for
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.parrot import Parrot, parrot
from tests.payments.gateways.program import Sandbox


def error_of(gateway: Gateway, number: str = "N0000001") -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        gateway.query_order(number)
    return caught.value


def elsewhere(gateway: Gateway, address: str, read_ms: int = 5000) -> Gateway:
    return gateway_for(replace(gateway.config, base_url=address, read_ms=read_ms))


def test_ask_dropped_answer_is_unknown_and_the_order_stands(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    sandbox.turn("fault", operation="create", fault="drop")
    with pytest.raises(GatewayError) as caught:
        gateway.create_order(order)
    assert (caught.value.code, caught.value.unknown, caught.value.permanent) == (
        ErrorCode.SILENT,
        True,
        False,
    )
    assert gateway.query_order(order.number).state is PaymentState.PENDING


def test_ask_refund_whose_answer_is_dropped_moves_money_once(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    gateway.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    refund = Refund(f"R{order.number}", order.number, Decimal("9.45"), Decimal("309.45"))
    sandbox.turn("fault", operation="refund", fault="drop")
    with pytest.raises(GatewayError) as caught:
        gateway.refund(refund)
    assert caught.value.unknown
    gateway.refund(refund)
    assert sandbox.turn("order", number=order.number)["refunded"] == 945


def test_ask_late_answer_is_unknown(sandbox: Sandbox, gateway: Gateway) -> None:
    sandbox.turn("fault", operation="query", fault="delay", seconds=30)
    impatient = elsewhere(gateway, sandbox.address, read_ms=200)
    error = error_of(impatient)
    assert (error.code, error.unknown) == (ErrorCode.SILENT, True)


def test_ask_platform_error_is_unknown(sandbox: Sandbox, gateway: Gateway) -> None:
    sandbox.turn("fault", operation="query", fault="fail")
    error = error_of(gateway)
    assert (error.code, error.unknown, error.permanent) == (ErrorCode.SILENT, True, False)


def test_ask_closed_port_is_unreachable_and_may_be_tried_again(gateway: Gateway) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = error_of(elsewhere(gateway, address))
    assert (error.code, error.unknown, error.permanent) == (ErrorCode.UNREACHABLE, False, False)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"code":"10000"}', b'{"trade_state":"SUCCESS"}'])
def test_ask_unsigned_answer_is_never_believed(gateway: Gateway, body: bytes) -> None:
    with parrot(Parrot(200, body)) as answer:
        error = error_of(elsewhere(gateway, answer.address))
    assert error.unknown
    assert error.code in {ErrorCode.UNSIGNED, ErrorCode.SILENT}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_ask_server_error_is_unknown(gateway: Gateway, status: int) -> None:
    with parrot(Parrot(status, b"oops")) as answer:
        error = error_of(elsewhere(gateway, answer.address))
    assert (error.code, error.unknown) == (ErrorCode.SILENT, True)


def test_ask_with_a_wrong_key_is_refused(sandbox: Sandbox) -> None:
    first, second = (config for config in sandbox.configs if config.gateway == "wechat")
    error = error_of(gateway_for(replace(first, private_key=second.private_key)))
    assert (error.code, error.platform_code, error.permanent) == (ErrorCode.REFUSED, "SIGN_ERROR", True)


def test_ask_with_a_wrong_platform_key_is_not_believed(sandbox: Sandbox, gateway: Gateway) -> None:
    other = sandbox.config("alipay" if gateway.config.gateway == "wechat" else "wechat")
    order = make_order()
    gateway.create_order(order)
    error = error_of(gateway_for(replace(gateway.config, platform_key=other.platform_key)), order.number)
    assert (error.code, error.unknown) == (ErrorCode.UNSIGNED, True)
