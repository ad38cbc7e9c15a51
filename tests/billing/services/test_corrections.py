"""More or less for a line: new rows only, two people, posted where the line was booked, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Bill, ChargeAccount, ChargeLine, PostingProfile, ReductionKind, Waiver
from billing.selectors.explained import explain_line
from billing.selectors.outstanding import account_balance
from billing.services.approval import Approval, MixedCommunitiesError, SamePersonError
from billing.services.corrections import Addition, charge_correction, correct_lines
from billing.services.reductions import MoreThanChargedError, reduce_lines, reverse_reductions
from billing.services.settlement import NotPositiveError
from core.models import AuditRecord
from ledger import chart
from ledger.selectors import get_balance, get_imbalance
from ledger.services import AlreadyPostedError
from tests.billing.factories import NOVEMBER, issue_bill, make_account, make_community, make_fee_item

DAY = date(2026, 11, 9)
NOW = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


def approval(source: str = "request:1", *, requested: str = "王芳", approved: str = "赵强") -> Approval:
    return Approval(source, "面积登记错了", requested, approved, DAY, NOW)


def one_line(account: ChargeAccount, amount: str = "240.00") -> ChargeLine:
    return issue_bill(account, {"property": amount}).lines.get()


def reduce(line: ChargeLine, amount: str, kind: ReductionKind = ReductionKind.CORRECTION) -> Waiver:
    (row,) = reduce_lines(amounts={line.pk: Decimal(amount)}, kind=kind, approval=approval())
    return row


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ReductionKind.WAIVER, chart.WAIVER),
        (ReductionKind.WRITE_OFF, chart.WRITE_OFF),
        (ReductionKind.CORRECTION, chart.REVENUE),
    ],
)
def test_reduce_lines_is_posted_by_its_kind(account: ChargeAccount, kind: ReductionKind, code: str) -> None:
    line = one_line(account)
    before = get_balance(code=code)
    reduce(line, "40.00", kind)
    assert account_balance(account.pk).outstanding == Decimal("200.00")
    assert get_balance(code=code) - before == Decimal("40.00")
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=account.pk) == Decimal("200.00")


def test_reduce_lines_goes_back_to_where_the_line_was_booked_on_its_day(account: ChargeAccount) -> None:
    item = make_fee_item(account.community)
    for start, code in ((date(2026, 1, 1), chart.CONTRACT_LIABILITY), (DAY, chart.ON_BEHALF)):
        PostingProfile.objects.create(fee_item=item, treatment="ahead", ledger_code=code, start=start)
    reduce(one_line(account), "40.00")
    assert get_balance(code=chart.CONTRACT_LIABILITY) == Decimal("40.00")
    assert get_balance(code=chart.ON_BEHALF) == Decimal("0.00")


def test_reduce_lines_says_who_and_why(account: ChargeAccount) -> None:
    row = reduce(one_line(account), "40.00")
    assert (row.requested_by, row.approved_by, row.reason) == ("王芳", "赵强", "面积登记错了")
    audit = AuditRecord.objects.get(action="billing.correction")
    assert audit.after == {
        "lines": {str(row.line_id): "40.00"},
        "value_day": "2026-11-09",
        "requested_by": "王芳",
    }


@pytest.mark.parametrize(("amount", "error"), [("240.01", MoreThanChargedError), ("0.00", NotPositiveError)])
def test_reduce_lines_stops_at_nothing(account: ChargeAccount, amount: str, error: type[Exception]) -> None:
    line = one_line(account)
    with pytest.raises(error):
        reduce(line, amount)
    reduce(line, "240.00")
    assert account_balance(account.pk).outstanding == Decimal("0.00")


def test_reduce_lines_counts_what_was_taken_off_before(account: ChargeAccount) -> None:
    line = one_line(account)
    reduce_lines(
        amounts={line.pk: Decimal("200.00")}, kind=ReductionKind.WAIVER, approval=approval("request:0")
    )
    with pytest.raises(MoreThanChargedError):
        reduce(line, "40.01")


def test_reduce_lines_twice_for_one_deed_is_refused(account: ChargeAccount) -> None:
    line = one_line(account)
    reduce(line, "40.00")
    with pytest.raises(AlreadyPostedError):
        reduce(line, "40.00")


def test_approval_needs_a_second_person() -> None:
    with pytest.raises(SamePersonError):
        approval(approved="王芳")


def test_reverse_reductions_opens_the_line_again(account: ChargeAccount) -> None:
    row = reduce(one_line(account), "40.00")
    (reversal,) = reverse_reductions(reductions=[row], approval=approval("request:2"))
    assert (reversal.amount, reversal.kind) == (Decimal("-40.00"), "correction")
    assert account_balance(account.pk).outstanding == Decimal("240.00")
    assert get_balance(code=chart.REVENUE) == Decimal("-240.00")


def charge(account: ChargeAccount, amount: str, **fields: object) -> Bill:
    item = make_fee_item(account.community)
    addition = Addition(account.pk, item.pk, NOVEMBER, Decimal(amount), **fields)  # type: ignore[arg-type]
    (bill,) = charge_correction(additions=[addition], approval=approval())
    return bill


def test_charge_correction_issues_a_bill_of_its_own(account: ChargeAccount) -> None:
    bill = charge(account, "4.80")
    assert (bill.schedule, bill.state, bill.total) == ("correction", "issued", Decimal("4.80"))
    assert (bill.issued_on, bill.due_on) == (DAY, date(2026, 11, 30))  # 28 November is a Saturday
    assert account_balance(account.pk).outstanding == Decimal("4.80")
    assert get_balance(code=chart.REVENUE) == Decimal("-4.80")


def test_charge_correction_explains_itself_by_the_line_it_corrects(account: ChargeAccount) -> None:
    line = one_line(account)
    bill = charge(account, "4.80", corrects=line.pk)
    explained = explain_line(bill.lines.get().pk)
    assert explained.explanation.agrees
    assert explained.explanation.computed == Decimal("4.80")
    assert explained.explanation.steps[-1].formula == "244.80 − 240.00 = 4.80"
    assert explained.change is None


def test_charge_correction_twice_for_one_deed_is_refused(account: ChargeAccount) -> None:
    charge(account, "4.80")
    with pytest.raises(AlreadyPostedError):
        charge(account, "4.80")


def test_charge_correction_may_come_twice_a_month(account: ChargeAccount) -> None:
    item = make_fee_item(account.community)
    for source in ("request:1", "request:2"):
        addition = Addition(account.pk, item.pk, NOVEMBER, Decimal("4.80"))
        charge_correction(additions=[addition], approval=approval(source))
    assert account_balance(account.pk).outstanding == Decimal("9.60")


def test_charge_correction_is_about_one_community(account: ChargeAccount) -> None:
    other = make_account(make_community("binhe"), "1-1-101")
    item = make_fee_item(account.community)
    additions = [Addition(pk, item.pk, NOVEMBER, Decimal("1.00")) for pk in (account.pk, other.pk)]
    with pytest.raises(MixedCommunitiesError):
        charge_correction(additions=additions, approval=approval())


def test_charge_correction_refuses_a_fee_item_of_another_community(account: ChargeAccount) -> None:
    item = make_fee_item(make_community("binhe"))
    with pytest.raises(MixedCommunitiesError):
        charge_correction(
            additions=[Addition(account.pk, item.pk, NOVEMBER, Decimal("1.00"))], approval=approval()
        )


def test_correct_lines_goes_both_ways_in_one_deed(account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "240.00", "water": "89.00"})
    lines = {line.fee_item.code: line.pk for line in bill.lines.select_related("fee_item")}
    corrected = correct_lines(
        changes={lines["property"]: Decimal("-40.00"), lines["water"]: Decimal("4.80")}, approval=approval()
    )
    assert [row.amount for row in corrected.reductions] == [Decimal("40.00")]
    assert [new.total for new in corrected.bills] == [Decimal("4.80")]
    assert account_balance(account.pk).outstanding == Decimal("293.80")


def test_write_off_of_more_than_is_owed_is_refused(account: ChargeAccount) -> None:
    line = one_line(account)
    reduce_lines(
        amounts={line.pk: Decimal("200.00")}, kind=ReductionKind.WAIVER, approval=approval("request:0")
    )
    with pytest.raises(MoreThanChargedError):
        reduce(line, "40.01", ReductionKind.WRITE_OFF)


@pytest.mark.django_db
def test_reduce_then_reverse_restores_what_is_outstanding() -> None:
    """The law: whatever is taken off and given back leaves the line and the books as they were."""
    account = make_account(make_community())
    line = one_line(account)
    sources = iter(range(10**6))

    @settings(deadline=None)
    @given(
        amount=st.decimals(Decimal("0.01"), Decimal("240.00"), places=2), kind=st.sampled_from(ReductionKind)
    )
    def law(amount: Decimal, kind: ReductionKind) -> None:
        first, second = (approval(f"law:{next(sources)}") for _ in range(2))
        rows = reduce_lines(amounts={line.pk: amount}, kind=kind, approval=first)
        assert account_balance(account.pk).outstanding == Decimal("240.00") - amount
        reverse_reductions(reductions=rows, approval=second)
        assert account_balance(account.pk).outstanding == Decimal("240.00")
        assert get_imbalance() == Decimal("0.00")
        assert get_balance(code=chart.RECEIVABLE, charge_account_id=account.pk) == Decimal("240.00")

    law()
