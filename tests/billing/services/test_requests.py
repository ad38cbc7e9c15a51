"""A request changes nothing; another person within the limit makes it happen, once, to the fen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.requests import RequestDecidedError
from billing.models import (
    Bill,
    ChargeAccount,
    CorrectionPolicy,
    CorrectionRequest,
    DiscountKind,
    RequestKind,
    UnitChange,
    Waiver,
)
from billing.selectors.outstanding import account_balance
from billing.selectors.requests import count_to_decide, foresee, list_effects, may_decide
from billing.services.approval import SamePersonError
from billing.services.changes import approve_change, request_change
from billing.services.deciding import NotYoursError, OverLimitError
from billing.services.requests import (
    NothingAskedError,
    NotPossibleError,
    Wish,
    approve_request,
    open_request,
    refuse_request,
    withdraw_request,
)
from billing.services.run import bill_period
from core.invariants import check_all
from core.models import AuditRecord
from core.periods import Period
from core.reasons import ReasonMissingError
from ledger import chart
from ledger.selectors import get_balance, get_imbalance
from payments.models import Channel, PrepaymentEntry
from payments.services.booking import Incoming, book_receipt
from tests.billing.discounts import make_rule
from tests.billing.factories import issue_bill, make_account, make_community
from tests.billing.village import Village
from tests.races import all_at_once, no_locks
from tests.staff import hire
from users.models import User
from users.roles import Role

DAY = date(2026, 11, 9)
NOW = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


@pytest.fixture
def clerk(account: ChargeAccount) -> User:
    return hire(Role.CASHIER, account.community, "clerk")


@pytest.fixture
def manager(account: ChargeAccount) -> User:
    return hire(Role.MANAGER, account.community, "manager")


@pytest.fixture
def bill(account: ChargeAccount) -> Bill:
    return issue_bill(account, {"property": "240.00", "water": "89.00"})


def wish(bill: Bill, kind: RequestKind, amount: str = "40.00", reason: str = "电梯停了 6 天") -> Wish:
    line = bill.lines.get(fee_item__code="property")
    parts = {} if kind in (RequestKind.VOID, RequestKind.REISSUE) else {line.pk: Decimal(amount)}
    return Wish(kind, reason, parts)


def ask(bill: Bill, by: User, kind: RequestKind = RequestKind.WAIVER, amount: str = "40.00") -> Any:
    return open_request(bill=bill, wish=wish(bill, kind, amount), by=by, now=NOW)


def approve(request: CorrectionRequest, by: User) -> CorrectionRequest:
    return approve_request(request=request, by=by, day=DAY, now=NOW)


def owed(bill: Bill) -> Decimal:
    return account_balance(bill.account_id).outstanding


def pay(bill: Bill, amount: str) -> None:
    book_receipt(incoming=Incoming(bill.account_id, Channel.CASH, Decimal(amount), NOW), now=NOW)


def test_open_request_changes_nothing_yet(bill: Bill, clerk: User) -> None:
    request = ask(bill, clerk)
    assert (request.state, request.amount) == ("requested", Decimal("40.00"))
    assert owed(bill) == Decimal("329.00")
    assert AuditRecord.objects.get(action="billing.request_correction").reason == "电梯停了 6 天"


@pytest.mark.parametrize(
    ("kind", "owed_after"),
    [
        (RequestKind.WAIVER, "289.00"),
        (RequestKind.LESS, "289.00"),
        (RequestKind.WRITE_OFF, "289.00"),
        (RequestKind.MORE, "369.00"),
        (RequestKind.VOID, "0.00"),
    ],
)
def test_approve_request_does_what_was_foreseen(
    bill: Bill, clerk: User, manager: User, kind: RequestKind, owed_after: str
) -> None:
    outlook = foresee(bill, kind, wish(bill, kind).parts)
    approve(ask(bill, clerk, kind), manager)
    assert owed(bill) == outlook.open_after == Decimal(owed_after)


def test_approve_request_notes_who_and_when(bill: Bill, clerk: User, manager: User) -> None:
    request = approve(ask(bill, clerk), manager)
    assert (request.state, request.decided_by, request.booked_on) == ("approved", manager, DAY)
    row = Waiver.objects.get()
    assert (row.source, row.requested_by, row.approved_by) == (request.source, "clerk", "manager")
    assert list_effects(request) == ([row], [])


def test_approve_request_of_more_makes_a_correction_bill(bill: Bill, clerk: User, manager: User) -> None:
    request = approve(ask(bill, clerk, RequestKind.MORE), manager)
    ((), (more,)) = list_effects(request)
    assert (more.schedule, more.total) == ("correction", Decimal("40.00"))


def test_approve_request_on_a_paid_line_releases_the_money(bill: Bill, clerk: User, manager: User) -> None:
    pay(bill, "329.00")
    request = ask(bill, clerk)
    assert foresee(bill, RequestKind.WAIVER, wish(bill, RequestKind.WAIVER).parts).released == Decimal(
        "40.00"
    )
    approve(request, manager)
    assert owed(bill) == Decimal("0.00")
    assert PrepaymentEntry.objects.balance() == Decimal("40.00")


def test_approve_request_to_void_gives_back_money_and_waivers(bill: Bill, clerk: User, manager: User) -> None:
    approve(ask(bill, clerk), manager)
    pay(bill, "100.00")
    approve(ask(bill, clerk, RequestKind.VOID), manager)
    bill.refresh_from_db()
    assert bill.state == "void"
    assert PrepaymentEntry.objects.balance() == Decimal("100.00")
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=bill.account_id) == Decimal("0.00")
    assert get_balance(code=chart.WAIVER) == Decimal("0.00")


def test_recovery_opens_written_off_debt_in_part(bill: Bill, clerk: User, manager: User) -> None:
    approve(ask(bill, clerk, RequestKind.WRITE_OFF, "240.00"), manager)
    assert owed(bill) == Decimal("89.00")
    approve(ask(bill, clerk, RequestKind.RECOVERY, "100.00"), manager)
    assert owed(bill) == Decimal("189.00")
    assert get_balance(code=chart.WRITE_OFF) == Decimal("140.00")
    with pytest.raises(NotPossibleError):
        ask(bill, clerk, RequestKind.RECOVERY, "140.01")


@pytest.fixture
def flat(db: None) -> Bill:
    """100 m² at 1.00 for September."""
    village = Village()
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    bill_period(community=village.community, period=Period.month("2026-09"), now=NOW, by="test")
    return Bill.objects.get()


def decide(bill: Bill, kind: RequestKind, clerk: str = "clerk") -> None:
    """One person asks for it, another approves it."""
    asker = hire(Role.CASHIER, bill.account.community, clerk)
    request = open_request(bill=bill, wish=Wish(kind, "面积错了", {}), by=asker, now=NOW)
    approve(request, hire(Role.MANAGER, bill.account.community, f"manager of {clerk}"))


def measure(bill: Bill, area: int) -> None:
    """The unit of a bill was measured anew, from the first of its days on; a correction bill or reduction follows."""
    unit = bill.account.unit
    wish = UnitChange(
        community=unit.community,
        unit=unit,
        kind="area",
        first_day=bill.period_start,
        value=Decimal(area),
        reason="t",
    )
    approve_change(change=request_change(change=wish, by="anna", now=NOW), by="boris", now=NOW)


def asked_of(bill: Bill) -> Decimal:
    balance = account_balance(bill.account_id)
    return balance.amount - balance.waived


def test_reissue_takes_the_facts_of_today(flat: Bill) -> None:
    pay(flat, "60.00")
    flat.account.unit.area_m2 = Decimal(90)
    flat.account.unit.save()
    decide(flat, RequestKind.REISSUE)
    assert [b.total for b in Bill.objects.exclude(state="void")] == [Decimal("90.00")]
    assert PrepaymentEntry.objects.balance() == Decimal("60.00")


@pytest.mark.parametrize("area", [120, 80])
def test_reissue_of_a_corrected_bill_asks_for_the_facts_of_today_once(flat: Bill, area: int) -> None:
    """100 m² were measured as 120: 20.00 on a correction bill. The new bill says 120.00, and nothing beside it."""
    measure(flat, area)
    assert asked_of(flat) == area
    decide(flat, RequestKind.REISSUE)
    assert asked_of(flat) == area


def test_measured_area_takes_the_discount_for_paying_on_time_along(flat: Bill) -> None:
    """98.00 paid 100 m² on time. 40 m² are 40.00 less 0.80: 39.20 stay paid, 58.80 are the account's."""
    make_rule(flat.community, DiscountKind.ON_TIME, percent=Decimal(2), start=date(2026, 1, 1))
    Bill.objects.update(due_on=date(2026, 11, 20))
    pay(flat, "98.00")
    measure(flat, 40)
    assert (asked_of(flat), owed(flat)) == (Decimal("39.20"), Decimal("0.00"))
    assert PrepaymentEntry.objects.balance() == Decimal("58.80")


