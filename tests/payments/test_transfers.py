"""The seller's prepayment and deposits on a transfer: passed on or asked back, after his open bills, exactly once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing.models import ChargeAccount, UnitChange
from billing.selectors.hand_over import hand_over_sheet
from billing.selectors.outstanding import account_balance
from billing.services.changes import approve_change, request_change
from billing.services.run import bill_period
from core.events import list_subscribers
from core.invariants import check_all
from core.models import OutboxEvent
from core.periods import Period
from estates.models import Unit
from ledger import chart
from ledger.selectors import get_balance
from payments.events import settle_with_seller
from payments.models import Channel, Deposit, DepositKind, Payout, PrepaymentEntry, TransferSettlement
from payments.selectors.deposits import get_held, list_deposits
from payments.selectors.prepayments import get_balance_of, list_purses, list_statement
from payments.services.booking import Incoming, book_receipt
from payments.services.deposits import DepositDraft, take_deposit
from payments.services.payouts import PayoutDraft, approve_payout, open_payout
from payments.services.transfers import settle_transfer, settle_transfers
from tests.billing.village import Village
from users.models import User
from users.roles import Role
from users.services.staff import grant_role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
DAY = date(2026, 11, 20)
SOLD = date(2026, 11, 16)
WATER = "水费"


@pytest.fixture
def village() -> Village:
    """A flat billed 210.49 for November, half of which falls to the buyer from the 16th on."""
    village = Village()
    village.tariff(village.fee("物业费"), "area", "2.35")
    village.fee(WATER)
    village.unit("8-301", "89.57")
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="t")
    return village


@pytest.fixture
def clerk(village: Village) -> User:
    return make_person(village, "qiantai", Role.CASHIER)


@pytest.fixture
def manager(village: Village) -> User:
    return make_person(village, "jingli", Role.MANAGER)


def make_person(village: Village, name: str, role: Role) -> User:
    user: User = User.objects.create(username=name, is_staff=True)
    grant_role(user=user, role=role, company=village.company, community=village.community, by=None)
    return user


def prepay(amount: str, meant_for: int | None = None) -> None:
    money = Incoming(seller().pk, Channel.CASH, Decimal(amount), NOW, chosen={}, meant_for=meant_for)
    book_receipt(incoming=money, now=NOW)


def deposit(by: User, amount: str = "2000.00") -> Deposit:
    draft = DepositDraft(DepositKind.RENOVATION, Decimal(amount), Channel.CASH)
    return take_deposit(account=seller(), draft=draft, by=by, now=NOW)


def seller() -> ChargeAccount:
    return ChargeAccount.objects.get(payer__name__startswith="张三")


def buyer() -> ChargeAccount:
    return ChargeAccount.objects.get(payer__name="王五")


def sell(clerk: User, manager: User, *, first_day: date = SOLD, **agreed: str) -> UnitChange:
    """Transfer the flat, and hear the news of it as a worker would."""
    unit = Unit.objects.select_related("community").get(code="8-301")
    change = UnitChange(
        community=unit.community, unit=unit, kind="transfer", first_day=first_day, name="王五",
        phone="13800138000", reason="买卖合同", **agreed,
    )  # fmt: skip
    request_change(change=change, by=clerk, now=NOW)
    approve_change(change=change, by=manager, now=NOW)
    event = OutboxEvent.objects.get(name="billing.unit_transferred")
    settle_with_seller(**event.payload)
    return UnitChange.objects.get(pk=change.pk)


def told(change: UnitChange) -> list[tuple[str, str, str, str]]:
    """What the hand-over statement says of the seller's money."""
    rows = hand_over_sheet(change, DAY).holdings
    return [(row.name, row.agreed, row.done, str(row.amount)) for row in rows]


def test_payments_listens() -> None:
    assert "payments.events.settle_with_seller" in list_subscribers("billing.unit_transferred")


