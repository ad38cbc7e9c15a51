"""Orders and refunds at both platforms, over HTTP and through the SDKs."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import requests

from payments.gateways.interface import (
    BEIJING,
    ErrorCode,
    Gateway,
    GatewayError,
    InstructionKind,
    Order,
    PaymentState,
    Refund,
    RefundState,
    Scene,
)
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.program import Sandbox

KINDS = {
    ("wechat", Scene.QR): InstructionKind.QR,
    ("wechat", Scene.DESKTOP): InstructionKind.QR,
    ("wechat", Scene.PHONE): InstructionKind.REDIRECT,
    ("wechat", Scene.IN_APP): InstructionKind.JSAPI,
    ("alipay", Scene.QR): InstructionKind.QR,
    ("alipay", Scene.DESKTOP): InstructionKind.REDIRECT,
    ("alipay", Scene.PHONE): InstructionKind.REDIRECT,
    ("alipay", Scene.IN_APP): InstructionKind.REDIRECT,
}


def paid_order(sandbox: Sandbox, gateway: Gateway, amount: str = "309.45") -> Order:
    order = make_order(amount=amount)
    gateway.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    return order


@pytest.mark.parametrize("scene", list(Scene))
def test_create_order_says_how_to_pay(sandbox: Sandbox, gateway: Gateway, scene: Scene) -> None:
    instruction = gateway.create_order(make_order(scene))
    assert instruction.kind is KINDS[gateway.config.gateway, scene]
    filled = [bool(instruction.url), bool(instruction.code), bool(instruction.params)]
    assert filled == [instruction.kind is kind for kind in InstructionKind]


def test_create_order_twice_is_harmless(gateway: Gateway) -> None:
    order = make_order()
    assert gateway.create_order(order) == gateway.create_order(order)


def test_create_order_with_a_used_number_and_another_amount_is_refused(gateway: Gateway) -> None:
    order = make_order()
    gateway.create_order(order)
    with pytest.raises(GatewayError) as caught:
        gateway.create_order(make_order(amount="1.00", number=order.number))
    assert (caught.value.permanent, caught.value.unknown) == (True, False)


@pytest.mark.parametrize(
    "facts", [{"number": "短"}, {"number": "x" * 33}, {"amount": Decimal(0)}, {"amount": Decimal("0.001")}]
)
def test_order_no_platform_would_take_cannot_be_made(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Order"):
        make_order(**facts)  # type: ignore[arg-type]


def test_query_order_follows_its_life(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    assert gateway.query_order(order.number).state is PaymentState.ABSENT
    gateway.create_order(order)
    assert gateway.query_order(order.number).state is PaymentState.PENDING
    paid_at = datetime.now(BEIJING).replace(microsecond=0)
    paid = sandbox.turn(
        "pay", number=order.number, paid_at=paid_at.isoformat(), payer="13911112222", callback=False
    )
    result = gateway.query_order(order.number)
    assert (result.state, result.amount, result.currency) == (PaymentState.SUCCESS, Decimal("309.45"), "CNY")
    assert (result.paid_at, result.transaction_id) == (paid_at, paid["transaction_id"])
    assert (result.merchant_id, result.app_id) == (gateway.config.merchant_id, gateway.config.app_id)
    assert "****" in result.payer_account


def test_query_order_past_its_time_is_closed(gateway: Gateway) -> None:
    order = make_order(expires_at=datetime.now(BEIJING) - timedelta(seconds=1))
    gateway.create_order(order)
    assert gateway.query_order(order.number).state is PaymentState.CLOSED


def test_close_order_forbids_payment(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    gateway.create_order(order)
    gateway.close_order(order.number)
    gateway.close_order(order.number)
    assert gateway.query_order(order.number).state is PaymentState.CLOSED
    answer = requests.post(f"{sandbox.address}/sandbox/pay", json={"number": order.number}, timeout=60)
    assert (answer.status_code, answer.json()) == (409, {"error": "closed"})


def test_close_order_after_payment_is_too_late(sandbox: Sandbox, gateway: Gateway) -> None:
    order = paid_order(sandbox, gateway)
    with pytest.raises(GatewayError) as caught:
        gateway.close_order(order.number)
    assert caught.value.code in {ErrorCode.PAID, ErrorCode.STATE}
    assert gateway.query_order(order.number).state is PaymentState.SUCCESS


def test_close_order_nobody_opened_is_absent(alipay: Gateway) -> None:
    order = make_order(Scene.PHONE)
    alipay.create_order(order)
    with pytest.raises(GatewayError) as caught:
        alipay.close_order(order.number)
    assert caught.value.code is ErrorCode.ABSENT


def test_refund_moves_money_once(sandbox: Sandbox, gateway: Gateway) -> None:
    order = paid_order(sandbox, gateway)
    refund = Refund(f"R{order.number}", order.number, Decimal("9.45"), Decimal("309.45"), "多交")
    for _ in range(2):
        result = gateway.refund(refund)
        assert (result.state, result.amount) == (RefundState.SUCCESS, Decimal("9.45"))
    assert sandbox.turn("order", number=order.number)["refunded"] == 945
    assert gateway.query_refund(refund.number, order.number).amount == Decimal("9.45")
    assert gateway.query_refund("RNEVERMADE", order.number).state is RefundState.ABSENT


def test_refund_above_the_payment_is_refused(sandbox: Sandbox, gateway: Gateway) -> None:
    order = paid_order(sandbox, gateway)
    gateway.refund(Refund(f"R{order.number}a", order.number, Decimal("300.00"), Decimal("309.45")))
    with pytest.raises(GatewayError) as caught:
        gateway.refund(Refund(f"R{order.number}b", order.number, Decimal("9.46"), Decimal("309.45")))
    assert (caught.value.permanent, caught.value.unknown) == (True, False)
    assert sandbox.turn("order", number=order.number)["refunded"] == 30000


def test_refund_of_everything_shows_in_the_query(sandbox: Sandbox, gateway: Gateway) -> None:
    order = paid_order(sandbox, gateway)
    gateway.refund(Refund(f"R{order.number}", order.number, Decimal("309.45"), Decimal("309.45")))
    assert gateway.query_order(order.number).state is PaymentState.REFUNDED