def test_void_takes_back_what_correction_bills_asked_for_beyond_the_bill(flat: Bill) -> None:
    """100.00 and twice 20.00 more, of which 130.00 were paid: nothing is owed, and the money is the account's."""
    measure(flat, 120)
    measure(flat, 140)
    pay(flat, "130.00")
    decide(flat, RequestKind.VOID)
    assert asked_of(flat) == Decimal("0.00")
    assert PrepaymentEntry.objects.balance() == Decimal("130.00")


# Who may ------------------------------------------------------------------------------------------------


def test_approve_request_needs_another_person(bill: Bill, manager: User) -> None:
    request = ask(bill, manager)
    with pytest.raises(SamePersonError):
        approve(request, manager)
    assert not may_decide(manager, request)
    assert count_to_decide(manager) == 0


@pytest.mark.parametrize(("limit", "is_over"), [("39.99", True), ("40.00", False)])
def test_approve_request_stops_at_the_limit_of_the_role(
    bill: Bill, clerk: User, manager: User, limit: str, is_over: bool
) -> None:
    CorrectionPolicy.objects.create(community=bill.community, manager_limit=Decimal(limit))
    request = ask(bill, clerk)
    assert may_decide(manager, request) is not is_over
    if is_over:
        with pytest.raises(OverLimitError):
            approve(request, manager)
        assert not Waiver.objects.exists()
    else:
        approve(request, manager)


