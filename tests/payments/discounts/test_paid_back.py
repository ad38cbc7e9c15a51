"""Money paid ahead that goes back takes its share of the gift along."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from billing.models import PaidAhead, PaidAheadReturn
from billing.selectors.outstanding import bill_balances
from billing.services.approval import Approval
from billing.services.replacing import take_bill_back
from core.invariants import check_all
from ledger import chart
from payments.models import Receipt
from payments.selectors.prepayments import get_balance_of
from tests.payments.discounts.deeds import (
    bill,
    booked,
    discounts,
    month,
    night,
    outstanding,
    pay_back,
    prepay,
    serve,
)
from tests.payments.world import NOW, World


def test_refund_of_a_year_after_four_months_takes_the_gift_back_pro_rata(world: World, year: Receipt) -> None:
    """DOMAIN-RULES §9: 4 of 13 months served are worth 369.23, so 830.77 go back and 69.23 of the gift lapse."""
    serve(world, 4)
    held = get_balance_of(world.accounts[0].pk)
    assert (held, discounts()) == (Decimal("830.77"), ["7.69", "7.69", "7.70", "7.69"])
    pay_back(world, "830.77", date(2027, 3, 31))
    taken = PaidAheadReturn.objects.get()
    assert (taken.money, taken.gift) == (Decimal("830.77"), Decimal("69.23"))
    serve_after = bill(world, 5)
    night(world, month(5).start)
    assert bill_balances([serve_after.pk])[serve_after.pk].outstanding == Decimal("100.00")
    assert booked(chart.DISCOUNT) == Decimal("30.77")
    assert booked(chart.PREPAYMENT) == 0
    assert check_all(None) == []


def test_refund_of_a_part_leaves_the_gift_of_the_rest(world: World, year: Receipt) -> None:
    """Half of the year goes back, and with it half the gift: 600.00 and 50.00 pay for six and a half months."""
    pay_back(world, "600.00", date(2026, 11, 25))
    assert PaidAheadReturn.objects.get().gift == Decimal("50.00")
    serve(world, 7)
    assert sum(map(Decimal, discounts())) == Decimal("50.00")
    assert outstanding(world) == Decimal("50.00")


def test_refund_takes_what_was_paid_ahead_last_before_the_earlier_year(world: World, year: Receipt) -> None:
    """Two years more are paid a day later: what goes back is of those, and a quarter of their gift with it."""
    later = prepay(world, "2400.00", date(2026, 11, 21))
    pay_back(world, "600.00", date(2026, 11, 25))
    taken = PaidAheadReturn.objects.get()
    assert (taken.ahead.source, taken.money, taken.gift) == (
        later.source,
        Decimal("600.00"),
        Decimal("50.00"),
    )


def test_refund_takes_what_was_not_paid_ahead_first(world: World, year: Receipt) -> None:
    """300.00 for the same fee item but short of a year: paying that back leaves the year as it was."""
    prepay(world, "300.00", date(2026, 11, 21))
    pay_back(world, "300.00", date(2026, 11, 25))
    assert not PaidAheadReturn.objects.exists()
    assert PaidAhead.objects.count() == 1


def test_year_paid_ahead_goes_on_after_a_bill_was_voided(world: World, year: Receipt) -> None:
    """December's bill is void; its 92.31 are for the property fee again, 13 months of it, and never for parking."""
    wrong = bill(world, 1)
    night(world, month(1).start)
    take_bill_back(bill=wrong, approval=Approval("request:1", "出错", "王芳", "赵强", date(2026, 12, 2), NOW))
    bill(world, 1, parking="500.00")
    bill(world, 2)
    night(world, date(2026, 12, 3))
    assert outstanding(world) == Decimal("500.00")
    for number in range(3, 15):
        bill(world, number)
        night(world, month(number).start)
    assert outstanding(world) == Decimal("500.00")
    assert get_balance_of(world.accounts[0].pk) == 0
