"""From a platform's verified word to a receipt: the one way, whoever heard the word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core.failpoints import failpoint
from payments.domain.lifecycle import IntentState, next_state
from payments.domain.verification import Expected, find_mismatch
from payments.gateways.interface import PaymentResult, PaymentState
from payments.models import Channel, Doubt, Intent, MerchantAccount, PaymentException, Receipt
from payments.services.booking import Incoming, book_receipt
from payments.services.doubts import open_doubt

PAID = (PaymentState.SUCCESS, PaymentState.REFUNDED)


@dataclass(frozen=True)
class Settled:
    """The result of a platform's confirmation: the order, its receipt, or the exception it opened."""

    intent: Intent | None
    receipt: Receipt | None = None
    doubt: PaymentException | None = None


@transaction.atomic
def settle(*, merchant: MerchantAccount, result: PaymentResult, now: datetime) -> Settled:
    """Apply what a platform says of an order: callback, answer to a question, or row of its bill.

    The order's row is locked first, so that a hundred copies make one receipt; hearing the same again changes
    nothing. A success books the money (`booking.book_receipt`) when amount, currency, merchant, app and order agree
    with ours; otherwise it goes on the desk and the order is not paid (P-15). Other words move the order's state as
    `lifecycle.next_state` allows, in any order of arrival (P-16). Runs inside the caller's transaction when there
    is one.
    """
    intent = Intent.objects.select_for_update(of=("self",)).filter(number=result.order_number).first()
    failpoint("payments.settle.locked")
    if intent is None:
        return Settled(None, doubt=_doubt_order(merchant, result, now))
    if intent.merchant_id != merchant.pk:
        return Settled(None, doubt=_doubt(Doubt.WRONG_MERCHANT, merchant, result, intent, now))
    if result.state in PAID:
        return _settle_paid(merchant, intent, result, now)
    _move(intent, result, now)
    return Settled(intent)


def _settle_paid(merchant: MerchantAccount, intent: Intent, result: PaymentResult, now: datetime) -> Settled:
    receipt = Receipt.objects.filter(intent=intent).first()
    if receipt and receipt.transaction_id != result.transaction_id:
        return Settled(intent, receipt, _doubt(Doubt.PAID_TWICE, merchant, result, intent, now))
    if receipt is None:
        expected = Expected(intent.amount, merchant.merchant_id, merchant.app_id)
        if mismatch := find_mismatch(expected, result):
            return Settled(intent, doubt=_hold(Doubt(mismatch.value), merchant, result, intent, now))
        receipt = _book(merchant, intent, result, now)
        _move(intent, result, now)
    if result.state is PaymentState.REFUNDED:
        return Settled(intent, receipt, _doubt(Doubt.REFUNDED, merchant, result, intent, now))
    return Settled(intent, receipt)


def _book(merchant: MerchantAccount, intent: Intent, result: PaymentResult, now: datetime) -> Receipt:
    chosen = dict(intent.parts.order_by("pk").values_list("line_id", "amount"))
    incoming = Incoming(
        account_id=intent.account_id,
        channel=Channel(merchant.gateway),
        amount=intent.amount,
        paid_at=result.paid_at or now,
        chosen=chosen,
        transaction_id=result.transaction_id,
        intent=intent,
        payer=intent.payer,
        meant_for=intent.fee_item_id,
    )
    return book_receipt(incoming=incoming, now=now)


def _move(intent: Intent, result: PaymentResult, now: datetime) -> None:
    """Write the state that follows the platform's word; a final state asks no more questions."""
    intent.state = next_state(IntentState(intent.state), result.state)
    intent.last_word = str(result.state)
    if not intent.is_live:
        intent.finished_at, intent.next_query_at = intent.finished_at or now, None
    if intent.state == IntentState.CREATED:
        intent.started_at = intent.next_query_at = None
    intent.save(update_fields=["state", "last_word", "started_at", "finished_at", "next_query_at"])


def _hold(
    kind: Doubt, merchant: MerchantAccount, result: PaymentResult, intent: Intent, now: datetime
) -> PaymentException:
    """Put a payment that does not agree on the desk and stop asking: now a person decides."""
    intent.last_word, intent.next_query_at = kind.value, None
    intent.save(update_fields=["last_word", "next_query_at"])
    return _doubt(kind, merchant, result, intent, now)


def _doubt_order(merchant: MerchantAccount, result: PaymentResult, now: datetime) -> PaymentException | None:
    """Put money for an order we do not know on the desk; other words about it concern nobody."""
    if result.state not in PAID:
        return None
    return _doubt(Doubt.UNKNOWN_ORDER, merchant, result, None, now)


def _doubt(
    kind: Doubt, merchant: MerchantAccount, result: PaymentResult, intent: Intent | None, now: datetime
) -> PaymentException:
    heard: Decimal | None = result.refunded if kind is Doubt.REFUNDED else result.amount
    return open_doubt(
        merchant=merchant,
        kind=kind,
        reference=result.transaction_id or result.order_number,
        intent=intent,
        heard=heard,
        details={
            "order": result.order_number,
            "transaction": result.transaction_id,
            "currency": result.currency,
            "merchant": result.merchant_id,
            "app": result.app_id,
            "payer": result.payer_account,
            "paid_at": result.paid_at.isoformat() if result.paid_at else None,
        },
        now=now,
    )