def test_prepayment_goes_with_the_unit_after_the_open_bills(clerk: User, manager: User) -> None:
    prepay("500.00")
    change = sell(clerk, manager, prepayment="go")
    # 210.49 less the buyer's 105.24 is 105.25 of the seller's; 500.00 − 105.25 = 394.75 goes on
    assert account_balance(seller().pk).outstanding == Decimal("0.00")
    assert (get_balance_of(seller().pk), get_balance_of(buyer().pk)) == (Decimal("0.00"), Decimal("394.75"))
    assert get_balance(code=chart.PREPAYMENT, charge_account_id=buyer().pk) == Decimal("-394.75")
    assert get_balance(code=chart.PREPAYMENT, charge_account_id=seller().pk) == Decimal("0.00")
    assert told(change) == [
        ("预存", "随房转给新业主", "已抵交卖方未交的账单", "105.25"),
        ("预存", "随房转给新业主", "2026年11月20日已转给买方", "394.75"),
    ]
    assert check_all() == []


def test_statements_of_both_accounts_agree(clerk: User, manager: User) -> None:
    prepay("500.00")
    sell(clerk, manager, prepayment="go")
    assert [(row.words, str(row.amount), str(row.balance)) for row in list_statement(seller())[:2]] == [
        ("随房转给新业主", "-394.75", "0.00"),
        ("抵扣账单", "-105.25", "394.75"),
    ]
    assert [(row.words, str(row.amount), str(row.balance)) for row in list_statement(buyer())] == [
        ("随房转入", "394.75", "394.75")
    ]


def test_money_meant_for_a_fee_item_stays_meant_for_it(clerk: User, manager: User, village: Village) -> None:
    water = village.community.fee_items.get(code=WATER)
    prepay("60.00", water.pk)
    prepay("105.25")
    sell(clerk, manager, prepayment="go")
    assert [(purse.name, str(purse.amount)) for purse in list_purses(buyer().pk)] == [(WATER, "60.00")]
    assert list_purses(seller().pk) == []


def test_prepayment_is_asked_back_for_a_second_person(clerk: User, manager: User) -> None:
    prepay("500.00")
    change = sell(clerk, manager, prepayment="refund")
    payout = Payout.objects.get()
    assert (str(payout.amount), payout.channel, payout.requested_by, payout.state) == (
        "394.75", Channel.TRANSFER, clerk, "requested",
    )  # fmt: skip
    assert get_balance_of(seller().pk) == Decimal("394.75")
    assert told(change)[1] == ("预存", "退还", "已申请退还，等待审批", "394.75")
    approve_payout(payout=payout, by=manager, day=DAY, now=NOW)
    assert get_balance(code=chart.BANK) == Decimal("-394.75")
    assert told(change)[1] == ("预存", "退还", "2026年11月20日已退还", "394.75")
    assert check_all() == []


def test_what_is_asked_back_already_is_not_asked_twice(clerk: User, manager: User) -> None:
    prepay("500.00")
    waiting = PayoutDraft("prepayment", Decimal("94.75"), "急用", Channel.CASH)  # type: ignore[arg-type]
    open_payout(account=seller(), draft=waiting, by=clerk, now=NOW)
    sell(clerk, manager, prepayment="refund")
    assert sorted(Payout.objects.values_list("amount", flat=True)) == [Decimal("94.75"), Decimal("300.00")]


def test_a_file_without_a_person_behind_it_asks_in_the_name_of_who_agreed(manager: User) -> None:
    deposit(manager)
    sell("import_changes", manager, deposits="refund")  # type: ignore[arg-type]
    assert Payout.objects.get().requested_by == manager


