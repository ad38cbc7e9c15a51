"""What one payment asks of the database: a small number of statements, whatever the payer owed before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import ChargeAccount, ChargeLine, LateFeePolicy
from billing.selectors.outstanding import account_balance, open_lines
from payments.models import Channel
from payments.services.booking import Incoming, book_receipt
from payments.services.intents import create_intent
from payments.services.settlement import settle
from tests.payments.world import NOW, World, heard

LATE = date(2026, 10, 20)
"""Thirty days before the payments: at 0.05 % a day 1.5 % of what was due."""


@pytest.fixture
def charging(world: World) -> World:
    """A community that charges late fee with payments, and did so before: its fee item is open already."""
    LateFeePolicy.objects.create(
        community=world.community, start=date(2026, 1, 1), percent=Decimal("0.05"), grace_days=0
    )
    world.bill(world.accounts[2], "1000.00", due=LATE)
    pay_by_wechat(world, world.accounts[2])
    return world


def owe(world: World, account: ChargeAccount, months: int) -> list[ChargeLine]:
    """Bills of so many months, two lines each, all of them late; the newest first."""
    due_days = [LATE - timedelta(days=30 * number) for number in range(months)]
    return [line for due in due_days for line in world.bill(account, "1000.00", "20.00", due=due)]


def pay_by_wechat(world: World, account: ChargeAccount) -> int:
    """The platform says that an order for all that is open of an account is paid; return the statements it took."""
    wanted = dict.fromkeys(line.line_id for line in open_lines(account_ids=[account.pk]))
    word = heard(create_intent(wanted=wanted, gateway="wechat", now=NOW), paid_at=NOW)
    with CaptureQueriesContext(connection) as queries:
        settle(merchant=world.wechat, result=word, now=NOW)
    return count_statements(queries)


def pay_at_the_desk(account: ChargeAccount, amount: str) -> int:
    """Cash that nobody directed; return the statements it took."""
    incoming = Incoming(account.pk, Channel.CASH, Decimal(amount), NOW)
    with CaptureQueriesContext(connection) as queries:
        book_receipt(incoming=incoming, now=NOW)
    return count_statements(queries)


def count_statements(queries: CaptureQueriesContext) -> int:
    """All but the marks of nested transactions, which ask nothing."""
    return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries)


def test_a_payment_by_wechat_with_late_fee_takes_forty_statements(charging: World) -> None:
    """The order, its receipt and parts 3; locks and open lines 4; five rules (order of payment, discounts on time,
    late-fee clause, working days, tolerance) 5; late lines with payments, reductions, pauses and charges 5; the late
    fee's item 1, day 1, bill (key, row, lines, charges) 4, entry (day, accounts, head, legs) 4, trail and news 2;
    number and receipt 2; a second look, allocations and their trail 3; the entry 4; news 1; the order's state 1.
    """
    account = charging.accounts[0]
    owe(charging, account, 1)
    assert pay_by_wechat(charging, account) == 40
    assert account_balance(account.pk).outstanding == Decimal("15.30")


def test_a_payment_by_wechat_of_a_year_takes_no_more_statements(charging: World) -> None:
    owe(charging, charging.accounts[0], 1)
    owe(charging, charging.accounts[1], 12)
    month, year = (pay_by_wechat(charging, account) for account in charging.accounts[:2])
    assert month == year


def test_cash_at_the_desk_with_late_fee_takes_thirty_six_statements(charging: World) -> None:
    """No order and no places of lines to look up (5 less than by WeChat); late fees that are open look for their
    principals (1 more).
    """
    account = charging.accounts[0]
    owe(charging, account, 1)
    assert pay_at_the_desk(account, "1035.30") == 36
    assert account_balance(account.pk).outstanding == Decimal("0.00")


def test_cash_at_the_desk_takes_one_statement_more_after_a_year_of_late_payments(charging: World) -> None:
    """What of the late fees charged before was taken back is looked up at once, however many they are."""
    once, often = charging.accounts[:2]
    owe(charging, once, 1)
    owe(charging, often, 12)
    for account in (once, often):
        pay_by_wechat(charging, account)
        pay_at_the_desk(account, str(account_balance(account.pk).outstanding))
        owe(charging, account, 1)
    assert [pay_at_the_desk(account, "1035.30") for account in (once, often)] == [37, 37]
