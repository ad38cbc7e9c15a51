"""A wrong bill: voided by reversing rows, issued anew by the facts of now."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.domain.lifecycle import StepNotAllowedError
from billing.models import Bill, BillRun
from billing.services.bills import BillSettledError, reissue_bill, void_bill
from billing.services.run import bill_period
from billing.services.settlement import AllocationDraft, record_allocations
from core.models import AuditRecord
from core.periods import Period
from estates.models import Unit
from ledger.models import JournalEntry, JournalLeg
from tests.billing.factories import book_receipt
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW, DAY = datetime(2026, 9, 1, 1, tzinfo=UTC), date(2026, 9, 10)


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("property"), "area", "1")
    village.unit("8-301")
    village.unit("8-302", "200")
    bill_period(community=village.community, period=Period.month("2026-09"), now=NOW, by="test")
    return village


def bill_of(unit: str) -> Bill:
    return Bill.objects.exclude(state="void").get(account__unit__code=unit)


def test_void_bill_reverses_what_issuing_posted(village: Village) -> None:
    void_bill(bill=bill_of("8-301"), reason="wrong area", day=DAY, by="test")
    entry = JournalEntry.objects.get(kind="bill_void")
    assert (entry.booked_on, entry.memo) == (DAY, "wrong area")
    assert sorted(entry.legs.values_list("amount", flat=True)) == [Decimal("-100.00"), Decimal("100.00")]
    assert AuditRecord.objects.get(action="billing.void_bill").reason == "wrong area"


def test_void_bill_stays_void_when_the_month_is_billed_again(village: Village) -> None:
    void_bill(bill=bill_of("8-301"), reason="not his", day=DAY, by="test")
    again = bill_period(community=village.community, period=Period.month("2026-09"), now=NOW, by="test")
    assert again.bills_created == 0


def test_void_bill_twice_is_refused(village: Village) -> None:
    bill = void_bill(bill=bill_of("8-301"), reason="wrong", day=DAY, by="test")
    with pytest.raises(StepNotAllowedError):
        void_bill(bill=bill, reason="wrong", day=DAY, by="test")
    assert JournalEntry.objects.filter(kind="bill_void").count() == 1


@pytest.mark.broken_books("money is allocated that no receipt of payments stands behind")
def test_void_bill_with_money_on_it_is_refused(village: Village) -> None:
    bill = bill_of("8-301")
    draft = AllocationDraft(line_id=bill.lines.get().pk, amount=Decimal("1.00"))
    record_allocations(drafts=[draft], value_day=DAY, source="receipt:1", by="test", now=NOW)
    book_receipt(bill.account, "1.00", DAY, "receipt:1")
    with pytest.raises(BillSettledError):
        void_bill(bill=bill, reason="wrong", day=DAY, by="test")


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2026, 9, 1), date(2026, 9, 20)),  # the day of issue: the term is the old one
        (date(2026, 9, 10), date(2026, 9, 29)),  # nineteen days from then
        (date(2026, 9, 20), date(2026, 10, 9)),  # on the old due day
        (date(2026, 10, 15), date(2026, 11, 3)),  # long overdue: not late the same day
    ],
)
def test_reissue_bill_gives_the_term_again(village: Village, day: date, due_on: date) -> None:
    old = bill_of("8-301")
    assert old.due_on == date(2026, 9, 20)
    Unit.objects.filter(code="8-301").update(area_m2=Decimal(90))
    new = reissue_bill(bill=old, reason="measured area", now=NOW, day=day, by="test")
    assert new is not None
    assert (new.due_on, bill_of("8-302").due_on) == (due_on, date(2026, 9, 20))


def test_reissue_bill_takes_the_facts_of_now(village: Village) -> None:
    old = bill_of("8-301")
    Unit.objects.filter(code="8-301").update(area_m2=Decimal(90))
    new = reissue_bill(bill=old, reason="measured area", now=NOW, day=DAY, by="test")
    assert new is not None
    assert (new.total, new.state, new.issued_on) == (Decimal("90.00"), "issued", DAY)
    old.refresh_from_db()
    assert (old.state, old.voided_on, old.total) == ("void", DAY, Decimal("100.00"))
    run = BillRun.objects.get()
    assert (run.state, run.bill_count, run.line_count, run.total) == ("issued", 2, 2, Decimal("290.00"))
    legs = JournalLeg.objects.filter(charge_account_id=old.account_id).values_list("amount", flat=True)
    assert sorted(legs) == [Decimal("-100.00"), Decimal("90.00"), Decimal("100.00")]
