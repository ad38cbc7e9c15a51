"""One figure, one function: whoever says what an account owes says the same, to the fen, all over a demo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from time_machine import travel

from billing.links import PayLink
from billing.models import Bill, ChargeAccount, Discount, DiscountKind, RequestKind, Waiver
from billing.notices.bills import judge_by_bills
from billing.pages.bills import bill_page
from billing.selectors.on_time import find_offer
from billing.selectors.outstanding import account_balances
from billing.selectors.sheets import list_bill_sheets
from billing.selectors.statement import get_statement
from core.money import to_yuan
from core.periods import Period
from dashboards.domain.cuts import Cut
from dashboards.selectors.facts import Sight, get_facts
from estates.models import Community
from messaging.channels import switchboard
from messaging.domain.verdict import Go
from messaging.models import OutboundMessage
from payments.models import PrepaymentEntry
from payments.selectors.desk import get_desk_account
from portal.readers import Guest
from portal.selectors.home import home_page
from simulation.selectors import measure_story
from simulation.services.founding import CODE, Founded
from simulation.services.story import Plot, tell_story
from tests.billing.discounts import make_rule
from tests.recomputation.desk import Desk, list_open, on
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
    found = Community.objects.get(code=CODE)
    reduce_what_is_owed(found, state)
    yield found
    switchboard.list_channels.cache_clear()


def reduce_what_is_owed(community: Community, folder: Path) -> None:
    """Add what the demo has not: a discount earned in time, a year ahead with its gift, a waiver, an empty flat."""
    make_rule(community, DiscountKind.ON_TIME, percent=Decimal("2.00"))
    staff = (User.objects.get(username=name) for name in ("cashier", "manager"))
    desk = Desk(Founded(community, *staff))
    in_time, ahead, waived, vacant = list_unpaid_bills(community)[:4]
    parts = list_open(in_time)
    day = in_time.due_on
    desk.pay(in_time.account, parts, day, sum(parts.values()) - find_offer(in_time, day))
    desk.pay_ahead(ahead.account, "wuye", ahead.period_start)
    desk.use(ahead.account, day)
    desk.forgive(RequestKind.WAIVER, min(list_open(waived), key=lambda line: line.pk), "10.00", day)
    rows = f"kind,unit,from,to,value,name,phone,reason\nvacancy,{vacant.account.unit.code},2026-10-06,,0.7,,,空置\n"
    (folder / "changes.csv").write_text(rows, encoding="utf-8")
    with travel(on(PLOT.until), tick=False):
        call_command(
            "import_changes",
            f"{folder / 'changes.csv'}",
            community=CODE,
            approved_by="manager",
            stdout=StringIO(),
        )


def list_unpaid_bills(community: Community) -> list[Bill]:
    """The bills of the last month with a property fee that nobody has paid anything of."""
    bills = Bill.objects.filter(
        community=community, period_start=PLOT.until.replace(day=1), schedule="regular"
    )
    fresh = bills.filter(lines__fee_item__code="wuye", account__end=None).exclude(
        lines__allocations__isnull=False
    )
    return list(
        fresh.select_related("account__unit", "account__payer", "community").distinct().order_by("pk")
    )


def test_every_account_owes_the_same_wherever_it_is_said(community: Community) -> None:
    accounts = list(ChargeAccount.objects.filter(community=community).order_by("pk"))
    owed = account_balances([account.pk for account in accounts], PLOT.until)
    expected = {pk: balance.outstanding for pk, balance in owed.items()}
    assert any(expected.values())
    assert {"discount", "waiver", "correction"} <= set(Waiver.objects.values_list("kind", flat=True))
    assert Discount.objects.filter(ahead=None).exists()
    assert Discount.objects.exclude(ahead=None).exists()
    assert PrepaymentEntry.objects.filter(amount__lt=0).exists()
    assert on_statements(accounts) == expected
    assert on_bill_pages(accounts) == expected
    assert on_paper(accounts) == expected
    assert in_reminders(accounts) == expected
    assert on_phones(accounts) == expected
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
    """What a message about all bills of an account would say at this moment; none leaves where nothing is open."""
    bills: dict[int, list[int]] = defaultdict(list)
    for account_id, bill_id in Bill.objects.filter(account__in=accounts).values_list("account", "pk"):
        bills[account_id].append(bill_id)
    messages = [
        OutboundMessage(pk=account_id, subjects={"bills": of_account}, language="en")
        for account_id, of_account in bills.items()
    ]
    verdicts = judge_by_bills(messages, on(PLOT.until))
    said = {pk: verdict.values["amount"] for pk, verdict in verdicts.items() if isinstance(verdict, Go)}
    return {account.pk: Decimal(said.get(account.pk, "0.00").replace(",", "")) for account in accounts}


def on_desks(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    lines = (line for account in accounts for bill in get_desk_account(account).bills for line in bill.lines)
    return summed(accounts, ((line.account_id, line.outstanding) for line in lines))


def on_phones(accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    """What the payer of an account finds behind a link to all its bills."""

    def total(account: ChargeAccount) -> Decimal:
        link = PayLink(tuple(account.bills.values_list("pk", flat=True)), None)
        return home_page(Guest("token", link, on(PLOT.until), elder=False)).total

    return {account.pk: total(account) for account in accounts}


def in_dashboards(community: Community, accounts: list[ChargeAccount]) -> dict[int, Decimal]:
    """What the overview adds up, bill by bill: those of its month, and older ones with something open."""
    cut = Cut.of_month(Period.of_month(PLOT.until), PLOT.until)
    bills = get_facts(Sight([community.pk]), cut, months=1).now
    account_of = dict(Bill.objects.values_list("pk", "account_id"))
    fen = zip(bills.index.tolist(), bills["open"].tolist(), strict=True)
    return summed(accounts, ((account_of[bill_id], to_yuan(amount)) for bill_id, amount in fen))


def summed(accounts: list[ChargeAccount], pairs: Iterator[tuple[int, Decimal]]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for account_id, amount in pairs:
        sums[account_id] += amount
    return {account.pk: sums[account.pk] for account in accounts}