def test_deposits_go_with_the_unit_under_a_new_number(clerk: User, manager: User) -> None:
    old = deposit(clerk)
    part = PayoutDraft("deduction", Decimal("350.00"), "墙面损坏")  # type: ignore[arg-type]
    kept = open_payout(account=seller(), draft=part, by=clerk, now=NOW, deposit=old)
    approve_payout(payout=kept, by=manager, day=DAY, now=NOW)
    change = sell(clerk, manager, deposits="go")
    new = Deposit.objects.get(account=buyer())
    assert (new.number, str(new.amount), new.taken_over, new.taken_by) == (
        "YJ2026-000002", "1650.00", old, "jingli",
    )  # fmt: skip
    assert (get_held(old.pk), get_held(new.pk)) == (Decimal("0.00"), Decimal("1650.00"))
    assert get_balance(code=chart.DEPOSIT, charge_account_id=seller().pk) == Decimal("0.00")
    assert get_balance(code=chart.DEPOSIT, charge_account_id=buyer().pk) == Decimal("-1650.00")
    assert get_balance(code=chart.CASH) == Decimal("2000.00")
    assert told(change) == [
        (
            "装修押金 YJ2026-000001",
            "随房转给新业主",
            "2026年11月20日已转给买方，新编号 YJ2026-000002",
            "1650.00",
        )
    ]
    assert [row.passed_on for row in list_deposits(User.objects.get(pk=manager.pk))] == [None, new.number]
    assert check_all() == []
    assert check_all(as_of=DAY - timedelta(days=1)) == []


def test_each_deposit_is_asked_back_by_itself(clerk: User, manager: User) -> None:
    deposit(clerk)
    deposit(clerk, "50.00")
    sell(clerk, manager, deposits="refund")
    rows = Payout.objects.order_by("pk").values_list("kind", "amount", "deposit__number")
    assert list(rows) == [
        ("refund", Decimal("2000.00"), "YJ2026-000001"),
        ("refund", Decimal("50.00"), "YJ2026-000002"),
    ]


def test_money_that_stays_is_left_alone_and_told(clerk: User, manager: User) -> None:
    prepay("500.00")
    change = sell(clerk, manager)
    assert not TransferSettlement.objects.exists()
    assert get_balance_of(seller().pk) == Decimal("500.00")
    assert told(change) == [("预存", "留给原业主", "—", "500.00")]


def test_settled_twice_is_settled_once(clerk: User, manager: User) -> None:
    prepay("500.00")
    deposit(clerk)
    change = sell(clerk, manager, prepayment="go", deposits="refund")
    before = (PrepaymentEntry.objects.count(), Payout.objects.count())
    settle_with_seller(change_id=change.pk)
    assert settle_transfer(change=change, day=DAY, now=NOW) == TransferSettlement.objects.get()
    assert settle_transfers(day=DAY, now=NOW) == 0
    assert (PrepaymentEntry.objects.count(), Payout.objects.count()) == before


def test_a_transfer_to_come_waits_for_its_night(clerk: User, manager: User) -> None:
    prepay("500.00")
    change = sell(clerk, manager, first_day=date(2026, 12, 1), prepayment="go")
    assert told(change) == [("预存", "随房转给新业主", "2026年12月1日起办理", "500.00")]
    assert settle_transfers(day=date(2026, 11, 30), now=NOW) == 0
    assert settle_transfers(day=date(2026, 12, 1), now=NOW) == 1
    # all of November is the seller's: 500.00 − 210.49
    assert get_balance_of(buyer().pk) == Decimal("289.51")


def test_a_refused_transfer_moves_nothing(clerk: User, manager: User) -> None:
    prepay("500.00")
    change = sell(clerk, manager, prepayment="go")
    UnitChange.objects.filter(pk=change.pk).update(state="refused")
    change.refresh_from_db()
    assert settle_transfer(change=change, day=DAY, now=NOW) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_transfersettlement SET settled_on = '2020-01-01'",
        "DELETE FROM payments_transfersettlement",
    ],
)
def test_a_settlement_never_changes(clerk: User, manager: User, statement: str) -> None:
    sell(clerk, manager, prepayment="go")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