def test_approve_request_beyond_all_limits_is_for_the_admin(bill: Bill, clerk: User) -> None:
    CorrectionPolicy.objects.create(community=bill.community, manager_limit=0, finance_limit=0)
    approve(ask(bill, clerk), hire(Role.COMPANY_ADMIN, bill.account.community, "admin"))
    assert owed(bill) == Decimal("289.00")


def test_approve_request_with_a_role_next_door_is_refused(bill: Bill, clerk: User) -> None:
    other = make_account(make_community("binhe", company=bill.community.company), "1-1-101")
    with pytest.raises(OverLimitError):
        approve(ask(bill, clerk), hire(Role.MANAGER, other.community, "neighbour"))


def test_refuse_request_needs_a_reason(bill: Bill, clerk: User, manager: User) -> None:
    request = ask(bill, clerk)
    with pytest.raises(ReasonMissingError):
        refuse_request(request=request, by=manager, now=NOW, note=" ")
    refused = refuse_request(request=request, by=manager, now=NOW, note="没有停电梯的记录")
    assert (refused.state, refused.note) == ("refused", "没有停电梯的记录")
    assert owed(bill) == Decimal("329.00")


def test_withdraw_request_is_for_who_asked(bill: Bill, clerk: User, manager: User) -> None:
    request = ask(bill, clerk)
    with pytest.raises(NotYoursError):
        withdraw_request(request=request, by=manager, now=NOW)
    assert withdraw_request(request=request, by=clerk, now=NOW).state == "withdrawn"


@pytest.mark.parametrize("end", ["approved", "refused", "withdrawn"])
def test_a_decided_request_is_decided(bill: Bill, clerk: User, manager: User, end: str) -> None:
    request = ask(bill, clerk)
    ends: dict[str, Callable[[], object]] = {
        "approved": lambda: approve(request, manager),
        "refused": lambda: refuse_request(request=request, by=manager, now=NOW, note="没有记录"),
        "withdrawn": lambda: withdraw_request(request=request, by=clerk, now=NOW),
    }
    ends[end]()
    for again in ends.values():
        with pytest.raises(RequestDecidedError):
            again()


