"""The rows of a platform's bill, settled by the thousand: the same rules as one by one, written set-wise.

A row of a bill is heard like any other word of the platform. Payments that were booked when their callback came,
most of a bill, are known by one look. Rows that are plain payments of our orders are decided in memory, in the
order in which they were paid, and written by COPY. Everything else (refunds, second payments, wrong amounts, orders
nobody knows) goes through `settlement.settle`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, partial
from itertools import groupby

import numpy as np
from django.db import transaction
from django.db.models.functions import Coalesce

from billing.selectors.discounts import list_rules_on_time
from billing.selectors.late_fee_policies import Clauses
from billing.selectors.outstanding import OpenLine, open_lines
from billing.services.late_fee_bills import charge_at_payment
from billing.services.locking import Held, lock_lines
from billing.services.settlement import AllocationColumns, record_allocations_in_bulk
from billing.services.tolerance import has_tolerance
from core.bulk import copy_rows, reserve_ids
from core.calendars import day_of
from core.events import publish
from core.money import ZERO, to_fen, to_yuan
from ledger.selectors import get_first_open_day
from ledger.services import Posting, post_many
from payments.domain.allocation import Claim, Decision, Policy, decide
from payments.domain.lifecycle import IntentState
from payments.domain.verification import Expected, find_mismatch
from payments.gateways.interface import BillRecord, PaymentResult, PaymentState, RecordKind
from payments.models import Intent, IntentPart, MerchantAccount, PrepaymentEntry, Receipt
from payments.models.merchants import PaymentPolicy
from payments.selectors.claims import list_claims, weigh_claims
from payments.selectors.policies import get_policy
from payments.services.booking import ENTRY_KIND, let_go_of_remainders, make_legs
from payments.services.numbering import take_numbers
from payments.services.settlement import settle


@dataclass(frozen=True)
class BulkSettled:
    """What became of the rows of a bill: new receipts and their sum, rows known before, rows put on the desk."""

    receipts: int
    amount: Decimal
    known: int
    doubts: int


@dataclass(frozen=True)
class _Plain:
    """A payment of one of our orders, agreeing with it, that nobody has booked yet."""

    intent: Intent
    result: PaymentResult
    paid_at: datetime
    chosen: Mapping[int, int]

    @cached_property
    def value_day(self) -> date:
        return day_of(self.paid_at)


@dataclass(frozen=True)
class _Booked:
    """A plain payment with its receipt's key and number, and where the money went."""

    plain: _Plain
    receipt_id: int
    number: str
    account_id: int
    decision: Decision

    @property
    def source(self) -> str:
        return f"receipt:{self.receipt_id}"


@transaction.atomic
def settle_in_bulk(
    *, merchant: MerchantAccount, records: Sequence[BillRecord], now: datetime, tell: bool = True
) -> BulkSettled:
    """Settle the rows of one merchant's bill, in the order in which they were paid; again changes nothing.

    The result is that of `settlement.settle` for each row. ``tell`` publishes ``payments.received`` for every new
    receipt; history that is only being brought in is not news.
    """
    results = [result_of(record) for record in sorted(records, key=lambda r: (r.happened_at, r.row))]
    news = _leave_out_booked(merchant, results)
    plain, others = _sort_out(merchant, news)
    booked = _book(merchant, plain, now)
    if tell:
        for one in booked:
            publish("payments.received", receipt_id=one.receipt_id)
    known = set(
        Receipt.objects.filter(intent__number__in=[r.order_number for r in others]).values_list(
            "pk", flat=True
        )
    )
    settled = [settle(merchant=merchant, result=result, now=now) for result in others]
    new = {one.receipt.pk: one.receipt for one in settled if one.receipt and one.receipt.pk not in known}
    amounts = [one.plain.intent.amount for one in booked] + [receipt.amount for receipt in new.values()]
    doubts = sum(one.doubt is not None for one in settled)
    return BulkSettled(
        receipts=len(amounts),
        amount=sum(amounts, ZERO),
        known=len(results) - len(booked) - doubts - len(new),
        doubts=doubts,
    )


def result_of(record: BillRecord) -> PaymentResult:
    """Return a row of a bill as the platform's word. A refund's row tells that its order was paid, not how much."""
    is_payment = record.kind is RecordKind.PAYMENT
    return PaymentResult(
        order_number=record.order_number,
        state=PaymentState.SUCCESS if is_payment else PaymentState.REFUNDED,
        transaction_id=record.transaction_id,
        amount=record.amount if is_payment else None,
        currency=record.currency,
        paid_at=record.happened_at,
        merchant_id=record.merchant_id,
        app_id=record.app_id,
        payer_account=record.payer_account,
        refunded=None if is_payment else record.amount,
    )


