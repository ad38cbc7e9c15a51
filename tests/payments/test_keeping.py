"""A line that was paid asks for less: the surplus becomes prepayment in the same transaction."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Allocation, ChargeLine, ReductionKind
from billing.selectors.outstanding import account_balance
from billing.services.approval import Approval
from billing.services.late_fee_bills import charge_late_fees
from billing.services.reductions import reduce_lines
from billing.services.settlement import MoreThanOutstandingError
from core.invariants import check_all
from ledger import chart
from ledger.selectors import get_balance
from payments.models import Channel, PrepaymentEntry
from payments.selectors.prepayments import list_purses
from payments.services.booking import Incoming, book_receipt
from payments.services.prepayment import use_prepayment
from tests.billing.late_fees import make_policy
from tests.payments.world import NOW, World, make_world
from tests.planner import look_at_the_tables

DAY = date(2026, 11, 20)
SETTLED = ("billing_bill", "billing_chargeline", "billing_allocation", "billing_waiver")


def approval(source: str = "request:1") -> Approval:
    return Approval(source, "面积登记错了", "王芳", "赵强", DAY, NOW)


def pay(world: World, amount: str) -> None:
    book_receipt(incoming=Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW), now=NOW)


def correct(line: ChargeLine, amount: str, source: str = "request:1") -> None:
    kind = ReductionKind.CORRECTION
    reduce_lines(amounts={line.pk: Decimal(amount)}, kind=kind, approval=approval(source))


def test_reducing_a_paid_line_releases_the_surplus(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "240.00")
    pay(world, "240.00")
    correct(line, "40.00")
    account = world.accounts[0].pk
    assert account_balance(account).outstanding == Decimal("0.00")
    assert PrepaymentEntry.objects.balance() == Decimal("40.00")
    assert get_balance(code=chart.PREPAYMENT, charge_account_id=account) == Decimal("-40.00")
    assert get_balance(code=chart.RECEIVABLE, charge_account_id=account) == Decimal("0.00")
    amounts = Allocation.objects.order_by("pk").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("240.00"), Decimal("-240.00"), Decimal("200.00")]


def test_reducing_a_part_paid_line_releases_only_what_goes_beyond(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "240.00")
    pay(world, "100.00")
    pay(world, "120.00")
    correct(line, "140.00")
    assert world.open_amounts() == []
    assert PrepaymentEntry.objects.balance() == Decimal("120.00")
    assert Allocation.objects.filter(reverses=None, reversal=None).get().amount == Decimal("100.00")


def test_reducing_within_what_is_open_releases_nothing(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "240.00")
    pay(world, "200.00")
    correct(line, "40.00")
    assert world.open_amounts() == []
    assert not PrepaymentEntry.objects.exists()


def test_released_money_pays_the_next_bill_at_night(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "240.00")
    pay(world, "240.00")
    correct(line, "40.00")
    world.bill(world.accounts[0], "50.00")
    used = use_prepayment(account_id=world.accounts[0].pk, day=DAY + timedelta(days=1), now=NOW)
    assert used == Decimal("40.00")
    assert world.open_amounts() == [Decimal("10.00")]


def test_correcting_a_paid_line_gives_its_paid_late_fee_back_too(world: World) -> None:
    """1,000.00 was due on Monday, 2 November; 17 days at 0.05 % are 8.50. 400.00 of it were wrong, and 3.40 of that."""
    make_policy(world.community, "0.05")
    (line,) = world.bill(world.accounts[0], "1000.00", due=date(2026, 11, 1))
    charge_late_fees(account_ids=[world.accounts[0].pk], as_of=date(2026, 11, 19), now=NOW, by="test")
    pay(world, "1008.50")
    correct(line, "400.00")
    assert world.open_amounts() == []
    entries = PrepaymentEntry.objects.order_by("pk").values_list("amount", flat=True)
    assert list(entries) == [Decimal("400.00"), Decimal("3.40")]
    assert get_balance(code=chart.LATE_FEE) == Decimal("-5.10")


def test_money_paid_ahead_for_a_fee_item_is_for_that_again(world: World) -> None:
    """60.00 of the lift fee are released in two corrections: of the 100.00 paid ahead for it, and never for parking."""
    lift = world.community.fee_items.get(code="lift")
    (line,) = world.bill(world.accounts[0], "0.00", "0.00", "100.00")[2:]
    money = Incoming(world.accounts[0].pk, Channel.CASH, Decimal("100.00"), NOW, chosen={}, meant_for=lift.pk)
    book_receipt(incoming=money, now=NOW)
    use_prepayment(account_id=world.accounts[0].pk, day=DAY, now=NOW)
    correct(line, "20.00")
    correct(line, "40.00", source="request:2")
    purses = list_purses(world.accounts[0].pk)
    assert [(purse.fee_item_id, str(purse.amount)) for purse in purses] == [(lift.pk, "60.00")]


def test_money_that_was_paid_is_not_written_off(world: World) -> None:
    (line,) = world.bill(world.accounts[0], "240.00")
    pay(world, "200.00")
    amounts = {line.pk: Decimal("40.01")}
    with pytest.raises(MoreThanOutstandingError):
        reduce_lines(amounts=amounts, kind=ReductionKind.WRITE_OFF, approval=approval())


@pytest.mark.django_db
def test_paid_plus_prepaid_is_always_what_came_in() -> None:
    """The law: whatever is paid and then taken off, money only moves between the lines and the account."""
    world = make_world()
    account = world.accounts[0]
    deeds = iter(range(10**6))

    @settings(max_examples=30)
    @given(
        paid=st.lists(st.integers(1, 30000), min_size=1, max_size=4),
        charged=st.integers(1, 60000),
        part=st.fractions(0, 1),
    )
    def law(paid: list[int], charged: int, part: object) -> None:
        look_at_the_tables(*SETTLED)
        before = PrepaymentEntry.objects.balance() + account_balance(account.pk).settled
        (line,) = world.bill(account, f"{Decimal(charged).scaleb(-2)}")
        for fen in paid:
            pay(world, f"{Decimal(fen).scaleb(-2)}")
        if less := int(charged * part):  # type: ignore[operator]
            correct(line, f"{Decimal(less).scaleb(-2)}", f"law:{next(deeds)}")
        after = PrepaymentEntry.objects.balance() + account_balance(account.pk).settled
        assert after - before == Decimal(sum(paid)).scaleb(-2)
        assert check_all() == []

    law()
