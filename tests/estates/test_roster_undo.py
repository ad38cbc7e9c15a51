"""A roster import goes out again as it came in, while nothing hangs on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.models import ChargeAccount
from core.models import OutboxEvent
from estates.models import Building, Community, Meter, Occupancy, Person, Unit
from estates.services.roster_undo import RosterInUseError, RosterUndoneError, undo_roster
from tests.estates.conftest import NOW, Import

HEAD = ["楼栋", "单元", "房号", "业态", "建筑面积", "交房日期", "业主", "手机"]
FIRST = [HEAD, ["8", "2", "301", "高层", "89.56", "2020-01-05", "张三", "13800138000"]]
SECOND = [
    HEAD,
    ["8", "2", "301", "高层", "90.00", "2020-01-05", "张三", "13800138000"],
    ["9", "1", "101", "高层", "120", "2021-03-01", "李四", "13900139000"],
]


def register() -> dict[str, list[Any]]:
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Building, Unit, Person, Occupancy)
    }


def test_undo_roster_leaves_the_register_as_it_was(take_in: Import) -> None:
    take_in(FIRST)
    before = register()
    record = take_in(SECOND).record
    assert record
    assert Unit.objects.get(code="8-2-301").area_m2 == Decimal("90.0000")
    undo_roster(record=record, by="小王", now=NOW)
    assert register() == before
    assert OutboxEvent.objects.filter(name="estates.roster_undone").count() == 1
    with pytest.raises(RosterUndoneError):
        undo_roster(record=record, by="小王", now=NOW)
    assert take_in(SECOND).counts["created"] == 1


def test_undo_roster_of_everything_empties_the_register(take_in: Import) -> None:
    record = take_in(SECOND).record
    assert record
    undo_roster(record=record, by=None, now=NOW)
    assert not any(register().values())


def test_undo_roster_is_refused_once_rows_of_any_app_name_its_units(
    take_in: Import, community: Community
) -> None:
    record = take_in(FIRST).record
    assert record
    unit, person = Unit.objects.get(), Person.objects.get()
    Meter.objects.create(community=community, unit=unit, code="W1", kind="water")
    ChargeAccount.objects.create(community=community, unit=unit, payer=person, start=date(2026, 1, 1))
    with pytest.raises(RosterInUseError) as refused:
        undo_roster(record=record, by=None, now=NOW)
    assert {problem.code for problem in refused.value.problems} == {"roster_referenced"}
    assert Unit.objects.exists()


def test_undo_roster_is_refused_once_its_facts_were_changed_again(take_in: Import) -> None:
    take_in(FIRST)
    record = take_in(SECOND).record
    assert record
    Unit.objects.filter(code="8-2-301").update(area_m2="91")
    Occupancy.objects.filter(unit__code="9-1-101").update(end=date(2026, 9, 1))
    with pytest.raises(RosterInUseError) as refused:
        undo_roster(record=record, by=None, now=NOW)
    assert [problem.code for problem in refused.value.problems] == [
        "roster_ties_ended",
        "roster_changed_since",
    ]
    assert "8-2-301" in str(refused.value.problems[1].message)