# What may be asked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amount", "error"),
    [
        (RequestKind.WAIVER, "240.01", NotPossibleError),
        (RequestKind.WRITE_OFF, "200.01", NotPossibleError),
        (RequestKind.RECOVERY, "0.01", NotPossibleError),
        (RequestKind.WAIVER, "0.00", NothingAskedError),
        (RequestKind.WAIVER, "-1.00", NothingAskedError),
    ],
)
def test_open_request_refuses_what_cannot_be(
    bill: Bill, clerk: User, kind: RequestKind, amount: str, error: type[Exception]
) -> None:
    line = bill.lines.get(fee_item__code="property")
    book = Incoming(bill.account_id, Channel.CASH, Decimal("40.00"), NOW, chosen={line.pk: Decimal("40.00")})
    book_receipt(incoming=book, now=NOW)
    with pytest.raises(error):
        ask(bill, clerk, kind, amount)


def test_open_request_about_a_line_of_another_bill_is_refused(bill: Bill, clerk: User) -> None:
    other = issue_bill(make_account(bill.community, "8-2-302", "陈静"), {"property": "10.00"})
    strange = Wish(RequestKind.WAIVER, "错了", {other.lines.get().pk: Decimal("1.00")})
    with pytest.raises(NotPossibleError):
        open_request(bill=bill, wish=strange, by=clerk, now=NOW)


def test_open_request_without_a_reason_is_refused(bill: Bill, clerk: User) -> None:
    with pytest.raises(ReasonMissingError):
        open_request(bill=bill, wish=wish(bill, RequestKind.VOID, reason="  "), by=clerk, now=NOW)


def test_approve_request_looks_again(bill: Bill, clerk: User, manager: User) -> None:
    """What was possible when it was asked may not be any more."""
    first, second = (ask(bill, clerk, RequestKind.WRITE_OFF, "240.00") for _ in range(2))
    approve(first, manager)
    with pytest.raises(NotPossibleError):
        approve(second, manager)


# The law, and the race ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_request_approve_reverse_restores_what_is_outstanding() -> None:
    account = make_account(make_community())
    bill = issue_bill(account, {"property": "240.00", "water": "89.00"})
    clerk = hire(Role.CASHIER, account.community, "clerk")
    manager = hire(Role.MANAGER, account.community, "manager")

    @settings(deadline=None, max_examples=30)
    @given(fen=st.integers(1, 24000))
    def law(fen: int) -> None:
        amount = f"{Decimal(fen).scaleb(-2)}"
        approve(ask(bill, clerk, RequestKind.WRITE_OFF, amount), manager)
        assert owed(bill) == Decimal("329.00") - Decimal(amount)
        approve(ask(bill, clerk, RequestKind.RECOVERY, amount), manager)
        assert owed(bill) == Decimal("329.00")
        assert get_imbalance() == Decimal("0.00")
        assert check_all() == []

    law()


def approve_twice_at_once(bill: Bill) -> list[str]:
    """Two people approve one request at the same moment; what became of it, in alphabetical order."""
    request = ask(bill, hire(Role.CASHIER, bill.account.community, "clerk"))
    approvers = [hire(Role.MANAGER, bill.account.community, f"manager{n}") for n in (1, 2)]
    ends = all_at_once(*[lambda by=person: approve(request, by) for person in approvers])
    return sorted(type(end).__name__ for end in ends)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_are_one(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "240.00"})
    assert approve_twice_at_once(bill) == ["CorrectionRequest", "RequestDecidedError"]
    assert owed(bill) == Decimal("200.00")


@pytest.mark.django_db(transaction=True)
def test_two_approvals_without_the_lock_get_as_far_as_the_books(
    account: ChargeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: both think the request is theirs to decide; only the deed's name stops the second."""
    bill = issue_bill(account, {"property": "240.00"})
    with no_locks(monkeypatch, "billing.request.looked"):
        ends = approve_twice_at_once(bill)
    assert ends.count("CorrectionRequest") == 1
    assert "RequestDecidedError" not in ends
    assert owed(bill) == Decimal("200.00")
