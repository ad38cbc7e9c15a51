"""One figure, one function: whoever says what an account owes says the same, to the fen, all over a demo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.conf import LazySettings

from billing.models import Bill, ChargeAccount
from billing.pages.bills import bill_page
from billing.selectors.frames import outstanding_frame
from billing.selectors.outstanding import account_balances, bills_with_outstanding, open_lines
from billing.selectors.sheets import list_bill_sheets
from billing.selectors.statement import get_statement
from core.money import to_yuan
from estates.models import Community
from messaging.channels import switchboard
from simulation.selectors import measure_story
from simulation.services.founding import CODE
from simulation.services.story import Plot, tell_story
from users.models import User

PLOT = Plot(units=18, months=2, seed=11, until=date(2026, 10, 28))
LONG_AGO = date(2020, 1, 1)
ZERO = Decimal("0.00")


@pytest.fixture
def community(
    settings: LazySettings, tmp_path_factory: pytest.TempPathFactory, transactional_db: None
) -> Iterator[Community]:
    """Two months of a small demo, with a state folder of its own."""
    settings.STATE_DIR = state = tmp_path_factory.mktemp("state")
    settings.MERCHANT_SECRETS = state / "merchants"
    settings.MESSAGE_CHANNELS = ["file"]
    switchboard.list_channels.cache_clear()
    tell_story(PLOT, tell=lambda _month: None)
    yield Community.objects.get(code=CODE)
    switchboard.list_channels.cache_clear()


def test_every_account_owes_the_same_wherever_it_is_said(community: Community) -> None:
    accounts = list(ChargeAccount.objects.filter(community=community).order_by("pk"))
    owed = account_balances([account.pk for account in accounts], PLOT.until)
    expected = {pk: balance.outstanding for pk, balance in owed.items()}
    assert any(expected.values())
    assert on_statements(accounts) == expected
    assert on_bill_pages(accounts) == expected
    assert on_paper(accounts) == expected
    assert in_reminders(accounts) == expected
    assert on_desks(accounts) == expected
    assert in_dashboards(community, accounts) == expected
    assert measure_story(community, PLOT.until)["outstanding"] == sum(expected.values(), ZERO)


def on_statements(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    return {a.pk: get_statement([a.pk], LONG_AGO, PLOT.until).figures.closing for a in accounts}


def on_bill_pages(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    staff = User.objects.create_user("reader", password="x", is_staff=True)
    pages = (
        (bill.account_id, bill_page(bill, staff, PLOT.until)["balance"].outstanding)
        for bill in Bill.objects.filter(account__in=accounts, state="issued").select_related("account")
    )
    return summed(accounts, pages)


def on_paper(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    of_number = dict(Bill.objects.values_list("number", "account_id"))
    sheets = list_bill_sheets(Bill.objects.filter(account__in=accounts), PLOT.until)
    return summed(accounts, ((of_number[sheet.number], sheet.outstanding) for sheet in sheets))


def in_reminders(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    bills = bills_with_outstanding(Bill.objects.filter(account__in=accounts))
    return summed(accounts, ((bill.account_id, bill.outstanding) for bill in bills))


def on_desks(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    lines = open_lines(as_of=PLOT.until, account_ids=[account.pk for account in accounts])
    return summed(accounts, ((line.account_id, line.outstanding) for line in lines))


def in_dashboards(community: Community, accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    frame = outstanding_frame([community.pk], PLOT.until)
    fen = zip(frame["account_id"].tolist(), frame["outstanding_fen"].tolist(), strict=True)
    return summed(accounts, ((account, to_yuan(amount)) for account, amount in fen))


def summed(accounts: list[ChargeAccount], pairs: Iterator[tuple[int, Decimal]]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for account_id, amount in pairs:
        sums[account_id] += amount
    return {account.pk: sums[account.pk] for account in accounts}