def _leave_out_booked(merchant: MerchantAccount, results: Sequence[PaymentResult]) -> list[PaymentResult]:
    """Leave out successes that are booked already, by the same transaction of the same order: they change nothing."""
    heard = [result.order_number for result in results if result.state is PaymentState.SUCCESS]
    booked = Receipt.objects.filter(intent__merchant=merchant, intent__number__in=heard)
    known = set(booked.values_list("intent__number", "transaction_id"))
    return [
        result
        for result in results
        if result.state is not PaymentState.SUCCESS
        or (result.order_number, result.transaction_id) not in known
    ]


def _sort_out(
    merchant: MerchantAccount, results: Sequence[PaymentResult]
) -> tuple[list[_Plain], list[PaymentResult]]:
    """Lock the orders and split the rows into plain payments and those that need a closer look.

    Where bills may earn a discount for being paid on time, each payment is looked at by itself.
    """
    if list_rules_on_time(merchant.community_id):
        return [], list(results)
    intents = _lock_unpaid(merchant, {result.order_number for result in results})
    parts = _parts_of(intents.values())
    plain: list[_Plain] = []
    others: list[PaymentResult] = []
    for result in results:
        intent = intents.get(result.order_number)
        is_plain = intent is not None and not intent.account_id  # a top-up is booked by itself
        if intent is None or not is_plain or result.paid_at is None or not _agrees(merchant, intent, result):
            others.append(result)
            continue
        del intents[result.order_number]
        plain.append(_Plain(intent, result, result.paid_at, parts[intent.pk]))
    return plain, others


def _lock_unpaid(merchant: MerchantAccount, numbers: Iterable[str]) -> dict[str, Intent]:
    ours = Intent.objects.filter(merchant=merchant, number__in=numbers).exclude(state=IntentState.PAID)
    return {intent.number: intent for intent in ours.select_for_update(of=("self",)).order_by("pk")}


def _agrees(merchant: MerchantAccount, intent: Intent, result: PaymentResult) -> bool:
    expected = Expected(intent.amount, merchant.merchant_id, merchant.app_id)
    return result.state is PaymentState.SUCCESS and find_mismatch(expected, result) is None


def _parts_of(intents: Iterable[Intent]) -> dict[int, dict[int, int]]:
    parts: dict[int, dict[int, int]] = {intent.pk: {} for intent in intents}
    rows = IntentPart.objects.filter(intent__in=parts).order_by("pk")
    for intent_id, line_id, amount in rows.values_list("intent_id", "line_id", "amount"):
        parts[intent_id][line_id] = to_fen(amount)
    return parts


def _book(merchant: MerchantAccount, plain: Sequence[_Plain], now: datetime) -> list[_Booked]:
    """Lock, decide and write all plain payments."""
    held = lock_lines({line_id for one in plain for line_id in one.chosen})
    owners = held.account_of
    lines = open_lines(line_ids=owners)
    policy = get_policy(merchant.community_id)
    decisions = _decide_all(plain, lines, owners, policy)
    booked = _number(merchant, plain, decisions, owners, policy)
    _write_receipts(merchant, booked, policy, now)
    _write_allocations(booked, held, now)
    _charge_late_fees(booked, lines, held, now)
    _write_prepayments(booked, now)
    _post(merchant, booked, owners)
    _let_go(merchant, booked, now)
    _close_intents(booked, now)
    return booked


def _let_go(merchant: MerchantAccount, booked: Sequence[_Booked], now: datetime) -> None:
    if not has_tolerance(merchant.community_id):
        return
    for one in booked:
        let_go_of_remainders(
            company_id=merchant.community.company_id,
            community_id=merchant.community_id,
            line_ids=one.decision.parts,
            source=one.source,
            day=one.plain.value_day,
            now=now,
        )


def _decide_all(
    plain: Sequence[_Plain], lines: Sequence[OpenLine], owners: Mapping[int, int], policy: PaymentPolicy
) -> list[Decision]:
    """Decide one payment after another; each finds open what those before it have left."""
    left = {line.line_id: to_fen(line.outstanding) for line in lines}
    claims_on = cache(partial(_claims_on, list_claims(lines), policy.for_allocation))
    decisions = []
    for one in plain:
        claims = claims_on(one.value_day)
        decision = decide(
            to_fen(one.intent.amount),
            [replace(claims[line_id], open_fen=left[line_id]) for line_id in one.chosen if line_id in left],
            policy=policy.for_allocation,
            as_of=one.value_day,
            chosen=one.chosen,
            owners=owners,
            primary=owners[next(iter(one.chosen))],
        )
        left |= {line_id: left[line_id] - fen for line_id, fen in decision.parts.items()}
        decisions.append(decision)
    return decisions


