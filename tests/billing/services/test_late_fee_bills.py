"""Charging late fee: once, in the books, and never on itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.models import Bill, ChargeAccount, ChargeLine, LateFeeCharge, ReductionKind, RequestKind, Waiver
from billing.selectors.late_fee_lines import read_charges
from billing.selectors.late_fees import sum_late_fees
from billing.selectors.outstanding import account_balance
from billing.selectors.requests import foresee
from billing.services.approval import Approval
from billing.services.bills import void_bill
from billing.services.late_fee_bills import charge_at_payment, charge_community, charge_late_fees
from billing.services.late_fees import end_pause, open_pause, withdraw_pause
from billing.services.locking import lock_accounts
from billing.services.reductions import reduce_lines
from billing.services.replacing import take_bill_back
from billing.services.settlement import AllocationDraft, record_allocations
from core.models import AuditRecord
from estates.models import Community
from ledger import chart
from ledger.models import JournalLeg
from ledger.selectors import get_balance
from tests.billing.factories import book_receipt, make_account
from tests.billing.late_fees import NOW, make_line, make_policy

DUE = date(2026, 11, 20)


def in_days(number: int) -> date:
    return DUE + timedelta(days=number)


def charge(account: ChargeAccount, days: int) -> list[str]:
    """Charge an account so many days after the due day and return the amounts of the new lines."""
    before = set(ChargeLine.objects.values_list("pk", flat=True))
    charge_late_fees(account_ids=[account.pk], as_of=in_days(days), now=NOW, by="陈静")
    return [str(line.amount) for line in ChargeLine.objects.exclude(pk__in=before).order_by("pk")]


@transaction.atomic
def settle(line: ChargeLine, day: date, amount: str) -> None:
    """A receipt with its entry."""
    source = f"receipt:{day}"
    drafts = [AllocationDraft(line.pk, Decimal(amount))]
    record_allocations(drafts=drafts, value_day=day, source=source, by=None, now=NOW)
    book_receipt(line.bill.account, amount, day, source)


def test_charge_makes_a_bill_of_its_own_with_its_entry(account: ChargeAccount) -> None:
    make_policy(account.community, name="逾期违约金")
    principal = make_line(account, "1000.00", DUE)
    assert charge(account, 10) == ["5.00"]
    bill = Bill.objects.get(schedule="late_fee")
    assert (bill.total, bill.due_on, bill.issued_on, bill.state) == (
        Decimal("5.00"), in_days(10), in_days(10), "issued",
    )  # fmt: skip
    kept = LateFeeCharge.objects.get()
    assert (kept.principal, kept.through, kept.line.fee_item.name) == (principal, in_days(10), "逾期违约金")
    assert JournalLeg.objects.get(ledger_account__code=chart.LATE_FEE).amount == Decimal("-5.00")
    assert account_balance(account.pk, in_days(10)).outstanding == Decimal("1005.00")
    assert AuditRecord.objects.filter(action="billing.charge_late_fees").count() == 1


def test_charge_twice_on_a_day_is_once_and_later_takes_what_has_grown_since(account: ChargeAccount) -> None:
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    assert [charge(account, days) for days in (10, 10, 9, 14, 14)] == [["5.00"], [], [], ["2.00"], []]
    assert [sum_late_fees(in_days(days)).open for days in (9, 10, 14, 20)] == [
        Decimal("4.50"), Decimal("0.00"), Decimal("0.00"), Decimal("3.00"),
    ]  # fmt: skip


def test_charge_never_bears_late_fee_itself(account: ChargeAccount) -> None:
    """C2.1: no interest on late fee. A year after 5.00 was charged, only the principal has grown further."""
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    charge(account, 10)
    total = sum_late_fees(in_days(365))
    assert (total.lines, total.grown, total.charged) == (1, Decimal("182.50"), Decimal("5.00"))


@pytest.mark.broken_books("the money is not in a clearing account")
def test_late_fee_is_kept_when_the_principal_is_paid_and_stops_growing(account: ChargeAccount) -> None:
    """DOMAIN-RULES §9: principal paid, late fee left open, asked again: it is kept and does not grow."""
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    settle(line, in_days(10), "1000.00")
    assert [sum_late_fees(in_days(days)).open for days in (10, 11, 300)] == [Decimal("5.00")] * 3
    assert charge(account, 300) == ["5.00"]
    assert charge(account, 301) == []


def correct(line: ChargeLine, days: int, amount: str) -> list[str]:
    """Take what was wrong off a line so many days after the due day; return what of which fee went."""
    approval = Approval(f"t:{days}", "面积多算了", "陈静", "周晓岚", in_days(days), NOW)
    rows = reduce_lines(amounts={line.pk: Decimal(amount)}, kind=ReductionKind.CORRECTION, approval=approval)
    return [f"{row.line.fee_item.code} {row.amount}" for row in rows]


def test_late_fee_goes_back_with_the_principal_that_was_wrong(account: ChargeAccount) -> None:
    """10.00 charged after twenty days on 1,000.00; 600.00 of it were wrong, so 400.00 bore 4.00 by then."""
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    charge(account, 10)
    charge(account, 20)
    assert correct(line, 20, "600.00") == ["property 600.00", "late_fee 5.00", "late_fee 1.00"]
    total = sum_late_fees(in_days(20))
    assert (total.grown, total.charged, total.open) == (Decimal("4.00"), Decimal("4.00"), Decimal("0.00"))
    assert account_balance(account.pk, in_days(20)).outstanding == Decimal("404.00")
    assert charge(account, 30) == ["2.00"]


def test_late_fee_that_has_grown_into_what_was_charged_stays(account: ChargeAccount) -> None:
    """5.00 were charged after ten days; twenty days later half of the principal has borne 7.50 by itself."""
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    charge(account, 10)
    assert correct(line, 30, "500.00") == ["property 500.00"]
    assert sum_late_fees(in_days(30)).open == Decimal("2.50")


def test_late_fee_of_a_waiver_stays_as_it_grew(account: ChargeAccount) -> None:
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    charge(account, 10)
    approval = Approval("t:1", "电梯停运", "陈静", "周晓岚", in_days(10), NOW)
    rows = reduce_lines(amounts={line.pk: Decimal("600.00")}, kind=ReductionKind.WAIVER, approval=approval)
    assert [str(row.amount) for row in rows] == ["600.00"]


def approval_on(days: int) -> Approval:
    return Approval("request:9", "这户没有车位", "陈静", "周晓岚", in_days(days), NOW)


@pytest.mark.broken_books("the money is not in a clearing account")
def test_late_fee_of_a_voided_bill_goes_back_with_what_was_paid_of_it(account: ChargeAccount) -> None:
    """5.00 charged after ten days, 2.00 of it paid; the bill is void, so both are given back and nothing is owed."""
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    charge(account, 10)
    settle(ChargeLine.objects.get(method="late_fee"), in_days(10), "2.00")
    take_bill_back(bill=line.bill, approval=approval_on(20))
    (back,) = Waiver.objects.all()
    assert (back.line.method, back.kind, back.amount) == ("late_fee", "correction", Decimal("5.00"))
    assert account_balance(account.pk).outstanding == Decimal("0.00")
    assert (get_balance(code=chart.LATE_FEE), get_balance(code=chart.PREPAYMENT)) == (
        Decimal("0.00"),
        Decimal("-2.00"),
    )
    assert charge(account, 30) == []


def test_late_fee_of_another_bill_stays_when_one_is_voided(account: ChargeAccount) -> None:
    make_policy(account.community)
    wrong, right = make_line(account, "1000.00", DUE), make_line(account, "500.00", DUE)
    assert charge(account, 10) == ["5.00", "2.50"]
    assert foresee(wrong.bill, RequestKind.VOID, {}).late_fee == Decimal("5.00")
    assert foresee(wrong.bill, RequestKind.LESS, {wrong.pk: Decimal("1.00")}).late_fee == Decimal("0.00")
    take_bill_back(bill=wrong.bill, approval=approval_on(10))
    charges = read_charges([wrong.pk, right.pk])
    assert {pk: charged.written for pk, charged in charges.items()} == {
        wrong.pk: Decimal("0.00"),
        right.pk: Decimal("2.50"),
    }
    assert account_balance(account.pk).outstanding == Decimal("502.50")


def test_charges_of_a_principal_are_counted_and_each_number_is_taken_once(account: ChargeAccount) -> None:
    """The twin of the lock: whoever charged without seeing the others would write a number that is taken."""
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    charge(account, 10)
    charge(account, 12)
    first, second = LateFeeCharge.objects.order_by("pk")
    assert (first.number, second.number) == (0, 1)
    fee = {"principal": first.principal, "policy": first.policy, "through": in_days(13)}
    with pytest.raises(IntegrityError), transaction.atomic():
        LateFeeCharge.objects.create(line=make_line(account, "1.00", in_days(13)), number=1, **fee)


def test_charge_of_a_voided_bill_is_open_again(account: ChargeAccount) -> None:
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    charge(account, 10)
    bill = Bill.objects.get(schedule="late_fee")
    void_bill(bill=bill, reason="wrong clause", day=in_days(12), by="周晓岚")
    assert [sum_late_fees(in_days(days)).open for days in (10, 11, 12)] == [
        Decimal("0.00"), Decimal("0.50"), Decimal("6.00"),
    ]  # fmt: skip
    assert charge(account, 12) == ["6.00"]


def test_charge_community_takes_every_account_and_no_other_community(
    community: Community, account: ChargeAccount
) -> None:
    make_policy(community)
    other = make_account(community, "8-2-302", "王芳")
    make_line(account, "1000.00", DUE)
    make_line(other, "500.00", DUE)
    charged = charge_community(community=community, as_of=in_days(4), now=NOW, by="陈静")
    assert (charged.bills, charged.lines, charged.total) == (2, 2, Decimal("3.00"))
    again = charge_community(community=community, as_of=in_days(4), now=NOW, by="陈静")
    assert (again.bills, again.total) == (0, Decimal("0.00"))


@pytest.mark.parametrize(("charging", "expected"), [("payment", "0.50"), ("hand", "0.00")])
def test_charge_at_payment_asks_the_clause(account: ChargeAccount, charging: str, expected: str) -> None:
    make_policy(account.community, charging=charging)
    make_line(account, "1000.00", DUE)
    charged = charge_at_payment(accounts=lock_accounts([account.pk]), as_of=in_days(1), now=NOW)
    assert charged.total == Decimal(expected)


def test_charge_leaves_out_what_came_before_the_clause(account: ChargeAccount) -> None:
    """A clause governs the bills that fall due while it is in force; a later version touches none of them."""
    make_policy(account.community, start=DUE)
    make_policy(account.community, "0.1", start=in_days(1))
    for days in (-1, 0, 3):
        make_line(account, "1000.00", in_days(days))
    assert charge(account, 13) == ["6.50", "10.00"]


def test_pauses_stop_and_go_on(account: ChargeAccount) -> None:
    """P-09: paused, resumed, skipped nights and asked a hundred times, the fee is the closed formula."""
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    given = {
        "first_day": in_days(6),
        "reason": "漏水在修",
        "source": "dispute:7",
        "approved_by": "周晓岚",
        "now": NOW,
    }
    paused = open_pause(account=account, last_day=None, **given)  # type: ignore[arg-type]
    assert {sum_late_fees(in_days(30)).open for _ in range(100)} == {Decimal("2.50")}
    assert open_pause(account=account, last_day=None, **given) == paused  # type: ignore[arg-type]
    end_pause(pause=paused, last_day=in_days(15), by="周晓岚")
    assert [sum_late_fees(in_days(days)).open for days in (5, 6, 15, 16, 30)] == [
        Decimal("2.50"), Decimal("2.50"), Decimal("2.50"), Decimal("3.00"), Decimal("10.00"),
    ]  # fmt: skip
    withdraw_pause(pause=paused, day=in_days(40), reason="wrong account", by="周晓岚")
    assert sum_late_fees(in_days(30)).open == Decimal("15.00")
