"""What platforms say, in any order, about orders of ours and of others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from ledger import chart
from ledger.selectors import get_balance
from payments.gateways.interface import PaymentResult, PaymentState
from payments.models import Doubt, Intent, IntentState, PaymentException, PrepaymentEntry, Receipt
from payments.services.intents import create_intent
from payments.services.settlement import settle
from tests.payments.world import NOW, World, heard, make_world


@pytest.fixture
def intent(world: World) -> Intent:
    """An order over both lines of a bill of 101 and one line of a bill of 102."""
    first, second = world.bill(world.accounts[0], "200.00", "9.45")
    (other,) = world.bill(world.accounts[1], "100.00")
    return create_intent(wanted={first.pk: None, second.pk: None, other.pk: None}, gateway="wechat", now=NOW)


def test_settle_books_an_order_over_two_units_as_one_receipt(world: World, intent: Intent) -> None:
    settled = settle(merchant=world.wechat, result=heard(intent), now=NOW)

    assert settled.receipt is not None
    assert (settled.receipt.amount, settled.receipt.channel) == (Decimal("309.45"), "wechat")
    assert world.open_amounts() == []
    intent.refresh_from_db()
    assert (intent.state, intent.next_query_at) == (IntentState.PAID, None)
    assert get_balance(code=chart.WECHAT) == Decimal("309.45")


def test_settle_twice_changes_nothing(world: World, intent: Intent) -> None:
    first = settle(merchant=world.wechat, result=heard(intent), now=NOW)
    second = settle(merchant=world.wechat, result=heard(intent), now=NOW + timedelta(hours=1))
    assert first.receipt == second.receipt
    assert Receipt.objects.count() == 1
    assert not PaymentException.objects.exists()


def test_settle_of_a_bill_paid_meanwhile_becomes_prepayment(world: World, intent: Intent) -> None:
    lines = dict(intent.parts.values_list("line_id", "amount"))
    twin = create_twin(intent)
    settle(merchant=world.wechat, result=heard(intent), now=NOW)

    settle(merchant=world.wechat, result=heard(twin), now=NOW)

    assert sum(lines.values()) == Decimal("309.45")
    assert dict(PrepaymentEntry.objects.values_list("account_id", "amount")) == {
        world.accounts[0].pk: Decimal("209.45"),
        world.accounts[1].pk: Decimal("100.00"),
    }


def create_twin(intent: Intent) -> Intent:
    """An order for the same lines, as a second payer with another phone could hold one in the past."""
    parts = list(intent.parts.values_list("line_id", "amount"))
    twin: Intent = Intent.objects.create(
        community=intent.community,
        merchant=intent.merchant,
        number=f"{intent.number[:-1]}x",
        amount=intent.amount,
        created_at=NOW,
        expires_at=intent.expires_at,
    )
    for line_id, amount in parts:
        twin.parts.create(line_id=line_id, amount=amount)
    return twin


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": Decimal("309.46")}, Doubt.WRONG_AMOUNT),
        ({"amount": Decimal("309.44")}, Doubt.WRONG_AMOUNT),
        ({"amount": None}, Doubt.WRONG_AMOUNT),
        ({"currency": "USD"}, Doubt.WRONG_CURRENCY),
        ({"merchant_id": "1900000110"}, Doubt.WRONG_MERCHANT),
        ({"app_id": "wx0000000000000000"}, Doubt.WRONG_MERCHANT),
    ],
)
def test_settle_never_marks_paid_what_does_not_agree(
    world: World, intent: Intent, changes: dict[str, Any], kind: Doubt
) -> None:
    settle(merchant=world.wechat, result=heard(intent, **changes), now=NOW)

    intent.refresh_from_db()
    assert intent.state != IntentState.PAID
    assert not Receipt.objects.exists()
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.intent, exception.expected) == (kind, intent, Decimal("309.45"))


def test_settle_of_an_order_nobody_made_goes_on_the_desk(world: World) -> None:
    stray = PaymentResult("NL20261119deadbeef", PaymentState.SUCCESS, "42001", Decimal("5.00"), "CNY")
    settled = settle(merchant=world.wechat, result=stray, now=NOW)
    assert settled.intent is None
    assert PaymentException.objects.get().kind == Doubt.UNKNOWN_ORDER


def test_settle_does_not_let_one_merchant_pay_anothers_order(world: World, intent: Intent) -> None:
    other = make_world("other")
    settle(merchant=other.wechat, result=heard(intent), now=NOW)
    assert not Receipt.objects.exists()
    assert PaymentException.objects.get().kind == Doubt.WRONG_MERCHANT


def test_settle_of_a_second_payment_of_one_order_goes_on_the_desk(world: World, intent: Intent) -> None:
    settle(merchant=world.wechat, result=heard(intent), now=NOW)
    settle(merchant=world.wechat, result=heard(intent, transaction_id="42009"), now=NOW)
    assert Receipt.objects.count() == 1
    assert PaymentException.objects.get().kind == Doubt.PAID_TWICE


def test_settle_counts_what_is_seen_again_instead_of_doubling_it(world: World, intent: Intent) -> None:
    for _ in range(3):
        settle(merchant=world.wechat, result=heard(intent, amount=Decimal("1.00")), now=NOW)
    assert PaymentException.objects.get().count == 3


EVENTS = ("created", "paid", "refunded", "closed", "late copy")


def hear(world: World, intent: Intent, event: str) -> None:
    state = {
        "created": PaymentState.PENDING,
        "paid": PaymentState.SUCCESS,
        "refunded": PaymentState.REFUNDED,
        "closed": PaymentState.CLOSED,
        "late copy": PaymentState.SUCCESS,
    }[event]
    settle(merchant=world.wechat, result=heard(intent, state), now=NOW)


def test_settle_ends_the_same_in_all_120_orders_of_five_events(world: World) -> None:
    ends = set()
    for order in permutations(EVENTS):
        (line,) = world.bill(world.accounts[0], "10.00")
        intent = create_intent(wanted={line.pk: None}, gateway="wechat", now=NOW)
        for event in order:
            hear(world, intent, event)
        intent.refresh_from_db()
        doubts = tuple(intent.exceptions.values_list("kind", flat=True))
        ends.add((intent.state, Receipt.objects.filter(intent=intent).count(), doubts))
    assert ends == {(IntentState.PAID, 1, (Doubt.REFUNDED,))}
    assert Receipt.objects.count() == 120