def _claims_on(claims: Sequence[Claim], policy: Policy, day: date) -> dict[int, Claim]:
    """The claims of a value day, by line: what a debt bears may change from day to day."""
    return {claim.line_id: claim for claim in weigh_claims(claims, policy=policy, as_of=day)}


def _number(
    merchant: MerchantAccount,
    plain: Sequence[_Plain],
    decisions: Sequence[Decision],
    owners: Mapping[int, int],
    policy: PaymentPolicy,
) -> list[_Booked]:
    """Give every payment its receipt's key and number, year by year."""
    keys = iter(reserve_ids(Receipt, len(plain)))
    booked = []
    pairs = zip(plain, decisions, strict=True)
    for _, group in groupby(pairs, key=lambda pair: pair[0].value_day.year):
        year = list(group)
        numbers = take_numbers(
            company_id=merchant.community.company_id,
            prefix=policy.receipt_prefix,
            day=year[0][0].value_day,
            count=len(year),
        )
        for (one, decision), number in zip(year, numbers, strict=True):
            primary = owners[next(iter(one.chosen))]
            booked.append(_Booked(one, next(keys), number, primary, decision))
    return booked


def _write_receipts(
    merchant: MerchantAccount, booked: Sequence[_Booked], policy: PaymentPolicy, now: datetime
) -> None:
    count = len(booked)
    copy_rows(
        Receipt._meta.db_table,
        {
            "id": [one.receipt_id for one in booked],
            "company_id": [merchant.community.company_id] * count,
            "community_id": [merchant.community_id] * count,
            "account_id": [one.account_id for one in booked],
            "number": [one.number for one in booked],
            "channel": [merchant.gateway] * count,
            "gateway": [merchant.gateway] * count,
            "transaction_id": [one.plain.result.transaction_id for one in booked],
            "reference": [""] * count,
            "intent_id": [one.plain.intent.pk for one in booked],
            "payer_id": [one.plain.intent.payer_id for one in booked],
            "amount": [one.plain.intent.amount for one in booked],
            "paid_at": [one.plain.paid_at for one in booked],
            "value_day": [one.plain.value_day for one in booked],
            "order": [policy.order] * count,
            "was_chosen": [True] * count,
            "taken_by": [""] * count,
            "written_at": [now] * count,
        },
    )


def _write_allocations(booked: Sequence[_Booked], held: Held, now: datetime) -> None:
    rows = [(one, line_id, fen) for one in booked for line_id, fen in one.decision.parts.items()]
    columns = AllocationColumns(
        line_ids=np.array([line_id for _, line_id, _ in rows], dtype=np.int64),
        amounts_fen=np.array([fen for _, _, fen in rows], dtype=np.int64),
        value_days=[one.plain.value_day for one, _, _ in rows],
        sources=[one.source for one, _, _ in rows],
    )
    record_allocations_in_bulk(columns=columns, now=now, held=held)


def _charge_late_fees(
    booked: Sequence[_Booked], lines: Sequence[OpenLine], held: Held, now: datetime
) -> None:
    """Charge the late fee of what was met, one value day after the other as the money came."""
    clauses = Clauses({account.community_id for account in held.accounts.values()})
    line_of = {line.line_id: line for line in lines}
    for day, group in groupby(booked, key=lambda one: one.plain.value_day):
        met = {line_id: line_of[line_id] for one in group for line_id in one.decision.parts}
        accounts = {line.account_id: held.accounts[line.account_id] for line in met.values()}
        charge_at_payment(accounts=accounts, as_of=day, now=now, met=met.values(), clauses=clauses)


def _write_prepayments(booked: Sequence[_Booked], now: datetime) -> None:
    PrepaymentEntry.objects.bulk_create(
        PrepaymentEntry(
            account_id=account_id,
            amount=to_yuan(fen),
            value_day=one.plain.value_day,
            source=one.source,
            written_at=now,
        )
        for one in booked
        for account_id, fen in one.decision.rest.items()
    )


def _post(merchant: MerchantAccount, booked: Sequence[_Booked], owners: Mapping[int, int]) -> None:
    books = {"company_id": merchant.community.company_id, "community_id": merchant.community_id}
    first = get_first_open_day(**books)
    post_many(
        **books,
        kind=ENTRY_KIND,
        postings=[
            Posting(
                max(one.plain.value_day, first),
                one.source,
                make_legs(merchant.gateway, one.decision, owners),
                one.number,
            )
            for one in booked
        ],
    )


def _close_intents(booked: Sequence[_Booked], now: datetime) -> None:
    Intent.objects.filter(pk__in=[one.plain.intent.pk for one in booked]).update(
        state=IntentState.PAID,
        last_word=PaymentState.SUCCESS.value,
        finished_at=Coalesce("finished_at", now),
        next_query_at=None,
    )
