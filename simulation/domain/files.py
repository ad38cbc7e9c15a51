"""The files a clerk of the synthetic community would have: roster, tariffs, readings, as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from simulation.domain.community import SyntheticCommunity
from simulation.domain.houses import HIGH_RISE, OFFICE, SHOP, TOWNHOUSE

Rows = list[Sequence[str]]

ROSTER_HEAD = (
    *("楼栋", "单元", "房号", "楼层", "总层数", "房屋类型", "建筑面积", "房屋状态", "交房日期", "业主姓名"),
    *("手机号", "车位"),
)
TARIFF_HEAD = (
    *("code", "name", "cycle", "timing", "method", "price", "applies_to", "effective_from", "effective_to"),
    "rounding",
)
PRICES = {HIGH_RISE: "2.35", TOWNHOUSE: "2.80", SHOP: "4.20", OFFICE: "4.80"}
READING_HEAD = ("unit", "meter", "kind", "date", "value")


def roster_rows(community: SyntheticCommunity) -> Rows:
    """The roster with its head, one row a unit."""
    rows: Rows = [ROSTER_HEAD]
    for household in community.households:
        house, resident = household.house, household.resident
        rows.append(
            (
                *(house.building, house.stair, house.room, str(house.floor), str(house.floors), house.kind),
                *(str(house.area), "未销售" if house.is_unsold else "已入住"),
                "" if house.is_unsold else house.handed_over_on.isoformat(),
                *((resident.name, resident.phone) if resident else ("", "")),
                house.parking,
            )
        )
    return rows


def forgotten_room_row(community: SyntheticCommunity) -> Sequence[str]:
    """The roster row of a storage room in the first building, of the first household with somebody in it."""
    house, resident = next(
        (household.house, household.resident) for household in community.households if household.resident
    )
    return (
        *(house.building, house.stair, "B01", "", "", "储藏室", "38.00", "已入住"),
        *(house.handed_over_on.isoformat(), resident.name, resident.phone, ""),
    )


def tariff_rows(community: SyntheticCommunity, start: date) -> Rows:
    """The fees of the community from a day on.

    The property fee differs by kind and is billed ahead; shared electricity is a pool for each building, by
    area; water has three steps; both are billed for the month before.
    """
    since = start.isoformat()
    fee = ("wuye", "物业费", "month", "advance", "area")
    water = ("shui", "水费", "month", "arrears", "tiers", "water;12:3.45;20:4.83;:5.83")
    power = ("gongdian", "公摊电费", "month", "arrears", "pool")
    lines = [
        *((*fee, price, f"kind:{kind}") for kind, price in PRICES.items()),
        ("chewei", "车位管理费", "month", "advance", "fixed", "80", "kind:车位"),
        *((*water, f"kind:{kind}") for kind in PRICES),
        *(
            (*power, f"E-{building};0.6283;area", f"building:{building}")
            for building in community.list_buildings()
        ),
    ]
    return [TARIFF_HEAD, *((*line, since, "", "fen") for line in lines)]


def reading_rows(rows: Sequence[Sequence[str]]) -> Rows:
    """Readings with their head."""
    return [READING_HEAD, *rows]
