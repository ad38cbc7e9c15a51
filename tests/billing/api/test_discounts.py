"""The API of discount rules: proposed, decided by another person, ended; of another company there are none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from billing.models import DiscountRule
from tests.billing.api.calls import get, post, results

pytestmark = pytest.mark.django_db

ON_TIME = {
    "community": "yunshan", "kind": "on_time", "name": "按时交优惠", "percent": "2.00", "start": "2026-12-01",
    "reason": "第 8 号决议",
}  # fmt: skip
TWELVE_AND_ONE = {
    **ON_TIME, "kind": "months", "fee_item": "物业费", "months": 12, "gift_months": 1, "last_day": "2027-03-31",
}  # fmt: skip


def propose(client: Client, **changes: Any) -> Any:
    return post(client, "api_propose_discount", **{**ON_TIME, **changes})


def test_a_rule_is_proposed_by_one_and_approved_by_another(manager: Client, finance: Client) -> None:
    made = propose(manager, **TWELVE_AND_ONE)
    assert made.status_code == 201
    rule = made.json()
    assert {key: rule[key] for key in ("state", "fee_item", "months", "gift_months", "percent", "last_day")} == {
        "state": "requested", "fee_item": "物业费", "months": 12, "gift_months": 1, "percent": None,
        "last_day": "2027-03-31",
    }  # fmt: skip
    own = post(manager, "api_approve_discount", rule["id"])
    assert (own.status_code, own.json()["code"]) == (422, "billing.same_person")
    assert post(finance, "api_approve_discount", rule["id"]).json()["state"] == "approved"
    assert (
        get(finance, "api_discount", rule["id"]).json()["told"] == "物业费: pay 12 months ahead, get 1 free"
    )


def test_a_rule_is_refused(manager: Client, finance: Client) -> None:
    rule = propose(manager).json()
    assert post(finance, "api_refuse_discount", rule["id"]).json()["state"] == "refused"
    assert post(finance, "api_approve_discount", rule["id"]).status_code == 409


def test_a_rule_ends_on_a_day(manager: Client, finance: Client) -> None:
    rule = propose(manager, start="2026-11-01").json()
    post(finance, "api_approve_discount", rule["id"])
    early = post(finance, "api_end_discount", rule["id"], last_day="2026-11-04")
    assert (early.status_code, early.json()["code"]) == (422, "billing.discount_end")
    assert (
        post(finance, "api_end_discount", rule["id"], last_day="2026-11-30").json()["last_day"]
        == "2026-11-30"
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "months"}, "fee_item"),
        ({"amount": "5.00"}, "percent"),
        ({"last_day": "2026-11-30"}, "last_day"),
        ({"fee_item": "花园"}, "fee_item"),
        ({"kind": "cake"}, "kind"),
    ],
)
def test_propose_asks_what_the_page_asks(manager: Client, changes: dict[str, Any], field: str) -> None:
    answer = propose(manager, **changes)
    assert (answer.status_code, field in {problem["field"] for problem in answer.json()["problems"]}) == (
        400,
        True,
    )
    assert not DiscountRule.objects.exists()


def test_discounts_by_state(manager: Client, finance: Client) -> None:
    post(finance, "api_approve_discount", propose(manager).json()["id"])
    propose(manager, start="2026-11-01", last_day="2026-11-30", name="十一月")
    assert [row["name"] for row in results(finance, "api_discounts", state="requested")] == ["十一月"]
    assert len(results(finance, "api_discounts", community="yunshan")) == 2


def test_a_stranger_finds_nothing_and_changes_nothing(manager: Client, stranger: Client) -> None:
    rule = propose(manager).json()
    assert results(stranger, "api_discounts") == []
    assert propose(stranger).status_code == 404
    assert get(stranger, "api_discount", rule["id"]).status_code == 404
    for deed, words in {"approve": {}, "refuse": {}, "end": {"last_day": "2026-12-31"}}.items():
        assert post(stranger, f"api_{deed}_discount", rule["id"], **words).status_code == 404
    assert DiscountRule.objects.get().state == "requested"


def test_a_cashier_proposes_nothing(cashier: Client) -> None:
    assert propose(cashier).status_code == 403
