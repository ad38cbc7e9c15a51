"""A hand-over dated into billed days: developer and owner are put right by days, by two people, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.models import Bill, ChargeAccount, UnitChange, Waiver
from billing.selectors.outstanding import account_balance
from billing.services.approval import SamePersonError
from billing.services.changes import Expected, approve_change, foresee_change
from billing.services.hand_overs import HandOverWaitsError, hand_over
from billing.services.run import bill_period
from core.periods import Period
from estates.models import HandOver, Person, Unit
from estates.services.hand_overs import RefusalWithoutReasonError
from tests.billing.village import Village
from tests.races import all_at_once, no_locks_and_between

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    """A flat of 100 m² at 3.00, sold to 张三, not handed over: the developer pays 300.00 a month."""
    village = Village()
    village.community.developer = Person.objects.create(company=village.company, name="云杉置业")
    village.community.save()
    village.tariff(village.fee("物业费"), "area", "3.00")
    village.unit("8-301", "100", state="not_handed_over")
    return village


def flat() -> Unit:
    return Unit.objects.select_related("community").get()


def bill(village: Village, month: str, *, issue: bool = True) -> None:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="t", issue=issue)


def record(on: date, **more: object) -> UnitChange | None:
    return hand_over(unit=flat(), on=on, by="前台", now=NOW, **more)  # type: ignore[arg-type]


def agree(change: UnitChange | None) -> None:
    assert change
    approve_change(change=change, by="周晓岚", now=NOW)


def owed() -> dict[str, str]:
    """What each payer is asked for in all, by name."""
    found: dict[str, Decimal] = {}
    for account in ChargeAccount.objects.select_related("payer"):
        name = account.payer.name.split()[0]
        found[name] = found.get(name, Decimal(0)) + account_balance(account.pk).outstanding
    return {name: str(amount) for name, amount in found.items()}


def spans() -> list[tuple[str, date, date | None]]:
    rows = ChargeAccount.objects.order_by("start").values_list("payer__name", "start", "end")
    return [(name.split()[0], start, end) for name, start, end in rows]


def test_hand_over_of_unbilled_days_is_written_down_at_once(village: Village) -> None:
    bill(village, "2026-10")
    assert record(date(2026, 11, 16)) is None
    bill(village, "2026-11")
    assert owed() == {"云杉置业": "450.00", "张三": "150.00"}
    assert not UnitChange.objects.exists()


def test_hand_over_into_billed_days_waits_and_then_splits_the_month_by_days(village: Village) -> None:
    """Handed over on 16 November: 15 of 30 days are the owner's, 150.00 of 300.00; October stays the developer's."""
    bill(village, "2026-10")
    bill(village, "2026-11")
    change = record(date(2026, 11, 16))
    assert change
    assert (flat().handed_over_on, HandOver.objects.exists()) == (None, False)
    agree(change)
    assert owed() == {"云杉置业": "450.00", "张三": "150.00"}
    (less,), (more,) = Waiver.objects.all(), Bill.objects.filter(schedule="correction")
    assert (str(less.amount), less.kind, less.approved_by, less.reason) == (
        "150.00", "correction", "周晓岚", "2026年11月16日交付",
    )  # fmt: skip
    assert (str(more.total), more.lines.get().period_start) == ("150.00", date(2026, 11, 16))
    assert (flat().handed_over_on, flat().state) == (date(2026, 11, 16), "vacant")


def test_hand_over_into_months_gone_by_bills_them_again(village: Village) -> None:
    """From 22 October: 10 of 31 days of October, 96.77, and all of November."""
    bill(village, "2026-10")
    bill(village, "2026-11")
    agree(record(date(2026, 10, 22)))
    assert owed() == {"云杉置业": "203.23", "张三": "396.77"}
    bill(village, "2026-11")
    assert owed() == {"云杉置业": "203.23", "张三": "396.77"}


def test_hand_over_before_the_first_bill_leaves_the_developer_nothing(village: Village) -> None:
    """The register comes in October with the unit still the developer's; in truth it was handed over in May."""
    bill(village, "2026-10")
    agree(record(date(2026, 5, 4)))
    assert owed() == {"云杉置业": "0.00", "张三": "300.00"}
    bill(village, "2026-10")
    bill(village, "2026-11")
    assert owed() == {"云杉置业": "0.00", "张三": "600.00"}


