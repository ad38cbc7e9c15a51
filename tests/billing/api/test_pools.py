"""The API of shared pools: both splits before anybody decides, and nothing for strangers."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from billing.models import PoolResharing, PoolResult
from tests.billing.api.calls import get, post, results
from tests.billing.months import bill_month
from tests.billing.village import Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(village: Village) -> int:
    """A pool of 90.00 that two units shared by household; a third one came into the register late."""
    formula = {"pool_meter": "P1", "pool_key": "household", "agreement": "决议 7"}
    village.tariff(village.fee("lift"), "pool", "1", formula=formula)
    village.meter("P1", {date(2026, 10, 31): "0", date(2026, 11, 30): "90"})
    bill_month(village)
    village.unit("8-303")
    bill_month(village)
    return PoolResult.objects.get().pk


def test_pools_as_they_were_shared(cashier: Client, pool: int) -> None:
    (row,) = results(cashier, "api_pools", community="yunshan", period_from="2026-11-01")
    assert {key: row[key] for key in ("id", "fee_item", "meter_code", "amount", "key", "agreement", "units")} == {
        "id": pool, "fee_item": "lift", "meter_code": "P1", "amount": "90.00", "key": "household",
        "agreement": "决议 7", "units": 2,
    }  # fmt: skip


def test_a_pool_is_shared_again(cashier: Client, manager: Client, pool: int) -> None:
    again = get(cashier, "api_reshare", pool).json()
    assert [tuple(row.values()) for row in again["shares"]] == [
        ("8-301", "45.00", "30.00", "-15.00", False),
        ("8-302", "45.00", "30.00", "-15.00", False),
        ("8-303", None, "30.00", "30.00", False),
    ]
    asked = post(cashier, "api_reshare", pool, reason="303 漏了")
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    assert post(cashier, "api_reshare", pool, reason="再来").json()["code"] == "billing.resharing_asked"
    done = post(manager, "api_approve_resharing", asked.json()["id"]).json()
    assert (done["state"], done["decided_by"]) == ("approved", "jingli")


def test_who_asked_does_not_decide_and_a_refusal_changes_nothing(
    manager: Client, finance: Client, pool: int
) -> None:
    asked = post(manager, "api_reshare", pool, reason="303 漏了").json()["id"]
    assert post(manager, "api_approve_resharing", asked).json()["code"] == "billing.same_person"
    assert post(finance, "api_refuse_resharing", asked).json()["state"] == "refused"
    assert results(finance, "api_resharings", state="refused")[0]["reason"] == "303 漏了"


def test_nobody_joined(cashier: Client, village: Village, pool: int) -> None:
    everybody = list(village.community.units.order_by("code").values_list("pk", flat=True))
    PoolResult.objects.update(unit_ids=everybody, weights=[1, 1, 1], shares_fen=[3000, 3000, 3000])
    answer = get(cashier, "api_reshare", pool)
    assert (answer.status_code, answer.json()["code"]) == (422, "billing.nobody_joined")


def test_a_pool_of_nothing_is_not_shared_again(cashier: Client, village: Village) -> None:
    formula = {"pool_meter": "P1", "pool_key": "household", "agreement": "决议 7"}
    village.tariff(village.fee("lift"), "pool", "1", formula=formula)
    village.meter("P1", {date(2026, 10, 31): "90", date(2026, 11, 30): "90"})
    bill_month(village)
    village.unit("8-303")
    bill_month(village)
    asked = post(cashier, "api_reshare", PoolResult.objects.get().pk, reason="303 漏了")
    assert (asked.status_code, asked.json()["code"]) == (422, "billing.nobody_joined")
    assert not PoolResharing.objects.exists()


def test_a_stranger_finds_nothing_and_changes_nothing(cashier: Client, stranger: Client, pool: int) -> None:
    asked = post(cashier, "api_reshare", pool, reason="303 漏了").json()["id"]
    assert (results(stranger, "api_pools"), results(stranger, "api_resharings")) == ([], [])
    for answer in (
        get(stranger, "api_reshare", pool),
        post(stranger, "api_reshare", pool, reason="不"),
        post(stranger, "api_approve_resharing", asked),
        post(stranger, "api_refuse_resharing", asked),
    ):
        assert answer.status_code == 404
    assert PoolResharing.objects.get().state == "requested"
