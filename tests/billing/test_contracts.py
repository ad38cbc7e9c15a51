"""A run asks the contract: outside its life it bills nothing and says why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from billing.models import ChargeLine, Contract
from billing.services.contracts import keep_contract
from billing.services.run import RunOutcome, bill_period
from core.models import AuditRecord
from core.periods import Period
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    village = Village()
    village.unit("8-301", "100")
    village.tariff(village.fee("property"), "area", "3.10")
    return village


def contract(village: Village, **facts: Any) -> Contract:
    defaults = {
        "number": "2024-甲",
        "kind": "committee",
        "price_basis": "lump_sum",
        "start": date(2024, 1, 1),
    }
    return Contract.objects.create(community=village.community, **{**defaults, **facts})


def bill(village: Village, **options: Any) -> RunOutcome:
    return bill_period(
        community=village.community, period=Period.month("2026-10"), now=NOW, by="test", **options
    )


def test_run_without_any_contract_bills_as_before(village: Village) -> None:
    outcome = bill(village)
    assert (outcome.bills_created, outcome.problems) == (1, ())


def test_run_after_the_end_bills_nothing_until_somebody_decides(village: Village) -> None:
    held = contract(village, end=date(2026, 9, 1))
    outcome = bill(village, issue=False)
    assert outcome.bills_created == 0
    (problem,) = outcome.problems
    assert (problem.code, problem.blocks) == ("contract_undecided", True)
    assert "2024-甲" in problem.message
    held.after_end, held.decision_reason = "continue", "业主大会表决前继续服务"
    keep_contract(contract=held, day=date(2026, 10, 2), by="王经理")
    held.refresh_from_db()
    assert (held.decided_by, held.decided_on) == ("王经理", date(2026, 10, 2))
    assert AuditRecord.objects.filter(action="billing.keep_contract").count() == 1
    again = bill(village)
    assert (again.bills_created, again.problems) == (1, ())


def test_run_bills_the_days_of_the_contract_only(village: Village) -> None:
    contract(village, end=date(2026, 10, 16), after_end="stop", decided_by="王经理")
    outcome = bill(village)
    assert [problem.code for problem in outcome.problems] == ["contract_ended"]
    assert str(ChargeLine.objects.get().amount) == "150.00"


def test_pool_that_a_lump_sum_price_holds_is_not_shared(village: Village) -> None:
    contract(village, included_meters=["P1"])
    village.meter("P1", {date(2026, 9, 30): "0", date(2026, 10, 31): "100"}, kind="electricity")
    formula = {"pool_meter": "P1", "pool_key": "area"}
    village.tariff(village.fee("lift", rank=200), "pool", "0.80", formula=formula)
    outcome = bill(village)
    assert [(problem.code, problem.blocks) for problem in outcome.problems] == [
        ("contract_holds_pool", False)
    ]
    assert [line.fee_item.code for line in ChargeLine.objects.all()] == ["property"]


def test_page_of_a_contract_records_who_decided(village: Village) -> None:
    admin = member(Role.COMPANY_ADMIN, village.community)
    typed = {
        "community": village.community.pk, "number": "2024-甲", "kind": "early", "start": "2024-01-01",
        "last_day": "2026-08-31", "price_basis": "commission", "included_meters": "", "after_end": "stop",
    }  # fmt: skip
    address = reverse("admin:billing_contract_add")
    refused = admin.post(address, typed)
    assert "Say why; owners may ask." in refused.content.decode()
    admin.post(address, {**typed, "decision_reason": "已退场"}, follow=True)
    held = Contract.objects.get()
    assert (held.end, held.after_end, held.decided_by) == (date(2026, 9, 1), "stop", "company_admin")
    overlapping = admin.post(address, {**typed, "number": "乙", "decision_reason": "x"})
    assert "The days overlap with the contract 2024-甲." in overlapping.content.decode()
