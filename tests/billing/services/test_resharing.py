"""A pool shared again meets what else happens to its shares: bills made anew, money, waivers, buyers (B4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.domain.tariff_notation import read_price
from billing.models import Bill, ChargeAccount, ChargeLine, PoolResult, UnitChange
from billing.models.changes import ChangeKind
from billing.selectors.outstanding import account_balance
from billing.services.approval import Approval
from billing.services.bills import void_bill
from billing.services.changes import approve_change, request_change
from billing.services.replacing import replace_bill
from billing.services.resharing_requests import approve_resharing, request_resharing
from billing.services.run import bill_period
from core.periods import Period
from estates.models import Unit
from tests.billing.factories import waive
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    """Four flats have shared 300.00 for the lift by household, 75.00 each; a fifth joined afterwards."""
    return found(Village())


def found(village: Village) -> Village:
    for floor in (1, 2, 3, 4):
        village.unit(f"8-{floor}01", "75")
    village.meter("P1", {date(2026, 10, 31): "0", date(2026, 11, 30): "1000"}, kind="electricity")
    priced = read_price("pool", "P1;0.30;household")
    village.tariff(village.fee("lift"), "pool", str(priced.price), formula=dict(priced.formula))
    bill(village)
    village.unit("8-501", "75")
    bill(village)
    return village


def bill(village: Village) -> None:
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="test")


def share_again() -> None:
    asked = request_resharing(pool=PoolResult.objects.get(), reason="8-501 漏算", by="王芳", now=NOW)
    approve_resharing(asked=asked, by="赵强", now=NOW)


def change(village: Village, kind: ChangeKind, room: str, day: date, **facts: Any) -> None:
    unit = Unit.objects.get(code=room)
    wish = UnitChange(community=village.community, unit=unit, kind=kind, first_day=day, reason="t", **facts)
    approve_change(change=request_change(change=wish, by="王芳", now=NOW), by="赵强", now=NOW)


def sell(village: Village, room: str, name: str) -> None:
    """The unit changes hands on 16 November: 15 of 30 days are the buyer's."""
    change(village, ChangeKind.TRANSFER, room, date(2026, 11, 16), name=name, phone="13800138000")


def owed() -> dict[str, list[str]]:
    """What the accounts of each unit are asked for, the earlier payer first."""
    found: dict[str, list[str]] = {}
    for account in ChargeAccount.objects.select_related("unit").order_by("unit__code", "start"):
        balance = account_balance(account.pk)
        found.setdefault(account.unit.code, []).append(str(balance.amount - balance.waived))
    return found


def test_area_measured_after_the_pool_was_shared_again_moves_no_share_back(village: Village) -> None:
    """By household the area means nothing: every share stays at 60.00."""
    share_again()
    change(village, ChangeKind.AREA, "8-201", date(2026, 11, 11), value=Decimal(80))
    assert owed() == {f"8-{floor}01": ["60.00"] for floor in (1, 2, 3, 4, 5)}


def test_transfer_after_the_pool_was_shared_again_divides_the_new_share(village: Village) -> None:
    """Of 60.00, half is the buyer's; also of the unit that joined, which no run ever billed."""
    share_again()
    sell(village, "8-301", "王五")
    sell(village, "8-501", "赵六")
    halves = {"8-301": ["30.00", "30.00"], "8-501": ["30.00", "30.00"]}
    assert owed() == {f"8-{floor}01": ["60.00"] for floor in (1, 2, 4)} | halves


def test_transfer_of_who_joined_keeps_his_share_beside_other_fees() -> None:
    """A run billed 10.00 of another fee to who joined: his 60.00 of the pool are not taken for a mistake of it."""
    village = Village()
    village.tariff(village.fee("bins"), "fixed", "10")
    found(village)
    share_again()
    sell(village, "8-501", "赵六")
    assert owed()["8-501"] == ["35.00", "35.00"]


def test_bill_issued_anew_after_the_pool_was_shared_again_asks_for_the_new_share(village: Village) -> None:
    share_again()
    wrong = Bill.objects.get(account__unit__code="8-101")
    approval = Approval("request:1", "重开", "王芳", "赵强", date(2026, 11, 20), NOW)
    assert replace_bill(bill=wrong, approval=approval)
    assert owed() == {f"8-{floor}01": ["60.00"] for floor in (1, 2, 3, 4, 5)}
    change(village, ChangeKind.AREA, "8-101", date(2026, 11, 11), value=Decimal(80))
    assert owed()["8-101"] == ["60.00"]


def test_shared_again_and_again_after_a_transfer(village: Village) -> None:
    """A sixth flat joins: 50.00 each; what 8-301 asks less is taken from both its payers' lines, the buyer's first."""
    share_again()
    sell(village, "8-301", "王五")
    village.unit("8-601", "75")
    bill(village)
    share_again()
    shares = {f"8-{floor}01": ["50.00"] for floor in (1, 2, 4, 5, 6)}
    assert owed() == shares | {"8-301": ["30.00", "20.00"]}


@pytest.mark.parametrize("given_up", ["75.00", "0.01"])
def test_share_that_was_given_up_stays(village: Village, given_up: str) -> None:
    """8-101 keeps its 75.00, of which it was let off some; the other 225.00 are divided by four, 56.25 each."""
    waive(ChargeLine.objects.get(bill__account__unit__code="8-101"), given_up, date(2026, 11, 20), NOW)
    share_again()
    rest = {f"8-{floor}01": ["56.25"] for floor in (2, 3, 4, 5)}
    assert owed() == rest | {"8-101": [str(Decimal("75.00") - Decimal(given_up))]}


def test_shared_again_twice_sums_to_the_pool_whatever_was_voided(village: Village) -> None:
    """The voided bill's 75.00 are nobody's to pay and nobody else's either: 225.00 over four, then over five."""
    voided = Bill.objects.get(account__unit__code="8-101")
    void_bill(bill=voided, reason="t", day=date(2026, 11, 20), by="t")
    share_again()
    village.unit("8-601", "75")
    bill(village)
    share_again()
    assert owed() == {f"8-{floor}01": ["45.00"] for floor in (2, 3, 4, 5, 6)} | {"8-101": ["0.00"]}
