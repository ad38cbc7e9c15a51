"""Pay twelve months, get one: the gift is promised with the money and earned by the bills it pays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.models import Discount, DiscountKind, PaidAhead
from billing.selectors.discounts import list_offers, list_paid_ahead
from billing.selectors.outstanding import bill_balances
from billing.services.paid_ahead import pass_gift_on
from core.invariants import check_all
from ledger import chart
from payments.models import Receipt
from payments.selectors.prepayments import get_balance_of
from tests.billing.discounts import make_rule, twelve_and_one
from tests.payments.discounts.deeds import (
    DUE,
    ZERO,
    bill,
    booked,
    discounts,
    moment,
    month,
    night,
    outstanding,
    pay,
    prepay,
    serve,
)
from tests.payments.world import World


def test_a_year_ahead_pays_thirteen_months(world: World, year: Receipt) -> None:
    serve(world, 13)
    assert discounts() == [
        "7.69", "7.69", "7.70", "7.69", "7.69", "7.69", "7.70", "7.69", "7.69", "7.69", "7.70", "7.69", "7.69",
    ]  # fmt: skip
    assert (outstanding(world), get_balance_of(world.accounts[0].pk)) == (ZERO, ZERO)
    assert booked(chart.DISCOUNT) == Decimal("100.00")
    serve_one_more = bill(world, 14)
    night(world, month(14).start)
    assert bill_balances([serve_one_more.pk])[serve_one_more.pk].outstanding == Decimal("100.00")
    assert check_all(None) == []


@pytest.mark.parametrize(
    ("amount", "gift"), [("1199.99", None), ("1200.00", "100.00"), ("2400.00", "200.00")]
)
def test_a_gift_is_promised_by_whole_years(world: World, amount: str, gift: str | None) -> None:
    twelve_and_one(world.community)
    bill(world)
    pay(world, "100.00")
    prepay(world, amount)
    assert [str(row.gift) for row in PaidAhead.objects.all()] == ([gift] if gift else [])


@pytest.mark.parametrize(
    ("day", "is_promised"),
    [
        (date(2026, 11, 19), False),
        (date(2026, 11, 20), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_gift_is_promised_on_the_days_of_the_rule(world: World, day: date, is_promised: bool) -> None:
    twelve_and_one(world.community, start=date(2026, 11, 20), end=date(2026, 12, 1))
    bill(world)
    pay(world, "100.00", date(2026, 11, 5))
    prepay(world, "1200.00", day)
    assert PaidAhead.objects.exists() is is_promised


def test_what_is_owed_already_is_not_ahead(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    prepay(world, "1299.99")
    assert not PaidAhead.objects.exists()
    prepay(world, "1300.01", date(2026, 11, 21))
    assert PaidAhead.objects.get().paid == Decimal("1200.01")


def test_a_bill_from_before_the_payment_has_no_part_in_its_gift(world: World) -> None:
    """100.00 of November are still open when 1,300.00 come: they are met by money alone, December with the gift."""
    twelve_and_one(world.community)
    bill(world)
    prepay(world, "1300.00")
    night(world, DUE)
    assert (discounts(), outstanding(world)) == ([], ZERO)
    serve(world, 1)
    assert discounts() == ["7.69"]


def test_money_for_nothing_in_particular_earns_nothing(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    pay(world, "1300.00")
    assert not PaidAhead.objects.exists()


def test_the_gift_is_for_bills_issued_since(world: World, year: Receipt) -> None:
    """Rent of another item and bills that were there before have no part in it."""
    bill(world, 1, property="100.00", parking="50.00")
    night(world, month(1).start)
    assert [(row.waiver.line.fee_item.code, str(row.waiver.amount)) for row in Discount.objects.all()] == [
        ("property", "7.69")
    ]
    assert outstanding(world) == Decimal("50.00")


def test_five_percent_for_a_year_ahead(world: World) -> None:
    make_rule(world.community, DiscountKind.PERCENT, "property", months=12, percent=Decimal("5.00"))
    bill(world)
    pay(world, "100.00")
    prepay(world, "1140.00")
    serve(world, 12)
    assert discounts() == ["5.00"] * 12
    assert (outstanding(world), get_balance_of(world.accounts[0].pk)) == (ZERO, ZERO)


def test_the_night_twice_gives_once(world: World, year: Receipt) -> None:
    bill(world, 1)
    assert [night(world, month(1).start) for _ in range(2)] == [Decimal("92.31"), 0]
    assert night(world, date(2026, 12, 2)) == 0
    assert discounts() == ["7.69"]


def test_offers_name_the_sum_that_earns_the_gift(world: World) -> None:
    twelve_and_one(world.community)
    bill(world)
    account = world.accounts[0]
    (offer,) = list_offers(account, DUE)
    assert (offer.needed, offer.gift) == (Decimal("1300.00"), Decimal("100.00"))
    prepay(world, "1300.00")
    assert PaidAhead.objects.get().gift == offer.gift
    assert list_offers(world.accounts[1], DUE) == []


def test_a_gift_goes_on_with_the_unit(world: World, year: Receipt) -> None:
    """After four months 830.77 and 69.23 are left; they are the buyer's, for his bills."""
    serve(world, 4)
    seller, buyer = world.accounts[:2]
    day = date(2027, 3, 15)
    pass_gift_on(
        account_id=seller.pk,
        successor_id=buyer.pk,
        fee_item_id=world.community.fee_items.get(code="property").pk,
        source="transfer:7",
        day=day,
        now=moment(day),
    )
    assert list_paid_ahead(seller.pk) == []
    (left,) = list_paid_ahead(buyer.pk)
    assert (left.money_left, left.gift_left) == (Decimal("830.77"), Decimal("69.23"))
