"""Posting and reversing, in the notation of the books: code, debit or credit, whose."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from core.money import MoneyError
from estates.models import Community, Company
from ledger import chart
from ledger.models import JournalEntry, JournalLeg, LedgerAccount
from ledger.selectors import get_balance
from ledger.services import (
    AlreadyPostedError,
    AlreadyReversedError,
    Leg,
    LegColumn,
    Posting,
    UnbalancedEntryError,
    UnknownLedgerAccountError,
    open_books,
    open_revenue_account,
    post,
    post_columns,
    post_many,
    reverse,
)

DAY = date(2026, 11, 1)


def post_bill(community: Community, legs: list[Leg], source: str = "bill:1") -> JournalEntry:
    return post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=DAY,
        kind="bill",
        source=source,
        legs=legs,
    )


def legs_of(entry: JournalEntry) -> list[tuple[str, str, int | None]]:
    rows = entry.legs.order_by("id").values_list("ledger_account__code", "amount", "charge_account_id")
    return [(code, str(amount), owner) for code, amount, owner in rows]


def test_open_books_twice_keeps_one_chart(community: Community) -> None:
    before = list(LedgerAccount.objects.values_list("id", "code"))
    open_books(company=community.company)
    assert list(LedgerAccount.objects.values_list("id", "code")) == before
    assert len(before) == 19


def test_open_revenue_account_shares_a_name_and_numbers_a_new_one(community: Community) -> None:
    names = ["物业服务费", "车位管理费", "物业服务费"]
    codes = [open_revenue_account(company=community.company, name=name) for name in names]
    assert codes == ["600101", "600102", "600101"]


def test_post_writes_signed_legs(community: Community) -> None:
    entry = post_bill(
        community, [Leg("224101", Decimal("210.47"), charge_account_id=7), Leg("6001", Decimal("-210.47"))]
    )
    assert legs_of(entry) == [("224101", "210.47", 7), ("6001", "-210.47", None)]


def test_post_leaves_out_zero_legs(community: Community) -> None:
    entry = post_bill(
        community, [Leg("224101", Decimal(5)), Leg("2221", Decimal("0.00")), Leg("6001", Decimal(-5))]
    )
    assert legs_of(entry) == [("224101", "5.00", None), ("6001", "-5.00", None)]


@pytest.mark.parametrize(
    ("legs", "error"),
    [
        ([Leg("224101", Decimal("1.00")), Leg("6001", Decimal("-0.99"))], UnbalancedEntryError),
        ([Leg("224101", Decimal("1.00")), Leg("9999", Decimal("-1.00"))], UnknownLedgerAccountError),
        ([Leg("224101", Decimal("0.005")), Leg("6001", Decimal("-0.005"))], MoneyError),
    ],
)
def test_post_refused_writes_nothing(community: Community, legs: list[Leg], error: type[Exception]) -> None:
    with pytest.raises(error):
        post_bill(community, legs)
    assert not JournalEntry.objects.exists()


def test_post_a_second_time_is_refused(community: Community) -> None:
    pair = [Leg("224101", Decimal("1.00")), Leg("6001", Decimal("-1.00"))]
    post_bill(community, pair)
    with pytest.raises(AlreadyPostedError):
        post_bill(community, pair)
    assert JournalLeg.objects.count() == 2


def test_post_same_source_in_another_company(community: Community) -> None:
    other = Company.objects.create(name="另一家")
    open_books(company=other)
    elsewhere = Community.objects.create(company=other, code="other", name="别处")
    pair = [Leg("224101", Decimal("1.00")), Leg("6001", Decimal("-1.00"))]
    post_bill(community, pair)
    post_bill(elsewhere, pair)
    assert JournalEntry.objects.filter(source="bill:1").count() == 2


def test_post_columns_writes_thousands_of_legs_in_few_queries(
    community: Community, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owners = np.arange(1, 3001)
    amounts = np.full(3000, 30945)
    columns = [
        LegColumn(chart.ON_BEHALF, amounts, owners),
        LegColumn(chart.REVENUE, np.array([-30945 * 3000])),
    ]
    with django_assert_num_queries(8), transaction.atomic():
        entry = post_columns(
            company_id=community.company_id,
            community_id=community.pk,
            booked_on=DAY,
            kind="bill_run",
            source="run:1:0",
            columns=columns,
        )
    assert entry.legs.count() == 3001
    assert get_balance(code=chart.ON_BEHALF) == Decimal("928350.00")
    assert get_balance(code=chart.ON_BEHALF, charge_account_id=3000) == Decimal("309.45")


def test_reverse_mirrors_every_leg(community: Community) -> None:
    entry = post_bill(
        community, [Leg("224101", Decimal("9.98"), charge_account_id=7), Leg("224101", Decimal("-9.98"))]
    )
    mirror = reverse(entry=entry, booked_on=date(2026, 11, 5), source="void:1", memo="wrong reading")
    assert legs_of(mirror) == [("224101", "-9.98", 7), ("224101", "9.98", None)]
    assert (mirror.reverses, mirror.booked_on) == (entry, date(2026, 11, 5))
    assert get_balance(code="224101") == Decimal("0.00")


def test_reverse_twice_is_refused(community: Community) -> None:
    entry = post_bill(community, [Leg("224101", Decimal(1)), Leg("6001", Decimal(-1))])
    reverse(entry=entry, booked_on=DAY, source="void:1")
    with pytest.raises(AlreadyReversedError):
        reverse(entry=entry, booked_on=DAY, source="void:2")
    assert JournalEntry.objects.count() == 2


def postings(*amounts: str) -> list[Posting]:
    return [
        Posting(
            date(2026, 11, day),
            f"deed:{day}",
            [Leg(chart.BANK, Decimal(amount)), Leg(chart.ON_BEHALF, -Decimal(amount), day)],
            memo=f"SJ2026-{day:06d}",
        )
        for day, amount in enumerate(amounts, start=1)
    ]


def post_deeds(community: Community, *amounts: str) -> int:
    return post_many(
        company_id=community.company_id,
        community_id=community.pk,
        kind="receipt",
        postings=postings(*amounts),
    )


def test_post_many_writes_one_entry_a_posting(community: Community) -> None:
    assert post_deeds(community, "309.45", "20.00") == 2
    first, second = JournalEntry.objects.order_by("booked_on")
    assert (first.source, first.booked_on, first.memo) == ("deed:1", date(2026, 11, 1), "SJ2026-000001")
    assert legs_of(first) == [("1002", "309.45", None), ("224101", "-309.45", 1)]
    assert legs_of(second) == [("1002", "20.00", None), ("224101", "-20.00", 2)]


def test_post_many_refuses_all_when_one_was_posted_before(community: Community) -> None:
    post_deeds(community, "1.00")
    with pytest.raises(AlreadyPostedError):
        post_deeds(community, "1.00", "2.00")
    assert JournalEntry.objects.count() == 1


def test_post_many_refuses_all_when_one_does_not_balance(community: Community) -> None:
    lopsided = Posting(DAY, "deed:9", [Leg(chart.BANK, Decimal("1.00"))])
    with pytest.raises(UnbalancedEntryError):
        post_many(
            company_id=community.company_id,
            community_id=community.pk,
            kind="deposit",
            postings=[*postings("1.00"), lopsided],
        )
    assert not JournalEntry.objects.exists()
