"""One seed gives one community; its sizes and habits are those the demo promises."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from simulation.domain.community import draw_community, draw_readings
from simulation.domain.files import roster_rows, tariff_rows
from simulation.domain.habits import Habit, answer_bill, draw_payer
from simulation.domain.houses import SHOP_STREET, count_kinds, draw_houses
from simulation.domain.people import phone_of


def test_draw_houses_of_1200_units_is_about_200000_square_metres():
    houses = draw_houses(1200, np.random.default_rng(7))
    area = sum(house.area for house in houses)
    assert len({house.code for house in houses}) == 1200
    assert Decimal(185_000) < area < Decimal(215_000)
    assert sum(house.is_unsold for house in houses) == pytest.approx(42, abs=15)


@pytest.mark.parametrize("units", [20, 60, 333, 1200])
def test_draw_houses_of_any_size_has_a_code_for_each(units):
    houses = draw_houses(units, np.random.default_rng(1))
    assert len({house.code for house in houses}) == units
    assert sum(count_kinds(units).values()) == units


def test_draw_community_same_seed_same_people():
    one, two = draw_community(60, 7), draw_community(60, 7)
    assert one.households == two.households
    assert draw_readings(one, date(2026, 1, 31)) == draw_readings(two, date(2026, 1, 31))
    assert draw_community(60, 8).households != one.households


def test_draw_readings_never_go_back():
    community = draw_community(60, 7)
    shown: dict[str, Decimal] = {}
    for month in range(1, 7):
        for _unit, meter, _kind, _day, value in draw_readings(community, date(2026, month, 28)):
            assert Decimal(value) >= shown.get(meter, Decimal())
            shown[meter] = Decimal(value)


def test_trouble_is_where_the_roof_leaks_and_the_street_is_empty():
    random = np.random.default_rng(7)
    houses = draw_houses(1200, random)
    resistant = {True: [0, 0], False: [0, 0]}
    for house in houses * 3:
        place = resistant[house.is_top_floor or house.is_on_shop_street]
        place[0] += draw_payer(house, random).habit is Habit.RESISTANT
        place[1] += 1
    assert resistant[True][0] / resistant[True][1] > 2 * resistant[False][0] / resistant[False][1]
    assert any(house.is_on_shop_street for house in houses if house.building == SHOP_STREET)


def test_answer_bill_habits_differ_and_overlap():
    random = np.random.default_rng(7)
    house = draw_houses(20, random)[0]
    days: dict[Habit, list[int]] = {habit: [] for habit in Habit}
    for _ in range(4000):
        payer = draw_payer(house, random)
        answer = answer_bill(payer, date(2026, 11, 1), random)
        if answer is not None:
            days[payer.habit].append((answer.paid_at.date() - date(2026, 11, 1)).days)
    middles = {habit: float(np.median(found)) for habit, found in days.items()}
    assert middles[Habit.ACTIVE] < middles[Habit.FORGETFUL] < middles[Habit.RESISTANT]
    assert max(days[Habit.ACTIVE]) > min(days[Habit.RESISTANT])


def test_phones_are_unique_and_look_like_phones():
    phones = {phone_of(number) for number in range(1, 3000)}
    assert len(phones) == 2999
    assert {len(phone) for phone in phones} == {11}


def test_files_have_one_row_a_unit_and_a_pool_for_each_building():
    community = draw_community(60, 7)
    assert len(roster_rows(community)) == 61
    pools = [row for row in tariff_rows(community, date(2025, 1, 1)) if row[4] == "pool"]
    assert {row[6] for row in pools} == {f"building:{code}" for code in community.list_buildings()}
