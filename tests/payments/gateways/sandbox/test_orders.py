"""The platform's rules, and the small notations around them."""

from dataclasses import replace

import pytest

from payments.gateways.sandbox.amounts import fee, read_yuan, yuan
from payments.gateways.sandbox.faults import Fault, Faults
from payments.gateways.sandbox.orders import (
    CLOSED,
    OPEN,
    PAID,
    Order,
    Refused,
    check_payable,
    check_refundable,
    check_same,
    make_order,
    transaction_id,
)
from payments.gateways.sandbox.times import clock, read_moment, read_span, rfc3339

NOON = 1795147200  # 2026-11-20 12:00:00 in Beijing


def order(state: str = OPEN) -> Order:
    made = make_order(
        platform="wechat",
        merchant_id="1900000001",
        number="N0000001",
        amount=30945,
        subject="物业费",
        trade_type="NATIVE",
        created_at=NOON,
        expires_at=NOON + 900,
    )
    return replace(made, state=state, paid_at=NOON + 5 if state == PAID else None)


@pytest.mark.parametrize(("now", "state"), [(NOON, OPEN), (NOON + 900, OPEN), (NOON + 901, CLOSED)])
def test_order_closes_by_itself_when_its_time_is_over(now: int, state: str) -> None:
    assert order().at(now).state == state
    assert order(PAID).at(now).state == PAID


@pytest.mark.parametrize(
    ("state", "moment", "reason"), [(PAID, NOON, PAID), (CLOSED, NOON, CLOSED), (OPEN, NOON + 901, CLOSED)]
)
def test_check_payable_says_why_not(state: str, moment: int, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check_payable(order(state), moment)


def test_check_same_lets_nothing_else_take_the_number() -> None:
    check_same(order(), order())
    with pytest.raises(Refused, match="mismatch"):
        check_same(order(), replace(order(), amount=30946))
    with pytest.raises(Refused, match="paid"):
        check_same(order(PAID), order())


@pytest.mark.parametrize(
    ("amount", "refunded", "reason"), [(30946, 0, "too_much"), (1, 30945, "too_much"), (0, 0, "too_much")]
)
def test_check_refundable_never_above_the_payment(amount: int, refunded: int, reason: str) -> None:
    check_refundable(order(PAID), 30945, 0)
    with pytest.raises(Refused, match=reason):
        check_refundable(order(PAID), amount, refunded)


@pytest.mark.parametrize("state", [OPEN, CLOSED])
def test_check_refundable_wants_a_payment(state: str) -> None:
    with pytest.raises(Refused, match="unpaid"):
        check_refundable(order(state), 1, 0)


def test_transaction_id_follows_from_the_order_alone() -> None:
    first = transaction_id("wechat", "1900000001", "N0000001", NOON)
    assert first == transaction_id("wechat", "1900000001", "N0000001", NOON)
    assert (len(first), first[:5], first[10:18]) == (28, "42000", "20261120")
    assert first != transaction_id("wechat", "1900000002", "N0000001", NOON)
    assert transaction_id("alipay", "2088", "N0000001", NOON)[:12] == "202611202200"


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (30945, "309.45"), (-945, "-9.45")])
def test_yuan_writes_two_decimals(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(("text", "fen"), [("309.45", 30945), ("88.5", 8850), ("7", 700)])
def test_read_yuan_reads_fen(text: str, fen: int) -> None:
    assert read_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1e2", "x"])
def test_read_yuan_of_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        read_yuan(text)


@pytest.mark.parametrize(("fen", "kept"), [(1, 0), (83, 0), (84, 1), (30945, 186), (100000, 600)])
def test_fee_is_six_per_mille_half_up(fen: int, kept: int) -> None:
    assert fee(fen) == kept


def test_times_are_beijings_in_both_notations() -> None:
    assert (rfc3339(NOON), clock(NOON)) == ("2026-11-20T12:00:00+08:00", "2026-11-20 12:00:00")
    assert read_moment("2026-11-20 12:00:00") == read_moment("2026-11-20T04:00:00+00:00") == NOON


@pytest.mark.parametrize(
    ("text", "days"), [("2026-11-20", 1), ("2026-11", 30), ("2026-02", 28), ("2028-02", 29), ("2026-12", 31)]
)
def test_read_span_is_a_day_or_a_month(text: str, days: int) -> None:
    start, end = read_span(text)
    assert end - start == days * 86400
    assert clock(start).endswith("00:00:00")


def test_faults_strike_as_often_as_ordered_and_no_more() -> None:
    faults = Faults()
    faults.plan("query", Fault("drop"), 2)
    struck = [faults.take(operation) for operation in ("create", "query", "query", "query")]
    assert [fault.kind if fault else None for fault in struck] == [None, "drop", "drop", None]
    faults.plan("query", Fault("drop"), 2)
    faults.clear()
    assert faults.take("query") is None
