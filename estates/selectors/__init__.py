"""Reads of the register and its meters."""

from estates.selectors.meters import (
    USE_OF_PERIOD,
    get_meters,
    list_histories,
    meter_tree,
    meter_uses,
)
from estates.selectors.register import (
    find_area,
    find_community,
    find_hand_over,
    find_roster_import,
    find_visible_unit,
    get_community,
    get_register,
    get_visible_community,
    get_visible_unit,
    has_communities,
    list_communities,
    list_roster_imports,
    list_units,
)

__all__ = [
    "USE_OF_PERIOD",
    "find_area",
    "find_community",
    "find_hand_over",
    "find_roster_import",
    "find_visible_unit",
    "get_community",
    "get_meters",
    "get_register",
    "get_visible_community",
    "get_visible_unit",
    "has_communities",
    "list_communities",
    "list_histories",
    "list_roster_imports",
    "list_units",
    "meter_tree",
    "meter_uses",
]
