"""Arrears by age: the days on both sides of every edge."""

import pytest

from dashboards.domain.ageing import compute_ageing, is_in_bucket
from dashboards.domain.figures import compute_units
from tests.dashboards.domain.frames import bills, old, units


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(1, 0), (30, 0), (31, 1), (90, 1), (91, 2), (180, 2), (181, 3), (365, 3), (366, 4), (3000, 4)],
)
def test_compute_ageing_at_the_edges(days: int, bucket: int) -> None:
    frame = bills({"receivable": 100, "days_overdue": days})
    found = compute_ageing(frame, compute_units(frame, units({})))
    assert [one.amount for one in found] == [100 if number == bucket else 0 for number in range(5)]
    assert [one.households for one in found] == [1 if number == bucket else 0 for number in range(5)]


def test_compute_ageing_leaves_out_what_is_not_due_or_paid() -> None:
    frame = bills(
        {"receivable": 100, "days_overdue": 0}, {"receivable": 100, "received": 100, "days_overdue": 9}
    )
    assert {one.amount for one in compute_ageing(frame, compute_units(frame, units({})))} == {0}


def test_compute_ageing_counts_a_household_once_at_its_oldest_bill() -> None:
    frame = bills(
        {"unit_id": 1, "receivable": 100, "days_overdue": 10},
        old(unit_id=1, receivable=300, days_overdue=40),
        old(unit_id=1, receivable=500, days_overdue=400),
        {"unit_id": 2, "receivable": 100, "days_overdue": 10},
    )
    found = compute_ageing(frame, compute_units(frame, units({}, {})))
    assert [one.amount for one in found] == [200, 300, 0, 0, 500]
    assert [one.households for one in found] == [1, 0, 0, 0, 1]
    assert [(one.first, one.last) for one in found] == [(1, 30), (31, 90), (91, 180), (181, 365), (366, None)]


def test_is_in_bucket_keeps_the_households_of_a_step() -> None:
    frame = bills(
        {"unit_id": 1, "receivable": 1, "days_overdue": 30},
        {"unit_id": 2, "receivable": 1, "days_overdue": 31},
    )
    found = compute_units(frame, units({}, {}))
    assert list(found[is_in_bucket(found["oldest_days"], 0)].index) == [1]
    assert list(found[is_in_bucket(found["oldest_days"], 1)].index) == [2]
