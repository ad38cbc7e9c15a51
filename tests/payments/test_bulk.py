"""A platform's bill, settled by the thousand, comes out as if settled row by row."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.models import OutboxEvent
from ledger.models import JournalLeg
from ledger.selectors import trial_balance
from payments.gateways.interface import BEIJING, BillRecord, RecordKind
from payments.models import Intent, IntentState, MerchantAccount, PaymentException, PrepaymentEntry, Receipt
from payments.services.bulk import BulkSettled, result_of, settle_in_bulk
from payments.services.history import PastWish, create_intents_in_bulk
from payments.services.settlement import settle
from tests.payments.world import NOW, World, make_world

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=BEIJING)


def record(number: str, amount: str, *, row: int = 2, minute: int = 0, **changes: Any) -> BillRecord:
    facts: dict[str, Any] = {
        "row": row,
        "kind": RecordKind.PAYMENT,
        "order_number": number,
        "transaction_id": f"T{number[-12:]}",
        "happened_at": NOON + timedelta(minutes=minute),
        "amount": Decimal(amount),
        "fee": Decimal("0.06"),
    }
    return BillRecord(**facts | changes)


def wish(world: World, amounts: dict[Any, str]) -> PastWish:
    return PastWish({line.pk: Decimal(amount) for line, amount in amounts.items()}, NOON)


def a_day(world: World) -> list[BillRecord]:
    """Every kind of row: plain, of two units, in part, of a bill paid by another row, and all that is wrong."""
    first, lift = world.bill(world.accounts[0], "200.00", "9.45")
    (second,) = world.bill(world.accounts[1], "100.00")
    (third,) = world.bill(world.accounts[2], "80.00")
    wishes = [
        wish(world, {first: "200.00", second: "100.00"}),
        wish(world, {lift: "4.45"}),
        wish(world, {lift: "9.45", first: "200.00"}),
        wish(world, {third: "80.00"}),
        wish(world, {third: "80.00"}),
        wish(world, {third: "79.99"}),
    ]
    a, b, c, d, e, f = create_intents_in_bulk(merchant=world.wechat, wishes=wishes)
    return [
        record(a, "300.00", minute=5),
        record(b, "4.45", minute=1),
        record(c, "209.45", minute=9),
        record(d, "80.00", minute=2),
        record(d, "80.00", minute=3, transaction_id="T-second"),
        record(e, "80.01", minute=4),
        record(f, "79.99", minute=6, currency="USD"),
        record("NLnobody0001", "5.00", minute=7),
        record(b, "4.45", minute=8, kind=RecordKind.REFUND, refund_id="R1"),
    ]


def picture(world: World) -> dict[str, Any]:
    """All that a bill changes, told without keys."""
    intents = Intent.objects.filter(community=world.community).order_by("pk").values_list("pk", flat=True)
    numbers: dict[int | None, int] = {pk: at for at, pk in enumerate(intents)}
    units = {account.pk: account.unit.code for account in world.accounts}
    receipts = Receipt.objects.filter(community=world.community).order_by("number")
    return {
        "open": world.open_amounts(),
        "receipts": [
            (
                r.number,
                numbers[r.intent_id],
                r.amount,
                r.channel,
                r.value_day,
                units[r.account_id],
                r.was_chosen,
            )
            for r in receipts
        ],
        "prepaid": [
            (units[account], amount)
            for account, amount in PrepaymentEntry.objects.filter(account__in=units)
            .order_by("pk")
            .values_list("account_id", "amount")
        ],
        "books": trial_balance(company_id=world.company.pk),
        "legs": sorted(
            (leg.ledger_account.code, units.get(leg.charge_account_id or 0, ""), leg.amount, leg.entry.memo)
            for leg in JournalLeg.objects.filter(entry__company=world.company).select_related(
                "entry", "ledger_account"
            )
        ),
        "intents": list(
            Intent.objects.filter(community=world.community)
            .order_by("pk")
            .values_list("state", "last_word", "next_query_at", "finished_at")
        ),
        "desk": sorted(
            PaymentException.objects.filter(community=world.community).values_list("kind", "count")
        ),
        "news": OutboxEvent.objects.filter(name="payments.received").count(),
    }


def one_by_one(merchant: MerchantAccount, records: list[BillRecord]) -> None:
    for row in sorted(records, key=lambda r: (r.happened_at, r.row)):
        settle(merchant=merchant, result=result_of(row), now=NOW)


def test_settle_in_bulk_comes_out_as_row_by_row(db: None) -> None:
    slow = make_world("slow")
    one_by_one(slow.wechat, a_day(slow))
    expected = picture(slow)
    OutboxEvent.objects.all().delete()

    quick = make_world("quick")
    settled = settle_in_bulk(merchant=quick.wechat, records=a_day(quick), now=NOW)

    assert picture(quick) == expected
    assert settled == BulkSettled(receipts=4, amount=Decimal("593.90"), known=0, doubts=5)


def test_settle_in_bulk_twice_changes_nothing(world: World) -> None:
    records = a_day(world)
    settle_in_bulk(merchant=world.wechat, records=records, now=NOW)
    before = picture(world)
    again = settle_in_bulk(merchant=world.wechat, records=records, now=NOW)
    after = picture(world)
    assert (again.receipts, again.known, again.doubts) == (0, 4, 5)
    assert {**after, "desk": None} == {**before, "desk": None}


def test_settle_in_bulk_numbers_each_year_for_itself(world: World) -> None:
    old, new = world.bill(world.accounts[0], "1.00", "2.00")
    first, second = create_intents_in_bulk(
        merchant=world.wechat, wishes=[wish(world, {old: "1.00"}), wish(world, {new: "2.00"})]
    )
    at: dict[str, Any] = {"happened_at": datetime(2025, 12, 31, 23, 59, 59, tzinfo=BEIJING)}
    settle_in_bulk(
        merchant=world.wechat, records=[record(second, "2.00"), record(first, "1.00", **at)], now=NOW
    )
    rows = Receipt.objects.order_by("value_day").values_list("number", "value_day")
    assert list(rows) == [("SJ2025-000001", date(2025, 12, 31)), ("SJ2026-000001", date(2026, 11, 18))]


def test_settle_in_bulk_of_history_tells_nobody(world: World) -> None:
    settle_in_bulk(merchant=world.wechat, records=a_day(world), now=NOW, tell=False)
    assert Receipt.objects.count() == 4
    assert not OutboxEvent.objects.filter(name="payments.received").exists()


def test_settle_in_bulk_of_no_rows_is_nothing(world: World) -> None:
    assert settle_in_bulk(merchant=world.wechat, records=[], now=NOW) == BulkSettled(0, Decimal("0.00"), 0, 0)


def test_create_intents_in_bulk_notes_orders_the_beat_asks_about(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "100.00")
    (number,) = create_intents_in_bulk(merchant=world.wechat, wishes=[wish(world, {line: "40.00"})])
    intent = Intent.objects.get(number=number)
    assert (intent.state, intent.amount) == (IntentState.PENDING, Decimal("40.00"))
    assert intent.next_query_at == NOON + timedelta(minutes=30)
    assert dict(intent.parts.values_list("line_id", "amount")) == {line.pk: Decimal("40.00")}