def test_hand_over_counts_from_the_next_month_where_the_local_rule_says_so(village: Village) -> None:
    """In Shanghai October stays the developer's; a November that nobody billed yet needs no second person."""
    village.community.city_pack = "shanghai"
    village.community.save()
    bill(village, "2026-10")
    assert record(date(2026, 10, 22)) is None
    bill(village, "2026-11")
    assert owed() == {"云杉置业": "300.00", "张三": "300.00"}


def test_hand_over_moved_to_an_earlier_day(village: Village) -> None:
    record(date(2026, 11, 16))
    bill(village, "2026-11")
    agree(record(date(2026, 11, 7)))
    assert owed() == {"云杉置业": "60.00", "张三": "240.00"}


def test_hand_over_moved_to_a_later_day_gives_the_days_back_to_the_developer(village: Village) -> None:
    """Recorded for 16 November, in truth on the 25th: nine more days, 90.00, are the developer's."""
    bill(village, "2026-10")
    record(date(2026, 11, 16))
    bill(village, "2026-11")
    agree(record(date(2026, 11, 25)))
    assert owed() == {"云杉置业": "540.00", "张三": "60.00"}
    assert [(name, end) for name, _start, end in spans()] == [
        ("云杉置业", date(2026, 11, 25)),
        ("张三", None),
    ]


def test_hand_over_moved_beyond_the_billed_month(village: Village) -> None:
    record(date(2026, 11, 1))
    bill(village, "2026-11")
    assert owed() == {"张三": "300.00"}
    agree(record(date(2026, 12, 5)))
    assert owed() == {"云杉置业": "300.00", "张三": "0.00"}


def test_hand_over_of_a_draft_makes_the_draft_anew(village: Village) -> None:
    bill(village, "2026-11", issue=False)
    agree(record(date(2026, 11, 16)))
    bill(village, "2026-11")
    assert owed() == {"云杉置业": "150.00", "张三": "150.00"}
    assert not Bill.objects.filter(schedule="correction").exists()


def test_refused_hand_over_counts_by_days_with_its_reason(village: Village) -> None:
    bill(village, "2026-11")
    with pytest.raises(RefusalWithoutReasonError):
        record(date(2026, 11, 16), was_refused=True)
    agree(record(date(2026, 11, 16), was_refused=True, reason="挂号信三次通知"))
    assert owed() == {"云杉置业": "150.00", "张三": "150.00"}
    held = HandOver.objects.get()
    assert (held.was_refused, held.reason, held.recorded_by) == (True, "挂号信三次通知", "前台")


def test_hand_over_of_who_has_paid_all_along_moves_nobody(village: Village) -> None:
    """A flat that was never the developer's on record: the day is noted, its bills stay."""
    Unit.objects.update(state="occupied")
    bill(village, "2026-11")
    assert record(date(2026, 11, 16)) is None
    assert owed() == {"张三": "300.00"}


def test_hand_over_needs_another_person_and_waits_once(village: Village) -> None:
    bill(village, "2026-11")
    change = record(date(2026, 11, 16))
    assert change
    with pytest.raises(SamePersonError):
        approve_change(change=change, by="前台", now=NOW)
    with pytest.raises(HandOverWaitsError):
        record(date(2026, 11, 17))


def test_foresee_change_tells_whom_it_moves_and_keeps_nothing(village: Village) -> None:
    bill(village, "2026-11")
    change = record(date(2026, 11, 16))
    assert change
    assert foresee_change(change=change, now=NOW) == [
        Expected("云杉置业", "物业费", Period.month("2026-11"), Decimal("-150.00")),
        Expected("张三 8-301", "物业费", Period(date(2026, 11, 16), date(2026, 12, 1)), Decimal("150.00")),
    ]
    assert (flat().state, Waiver.objects.exists(), spans()[0][2]) == ("not_handed_over", False, None)


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once_are_one(village: Village) -> None:
    bill(village, "2026-11")
    ends = all_at_once(*[lambda on=day: record(on) for day in (date(2026, 11, 16), date(2026, 11, 17))])
    assert sorted(type(end).__name__ for end in ends) == ["HandOverWaitsError", "UnitChange"]


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_without_the_lock_both_wait(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: the second comes after the first has looked, and the unit has two first days to choose from."""
    bill(village, "2026-11")
    with no_locks_and_between(monkeypatch, "billing.hand_over.looked", lambda: record(date(2026, 11, 17))):
        record(date(2026, 11, 16))
    assert UnitChange.objects.waiting().count() == 2
