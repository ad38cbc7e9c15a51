"""The table by place opens where it is asked to, and its rows add up."""

import pandas as pd

from dashboards.domain.figures import compute_units
from dashboards.domain.places import compute_places, list_every_place
from tests.dashboards.domain.frames import bills, units

TWO_STAIRS = units(
    {"stair": "1", "stair_key": "b8.1", "room": "101"},
    {"stair": "2", "stair_key": "b8.2", "room": "301"},
    {"building": "9", "building_key": "b9", "stair_key": "b9."},
)
EVERYBODY = bills(*({"unit_id": unit, "receivable": 100 * unit} for unit in (1, 2, 3)))


def keys(frame: pd.DataFrame, *is_open: str) -> list[tuple[str, int, int]]:
    return [
        (place.key, place.depth, place.figures.arrears)
        for place in compute_places(compute_units(EVERYBODY, frame), is_open)
    ]


def test_compute_places_of_one_community_begins_with_its_buildings() -> None:
    assert keys(TWO_STAIRS) == [("b8", 0, 300), ("b9", 0, 300)]


def test_compute_places_of_two_communities_begins_with_them() -> None:
    frame = TWO_STAIRS.assign(community_key=["c1", "c1", "c2"])
    assert keys(frame) == [("c1", 0, 300), ("c2", 0, 300)]


def test_open_building_shows_its_stairs_and_open_stair_its_units() -> None:
    assert keys(TWO_STAIRS, "b8", "b8.2") == [
        ("b8", 0, 300),
        ("b8.1", 1, 100),
        ("b8.2", 1, 200),
        ("u2", 2, 200),
        ("b9", 0, 300),
    ]


def test_building_with_one_stair_opens_to_its_units() -> None:
    assert keys(TWO_STAIRS, "b9") == [("b8", 0, 300), ("b9", 0, 300), ("u3", 1, 300)]


def test_list_every_place_opens_down_to_stairs() -> None:
    assert list_every_place(TWO_STAIRS) == ["c1", "b8", "b9"]
