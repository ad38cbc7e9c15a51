"""A discount is given once, whatever happens at the same moment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.models import DiscountKind, ReductionKind, Waiver
from billing.services.approval import Approval
from billing.services.reductions import reduce_lines
from ledger.services import AlreadyPostedError
from tests.billing.discounts import make_rule
from tests.payments.discounts.deeds import DUE, ZERO, bill, discounts, moment, outstanding, pay
from tests.payments.world import World
from tests.races import all_at_once, no_locks


def pay_in_halves(town: World) -> None:
    """98.00 of 100.00 in two payments at once, at 2 % for paying on time."""
    make_rule(town.community, DiscountKind.ON_TIME, percent=Decimal("2.00"))
    bill(town)
    all_at_once(lambda: pay(town, "49.00"), lambda: pay(town, "49.00"))


def test_two_halves_at_once_earn_one_discount(town: World) -> None:
    pay_in_halves(town)
    assert (discounts(), outstanding(town)) == (["2.00"], ZERO)


def test_two_halves_at_once_without_locks_earn_none(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: each looks before the other's half is there, so neither finds the bill paid."""
    with no_locks(monkeypatch, "payments.book.decided"):
        pay_in_halves(town)
    assert discounts() == []


def test_a_discount_is_once_in_the_database(world: World, two_percent: None) -> None:
    """The source of the row names rule and bill: whoever misses the first one meets its unique key."""
    bill(world)
    pay(world, "98.00")
    first = Waiver.objects.get(kind="discount")
    again = Approval(first.source, first.reason, "anna", "boris", DUE, moment(DUE))
    with pytest.raises(AlreadyPostedError):
        reduce_lines(amounts={first.line_id: Decimal("0.01")}, kind=ReductionKind.DISCOUNT, approval=again)
