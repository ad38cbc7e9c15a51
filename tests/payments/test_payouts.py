"""Deposits and prepayment: taken, kept in part, given back; always by two people, never more than we hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.requests import RequestDecidedError
from billing.services.approval import SamePersonError
from billing.services.deciding import NotYoursError, OverLimitError
from core.invariants import check_all
from core.reasons import ReasonMissingError
from ledger import chart
from ledger.selectors import get_balance
from payments.models import Channel, Deposit, DepositKind, Payout, PayoutKind, PrepaymentEntry
from payments.selectors.deposits import get_held, list_deposits
from payments.services.booking import Incoming, book_receipt
from payments.services.cash_desk import NotTakenError
from payments.services.deposits import DepositDraft, take_deposit
from payments.services.payouts import (
    MoreThanHeldError,
    OddPayoutError,
    PayoutDraft,
    approve_payout,
    open_payout,
    refuse_payout,
    withdraw_payout,
)
from tests.payments.world import NOW, World, make_world
from tests.races import all_at_once, no_locks
from tests.staff import hire
from users.models import User
from users.roles import Role

DAY = date(2026, 11, 19)
CASH = Channel.CASH


@pytest.fixture
def clerk(world: World) -> User:
    return hire(Role.CASHIER, world.community, "clerk")


@pytest.fixture
def manager(world: World) -> User:
    return hire(Role.MANAGER, world.community, "manager")


def take(world: World, by: User, amount: str = "2000.00") -> Deposit:
    draft = DepositDraft(DepositKind.RENOVATION, Decimal(amount), CASH)
    return take_deposit(account=world.accounts[0], draft=draft, by=by, now=NOW)


def prepay(world: World, amount: str, meant_for: int | None = None) -> None:
    account = world.accounts[0].pk
    money = Incoming(account, CASH, Decimal(amount), NOW, chosen={}, meant_for=meant_for)
    book_receipt(incoming=money, now=NOW)


def ask(world: World, by: User, kind: PayoutKind, amount: str, deposit: Deposit | None = None) -> Payout:
    channel = None if kind == PayoutKind.DEDUCTION else CASH
    draft = PayoutDraft(kind, Decimal(amount), "装修验收完成", channel)
    return open_payout(account=world.accounts[0], draft=draft, by=by, now=NOW, deposit=deposit)


def approve(payout: Payout, by: User) -> Payout:
    return approve_payout(payout=payout, by=by, day=DAY, now=NOW)


def test_take_deposit_is_held_and_no_income(world: World, clerk: User) -> None:
    deposit = take(world, clerk)
    assert deposit.number == "YJ2026-000001"
    assert get_held(deposit.pk) == Decimal("2000.00")
    assert get_balance(code=chart.DEPOSIT, charge_account_id=world.accounts[0].pk) == Decimal("-2000.00")
    assert get_balance(code=chart.CASH) == Decimal("2000.00")


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "0.001", "1000000.01"])
def test_take_deposit_refuses_odd_amounts(world: World, clerk: User, amount: str) -> None:
    with pytest.raises(NotTakenError):
        take(world, clerk, amount)


@pytest.mark.parametrize(
    "statement", ["UPDATE payments_deposit SET amount = 1", "DELETE FROM payments_deposit"]
)
def test_a_deposit_never_changes(world: World, clerk: User, statement: str) -> None:
    take(world, clerk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_deposit_is_kept_in_part_and_the_rest_given_back(world: World, clerk: User, manager: User) -> None:
    deposit = take(world, clerk)
    approve(ask(world, clerk, PayoutKind.DEDUCTION, "350.00", deposit), manager)
    approve(ask(world, clerk, PayoutKind.REFUND, "1650.00", deposit), manager)
    assert get_held(deposit.pk) == Decimal("0.00")
    assert get_balance(code=chart.OTHER_INCOME) == Decimal("-350.00")
    assert get_balance(code=chart.CASH) == Decimal("350.00")
    assert get_balance(code=chart.DEPOSIT) == Decimal("0.00")


def test_list_deposits_tells_what_is_left_in_one_query(
    world: World, clerk: User, manager: User, django_assert_num_queries: Any
) -> None:
    for amount in ("100.00", "200.00", "300.00"):
        take(world, clerk, amount)
    deposit = Deposit.objects.get(amount=Decimal("300.00"))
    approve(ask(world, clerk, PayoutKind.REFUND, "120.00", deposit), manager)
    seen = User.objects.get(pk=manager.pk)
    assert seen.scope.community_ids
    with django_assert_num_queries(1):
        held = [row.held for row in list_deposits(seen)]
    assert held == [Decimal("180.00"), Decimal("200.00"), Decimal("100.00")]


def test_prepayment_is_given_back_on_moving_out(world: World, clerk: User, manager: User) -> None:
    parking = world.community.fee_items.get(code="parking")
    prepay(world, "100.00")
    prepay(world, "50.00", parking.pk)
    approve(ask(world, clerk, PayoutKind.PREPAYMENT, "120.00"), manager)
    assert PrepaymentEntry.objects.filter(fee_item=None).balance() == Decimal("0.00")
    assert PrepaymentEntry.objects.filter(fee_item=parking).balance() == Decimal("30.00")
    assert get_balance(code=chart.CASH) == Decimal("30.00")


@pytest.mark.parametrize("kind", [PayoutKind.REFUND, PayoutKind.DEDUCTION])
def test_more_than_the_deposit_holds_is_refused(world: World, clerk: User, kind: PayoutKind) -> None:
    deposit = take(world, clerk)
    with pytest.raises(MoreThanHeldError):
        ask(world, clerk, kind, "2000.01", deposit)
    ask(world, clerk, kind, "2000.00", deposit)


def test_more_prepayment_than_there_is_is_refused(world: World, clerk: User) -> None:
    prepay(world, "100.00")
    with pytest.raises(MoreThanHeldError):
        ask(world, clerk, PayoutKind.PREPAYMENT, "100.01")


def test_approve_payout_looks_again(world: World, clerk: User, manager: User) -> None:
    deposit = take(world, clerk)
    first, second = (ask(world, clerk, PayoutKind.REFUND, "1500.00", deposit) for _ in range(2))
    approve(first, manager)
    with pytest.raises(MoreThanHeldError):
        approve(second, manager)


def test_open_payout_says_which_way_the_money_goes(world: World, clerk: User) -> None:
    deposit = take(world, clerk)
    account = world.accounts[0]
    odd = [
        (PayoutDraft(PayoutKind.REFUND, Decimal("1.00"), "退"), deposit),
        (PayoutDraft(PayoutKind.DEDUCTION, Decimal("1.00"), "扣", CASH), deposit),
        (PayoutDraft(PayoutKind.REFUND, Decimal("0.00"), "退", CASH), deposit),
        (PayoutDraft(PayoutKind.REFUND, Decimal("1.00"), "退", CASH), None),
        (PayoutDraft(PayoutKind.PREPAYMENT, Decimal("1.00"), "退", CASH), deposit),
    ]
    for draft, of in odd:
        with pytest.raises(OddPayoutError):
            open_payout(account=account, draft=draft, by=clerk, now=NOW, deposit=of)
    blank = PayoutDraft(PayoutKind.REFUND, Decimal("1.00"), " ", CASH)
    with pytest.raises(ReasonMissingError):
        open_payout(account=account, draft=blank, by=clerk, now=NOW, deposit=deposit)


def test_payouts_need_another_person_within_the_limit(world: World, clerk: User, manager: User) -> None:
    deposit = take(world, clerk, "5000.00")
    own = ask(world, manager, PayoutKind.REFUND, "10.00", deposit)
    with pytest.raises(SamePersonError):
        approve(own, manager)
    large = ask(world, clerk, PayoutKind.REFUND, "2000.01", deposit)
    with pytest.raises(OverLimitError):
        approve(large, manager)
    assert get_held(deposit.pk) == Decimal("5000.00")


def test_a_payout_is_refused_with_a_reason_or_withdrawn(world: World, clerk: User, manager: User) -> None:
    deposit = take(world, clerk)
    first, second = (ask(world, clerk, PayoutKind.REFUND, "10.00", deposit) for _ in range(2))
    with pytest.raises(ReasonMissingError):
        refuse_payout(payout=first, by=manager, now=NOW, note="")
    assert refuse_payout(payout=first, by=manager, now=NOW, note="还没验收").state == "refused"
    with pytest.raises(NotYoursError):
        withdraw_payout(payout=second, by=manager, now=NOW)
    assert withdraw_payout(payout=second, by=clerk, now=NOW).state == "withdrawn"
    with pytest.raises(RequestDecidedError):
        approve(second, manager)


@pytest.mark.django_db
def test_what_is_taken_is_held_kept_or_given_back() -> None:
    """The law: over any number of deposits and payouts the books hold exactly what is left."""
    world = make_world()
    clerk = hire(Role.CASHIER, world.community, "clerk")
    admin = hire(Role.COMPANY_ADMIN, world.community, "admin")

    @settings(deadline=None, max_examples=25)
    @given(taken=st.integers(1, 10**6), parts=st.lists(st.tuples(st.booleans(), st.integers(1, 10**6))))
    def law(taken: int, parts: list[tuple[bool, int]]) -> None:
        deposit, left = take(world, clerk, f"{Decimal(taken).scaleb(-2)}"), taken
        for is_kept, fen in parts:
            kind = PayoutKind.DEDUCTION if is_kept else PayoutKind.REFUND
            amount = f"{Decimal(fen).scaleb(-2)}"
            if fen > left:
                with pytest.raises(MoreThanHeldError):
                    ask(world, clerk, kind, amount, deposit)
            else:
                approve(ask(world, clerk, kind, amount, deposit), admin)
                left -= fen
        assert get_held(deposit.pk) == Decimal(left).scaleb(-2)
        assert check_all() == []

    law()


# Two approvals at once ----------------------------------------------------------------------------------


@pytest.fixture
def town(transactional_db: None) -> World:
    return make_world("town")


def approve_twice(town: World) -> list[Any]:
    clerk = hire(Role.CASHIER, town.community, "clerk")
    admins = [hire(Role.COMPANY_ADMIN, town.community, f"admin{number}") for number in (1, 2)]
    payout = ask(town, clerk, PayoutKind.REFUND, "500.00", take(town, clerk))
    return all_at_once(*[lambda by=admin: approve(payout, by) for admin in admins])


def test_two_approvals_of_a_payout_at_once_are_one(town: World) -> None:
    results = approve_twice(town)
    assert sorted(type(result).__name__ for result in results) == ["Payout", "RequestDecidedError"]
    assert get_balance(code=chart.CASH) == Decimal("1500.00")


def test_two_approvals_of_a_payout_without_the_lock_get_as_far_as_the_books(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: both are let through to the journal, and only its unique source keeps the money here."""
    with no_locks(monkeypatch, "payments.payout.looked"):
        results = approve_twice(town)
    assert "RequestDecidedError" not in {type(result).__name__ for result in results}
