"""Rates by their definitions, worked out by hand; whatever they are grouped by, the parts add up."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.domain.figures import SUMMED, Figures, compute_figures, compute_groups, compute_units, share
from tests.dashboards.domain.frames import bills, old, units


def figures_of(*rows: dict[str, object]) -> Figures:
    return compute_figures(compute_units(bills(*rows), units({}, {}, {})))


class TestCollection:
    def test_rate_is_received_over_receivable_of_the_month(self) -> None:
        found = figures_of(
            {"unit_id": 1, "receivable": 30945, "received": 30945},
            {"unit_id": 2, "receivable": 20000, "received": 5000},
            old(unit_id=3, receivable=90000, received=90000, received_in_month=90000),
        )
        assert (found.receivable, found.received) == (50945, 35945)
        assert found.collection_rate == Decimal(35945) / Decimal(50945)

    def test_month_without_bills_has_no_rate(self) -> None:
        assert figures_of(old(receivable=100, received=0)).collection_rate is None


class TestRecovery:
    def test_rate_is_recovered_over_recovered_and_still_open(self) -> None:
        found = figures_of(
            old(unit_id=1, receivable=40000, received=40000, received_in_month=30000),
            old(unit_id=2, receivable=70000, received=10000, received_in_month=0),
        )
        assert (found.recovered, found.old_open) == (30000, 60000)
        assert found.recovery_rate == Decimal(1) / Decimal(3)

    def test_refund_in_the_month_reduces_what_was_recovered(self) -> None:
        found = figures_of(old(receivable=10000, received=4000, received_in_month=-6000))
        assert (found.recovered, found.old_open, found.recovery_rate) == (-6000, 6000, None)

    def test_bills_of_the_month_are_no_old_debt(self) -> None:
        assert figures_of({"receivable": 100, "received": 50, "received_in_month": 50}).recovery_rate is None


class TestHouseholds:
    def test_payment_with_arrears_is_not_fully_paid(self) -> None:
        found = figures_of(
            {"unit_id": 1, "receivable": 100, "received": 100},
            {"unit_id": 2, "receivable": 100, "received": 99},
            {"unit_id": 3, "receivable": 100, "received": 100},
            old(unit_id=3, receivable=500, received=100, days_overdue=40),
        )
        assert (found.billed_households, found.paid_households, found.arrears_households) == (3, 1, 2)
        assert found.household_rate == Decimal(1) / Decimal(3)

    def test_two_accounts_of_a_room_are_one_household(self) -> None:
        found = figures_of({"receivable": 100, "received": 100}, {"receivable": 200, "received": 0})
        assert (found.billed_households, found.paid_households) == (1, 0)

    def test_open_but_not_due_is_neither_paid_nor_in_arrears(self) -> None:
        found = figures_of({"receivable": 100, "received": 0, "days_overdue": 0})
        assert (found.paid_households, found.arrears_households, found.arrears, found.not_due) == (
            0,
            0,
            0,
            100,
        )

    def test_a_parking_space_owes_but_is_no_household(self) -> None:
        space = units({"kind": "parking", "is_household": False})
        found = compute_figures(compute_units(bills({"receivable": 100}), space))
        assert (found.arrears, found.billed_households, found.arrears_households) == (100, 0, 0)
        assert found.arrears_spaces == 1


class TestArrears:
    @pytest.mark.parametrize(("days", "arrears"), [(-1, 0), (0, 0), (1, 100)])
    def test_begin_on_the_day_after_the_due_day(self, days: int, arrears: int) -> None:
        assert figures_of({"receivable": 100, "days_overdue": days}).arrears == arrears

    def test_oldest_counts_open_bills_only(self) -> None:
        found = figures_of(
            old(receivable=100, received=100, days_overdue=521), old(receivable=100, days_overdue=42)
        )
        assert (found.oldest_days, found.arrears) == (42, 100)


ROWS = st.lists(
    st.builds(
        lambda unit, age, owed, paid: {
            "unit_id": unit,
            "is_current": age < 2,
            "is_old": age >= 2,
            "days_overdue": age * 30 - 20,
            "receivable": owed,
            "received": min(owed, paid),
            "received_in_month": min(owed, paid) // 2,
        },
        st.integers(1, 4),
        st.integers(0, 14),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=12,
)
PLACES = units(
    {},
    {"kind": "shop", "building_key": "b9"},
    {"building_key": "b9"},
    {"kind": "parking", "is_household": False},
)


@given(rows=ROWS, key=st.sampled_from(["kind", "building_key", "stair_key", "unit_key"]))
def test_groups_add_up_to_the_whole(rows: list[dict[str, object]], key: str) -> None:
    found = compute_units(bills(*rows), PLACES)
    groups, whole = compute_groups(found, key).values(), compute_figures(found)
    assert {name: sum(getattr(group, name) for group in groups) for name in SUMMED} == {
        name: getattr(whole, name) for name in SUMMED
    }
    assert max(group.oldest_days for group in groups) == whole.oldest_days


@given(rows=ROWS)
def test_receivable_is_received_or_open(rows: list[dict[str, object]]) -> None:
    frame = bills(*rows)
    whole = compute_figures(compute_units(frame, PLACES))
    assert whole.arrears + whole.not_due == int(frame["open"].sum())
    assert whole.paid_households + whole.arrears_households <= len(PLACES)


def test_nothing_at_all_is_zero() -> None:
    nothing = bills({}).iloc[:0]
    assert compute_figures(compute_units(nothing, PLACES)) == Figures()


def test_share_of_nothing_is_none() -> None:
    assert share(0, 0) is None
    assert share(1, 4) == Decimal("0.25")


def test_units_keep_their_walking_order() -> None:
    rows = bills({"unit_id": 3}, {"unit_id": 1})
    assert list(compute_units(rows, PLACES).index) == [1, 3]
    assert isinstance(compute_units(rows, PLACES), pd.DataFrame)
