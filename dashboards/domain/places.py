"""Figures by place: communities, their buildings, the stairs of those that are open, and their units."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.domain.figures import Figures, compute_groups

LEVELS = ("community", "building", "stair", "unit")


@dataclass(frozen=True)
class Place:
    """A row of the table by place: `level` of `LEVELS`, `depth` from 0, and what its first unit says of it."""

    level: str
    depth: int
    key: str
    figures: Figures
    unit_id: int
    facts: dict[str, Any]
    is_open: bool

    @property
    def can_open(self) -> bool:
        """Whether there is a level below."""
        return self.level != "unit"


def compute_places(units: pd.DataFrame, is_open: Collection[str] = ()) -> list[Place]:
    """Return the places of the units, below each open one the places inside it.

    `units`: DataFrame of `compute_units` with a `…_key` column a level. A level with one place only is left out,
    except the buildings of one community, so that a house with one stair opens to its units at once.
    """
    level = "community" if units["community_key"].nunique() > 1 else "building"
    return list(_list_places(units, level, 0, frozenset(is_open)))


def _list_places(units: pd.DataFrame, level: str, depth: int, is_open: frozenset[str]) -> Iterator[Place]:
    key_of = f"{level}_key"
    for key, figures in compute_groups(units, key_of).items():
        inside = units[units[key_of] == key]
        first = inside.iloc[0]
        yield Place(
            level,
            depth,
            str(key),
            figures,
            int(inside.index[0]),
            {str(name): value for name, value in first.items()},
            is_open=key in is_open,
        )
        if key in is_open and level != "unit":
            yield from _list_places(inside, _level_below(inside, level), depth + 1, is_open)


def _level_below(units: pd.DataFrame, level: str) -> str:
    """The next level at which the units lie in more than one place, at last the units themselves."""
    below = LEVELS[LEVELS.index(level) + 1 :]
    return next((name for name in below if units[f"{name}_key"].nunique() > 1), "unit")


def list_every_place(units: pd.DataFrame) -> list[str]:
    """The keys of all communities and buildings, which opens a table down to its stairs."""
    return [*units["community_key"].unique(), *units["building_key"].unique()]
