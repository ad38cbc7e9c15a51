"""The desk of the late fee: pauses listed and ended, a bill's late fee charged by hand, the table of rates."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from billing.models import Bill, ChargeAccount, LateFeePause, LateFeePolicy, LendingRate, UnitChange
from billing.selectors.explained import explain_bill
from billing.selectors.late_fee_names import name_late_fees
from billing.selectors.late_fee_policies import get_lending_rates
from billing.selectors.outstanding import open_lines
from billing.services.late_fees import open_pause
from core.models import AuditRecord
from tests.billing.factories import issue_bill, make_account, make_community
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def account() -> ChargeAccount:
    """An account under a clause of one per mille a day."""
    account = make_account(make_community())
    LateFeePolicy.objects.create(
        community=account.community, start=LONG_AGO, percent="0.1", grace_days=0, charging="hand"
    )
    return account


@pytest.fixture
def late(account: ChargeAccount) -> Bill:
    """1,000.00, forty days late."""
    return issue_bill(account, {"property": "1000.00"}, due_on=timezone.localdate() - timedelta(days=40))


@pytest.fixture
def manager(account: ChargeAccount) -> Client:
    return member(Role.MANAGER, account.community, "jingli")


@pytest.fixture
def cashier(account: ChargeAccount) -> Client:
    return member(Role.CASHIER, account.community, "shouyin")


def rest(account: ChargeAccount, *, cause: str = "other") -> LateFeePause:
    return open_pause(
        account=account,
        cause=cause,
        first_day=date(2026, 1, 5),
        last_day=None,
        reason="分期协商",
        source="plan:1",
        approved_by="caiwu",
        now=timezone.now(),
    )


def page(name: str, *args: object) -> str:
    return reverse(f"billing:{name}", args=args)


# Pauses -------------------------------------------------------------------------------------------------


def test_pauses_are_listed_ended_and_taken_back(manager: Client, account: ChargeAccount) -> None:
    pause = rest(account)
    assert list(manager.get(page("pauses")).context["rows"]) == [pause]
    assert not manager.get(page("pauses"), {"account": account.pk + 1}).context["rows"]
    manager.post(page("pause", pause.pk), {"last_day": "2026-01-31"})
    pause.refresh_from_db()
    assert pause.last_day == date(2026, 1, 31)
    assert not manager.get(page("pauses")).context["rows"]
    manager.post(page("withdraw_pause", pause.pk), {"reason": ""})
    assert LateFeePause.objects.filter(withdrawn_on=None).exists()
    manager.post(page("withdraw_pause", pause.pk), {"reason": "账户弄错了"})
    assert not LateFeePause.objects.filter(withdrawn_on=None).exists()
    assert list(manager.get(page("pauses"), {"tab": "over"}).context["rows"]) == [pause]


@pytest.mark.parametrize(("source", "change"), [("change:22", 22), ("plan:12", None), ("change:", None)])
def test_change_id_is_that_of_the_change_that_opened_a_pause(source: str, change: int | None) -> None:
    assert LateFeePause(source=source).change_id == change


@pytest.mark.parametrize("day", ["2026-01-04", "soon", ""])
def test_pause_cannot_end_before_it_begins(manager: Client, account: ChargeAccount, day: str) -> None:
    answer = manager.post(page("pause", rest(account).pk), {"last_day": day})
    assert (answer.status_code, "last_day" in answer.context["end_form"].errors) == (422, True)


def test_pause_is_looked_at_by_a_cashier_and_ended_by_others(cashier: Client, account: ChargeAccount) -> None:
    pause = rest(account)
    shown = cashier.get(page("pause", pause.pk)).context
    assert (shown["end_form"], shown["withdraw_form"]) == (None, None)
    assert cashier.post(page("pause", pause.pk), {"last_day": "2026-01-31"}).status_code == 403


def test_a_judgment_does_not_end(manager: Client, account: ChargeAccount) -> None:
    pause = rest(account, cause="judgment")
    assert manager.get(page("pause", pause.pk)).context["end_form"] is None


def test_a_pause_is_asked_for_as_a_change(cashier: Client, account: ChargeAccount) -> None:
    form = cashier.get(page("ask_change"), {"kind": "pause", "unit": str(account.unit_id)}).context["form"]
    assert (form.initial["kind"], form.initial["unit_code"]) == ("pause", "8-2-301")
    wish = {"kind": "pause", "unit_code": "8-2-301", "first_day": "2026-11-01", "reason": "困难"}
    cashier.post(page("ask_change"), {**wish, "prepayment": "stay", "deposits": "stay"})
    assert UnitChange.objects.get().kind == "pause"


# Charging by hand ---------------------------------------------------------------------------------------


def test_charge_shows_both_figures_and_charges_once_a_day(manager: Client, late: Bill) -> None:
    shown = manager.get(page("charge_late_fee", late.number)).context
    card = shown["late_fee"]
    assert shown["may_charge"]
    assert card.open == card.grown > 0
    assert card.court < card.open
    manager.post(page("charge_late_fee", late.number))
    charged = Bill.objects.get(schedule="late_fee")
    assert (charged.account, charged.total > 0) == (late.account, True)
    again = manager.get(page("charge_late_fee", late.number)).context
    assert (again["may_charge"], again["is_done_today"]) == (False, True)
    manager.post(page("charge_late_fee", late.number))
    assert Bill.objects.filter(schedule="late_fee").count() == 1


def test_a_late_fee_is_called_after_what_it_grew_on(manager: Client, late: Bill) -> None:
    manager.post(page("charge_late_fee", late.number))
    charged = Bill.objects.get(schedule="late_fee")
    item = charged.lines.get().fee_item.name
    assert [line.name for line in explain_bill(charged.pk).lines] == [f"{item} · property"]
    named = name_late_fees(open_lines(account_ids=[late.account_id]))
    assert [line.fee_item_name for line in named] == ["property", f"{item} · property"]


def test_names_of_lines_without_late_fee_ask_nothing(
    late: Bill, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lines = open_lines(account_ids=[late.account_id])
    with django_assert_num_queries(0):
        assert name_late_fees(lines) == lines


def test_charge_takes_no_other_bill_of_the_account(manager: Client, late: Bill) -> None:
    other = issue_bill(late.account, {"water": "500.00"}, due_on=late.due_on, schedule="other")
    manager.post(page("charge_late_fee", late.number))
    principals = Bill.objects.get(schedule="late_fee").lines.values_list(
        "late_fee_of__principal__bill", flat=True
    )
    assert set(principals) == {late.pk} != {other.pk}


def test_charge_says_that_nothing_has_grown(manager: Client, account: ChargeAccount) -> None:
    bill = issue_bill(account, {"property": "10.00"}, due_on=timezone.localdate() + timedelta(days=9))
    assert manager.get(page("charge_late_fee", bill.number)).context["late_fee"] is None
    manager.post(page("charge_late_fee", bill.number))
    assert not Bill.objects.filter(schedule="late_fee").exists()


# The rates ----------------------------------------------------------------------------------------------


@pytest.fixture
def admin(account: ChargeAccount) -> Client:
    return member(Role.COMPANY_ADMIN, account.community, "guanli")


def test_rates_are_entered_and_corrected(admin: Client) -> None:
    wish = {"day": "2027-01-20", "percent": "2.90", "source": "同业拆借中心"}
    admin.post(page("lending_rates"), wish)
    assert get_lending_rates().on(date(2027, 1, 20)) == Decimal("2.90")
    assert get_lending_rates().on(date(2027, 1, 19)) == Decimal("3.00")
    admin.post(page("lending_rates"), {**wish, "percent": "2.95"})
    assert LendingRate.objects.get().percent == Decimal("2.95")
    first = admin.get(page("lending_rates")).context["rows"][0]
    assert (first["day"], first["percent"], first["is_bundled"]) == (
        date(2027, 1, 20),
        Decimal("2.95"),
        False,
    )
    assert AuditRecord.objects.filter(action="billing.record_lending_rate").count() == 2


@pytest.mark.parametrize("percent", ["0", "-1", "31", "x"])
def test_rates_refuse_what_is_none(admin: Client, percent: str) -> None:
    answer = admin.post(page("lending_rates"), {"day": "2027-01-20", "percent": percent})
    assert (answer.status_code, LendingRate.objects.exists()) == (422, False)


def test_rates_are_read_by_a_manager_and_not_changed(manager: Client) -> None:
    assert manager.get(page("lending_rates")).context["form"] is None
    wish = {"day": "2027-01-20", "percent": "2.90"}
    assert manager.post(page("lending_rates"), wish).status_code == 403
