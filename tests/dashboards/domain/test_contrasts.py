"""What stands out is clear, large enough and said once."""

from typing import Any

import pandas as pd
import pytest

from dashboards.domain.contrasts import Contrast, find_contrasts


def community(*groups: tuple[int, int, dict[str, Any]]) -> pd.DataFrame:
    """Groups of households: how many, how many of them in arrears, and what they are."""
    plain = {
        "kind": "high_rise",
        "building": "1",
        "building_key": "b1",
        "is_top_floor": False,
        "is_household": True,
    }
    rows = [
        plain | facts | {"arrears_households": int(number < owing)}
        for count, owing, facts in groups
        for number in range(count)
    ]
    return pd.DataFrame(rows)


TOP = {"is_top_floor": True}
SHOPS = {"kind": "shop", "building": "10", "building_key": "b10"}


def test_find_contrasts_names_top_floors() -> None:
    (found,) = find_contrasts(community((60, 19, TOP), (1204, 106, {})))
    assert (found.name, found.in_arrears, found.households) == ("top_floor", 19, 60)
    assert (found.other_in_arrears, found.other_households) == (106, 1204)
    assert (round(found.share, 3), round(found.other_share, 3)) == (0.317, 0.088)


def test_distance_is_the_two_proportion_statistic() -> None:
    # pooled 125/1264 = .0989; √(.0989 × .9011 × (1/60 + 1/1204)) = .03949; (.31667 − .08804) / .03949 = 5.79
    assert Contrast("top_floor", 60, 19, 1204, 106).distance == pytest.approx(5.79, abs=0.005)


def test_find_contrasts_says_a_kind_in_its_only_building_once() -> None:
    found = find_contrasts(community((20, 14, SHOPS), (1200, 120, {})))
    assert [(one.name, one.kind) for one in found] == [("kind", "shop")]


def test_find_contrasts_names_the_building_when_only_its_shops_are_bad() -> None:
    good_shops = {"kind": "shop", "building": "3", "building_key": "b3"}
    found = find_contrasts(community((20, 14, SHOPS), (60, 5, good_shops), (1200, 120, {})))
    assert [(one.name, one.kind, one.building) for one in found] == [("building_kind", "shop", "10")]


@pytest.mark.parametrize(
    "groups",
    [
        [(60, 6, TOP), (1200, 110, {})],
        [(7, 7, TOP), (1200, 110, {})],
        [(60, 0, TOP), (1200, 0, {})],
        [(60, 0, TOP), (1200, 400, {})],
    ],
    ids=["as others", "too few", "nobody owes", "better than others"],
)
def test_find_contrasts_keeps_quiet(groups: list[tuple[int, int, dict[str, Any]]]) -> None:
    assert find_contrasts(community(*groups)) == []
