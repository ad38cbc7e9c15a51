"""Groups of households that are in arrears far more often than all others: the page's own finding.

A finding is a place to go and look (a leaking roof, a passage nobody walks), never a trait of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import pandas as pd

LEAST_HOUSEHOLDS = 8
CLEAR = 3.0
"""How many standard errors apart two shares must lie; at about twenty comparisons a page chance seldom does that."""


@dataclass(frozen=True)
class Contrast:
    """A group and all other households: how many there are and how many of them are in arrears.

    `name` is `top_floor`, `kind` or `building_kind`; `kind` and `building` say which, where the name needs it.
    """

    name: str
    households: int
    in_arrears: int
    other_households: int
    other_in_arrears: int
    kind: str = ""
    building: str = ""

    @property
    def share(self) -> float:
        """Share of the group that is in arrears."""
        return self.in_arrears / self.households

    @property
    def other_share(self) -> float:
        """Share of all others that is in arrears."""
        return self.other_in_arrears / self.other_households

    @property
    def distance(self) -> float:
        """How far the shares lie apart, in standard errors of their difference.

        Two proportions with a pooled variance; positive where the group is worse.
        """
        total = self.households + self.other_households
        pooled = (self.in_arrears + self.other_in_arrears) / total
        variance = pooled * (1 - pooled) * (1 / self.households + 1 / self.other_households)
        return (self.share - self.other_share) / sqrt(variance) if variance else 0.0


def find_contrasts(units: pd.DataFrame) -> list[Contrast]:
    """Return the groups that stand out, the clearest first; of a kind and its building only the clearer one.

    `units`: DataFrame of `compute_units`. Compared are top floors of high-rise buildings, kinds of units, and the
    units of one kind in one building; groups under 8 households say too little.
    """
    households = units[units["is_household"]]
    found = [contrast for contrast in _list_contrasts(households) if contrast.distance >= CLEAR]
    found.sort(key=lambda contrast: -contrast.distance)
    return [
        contrast
        for place, contrast in enumerate(found)
        if not any(_overlap(contrast, clearer) for clearer in found[:place])
    ]


def _list_contrasts(households: pd.DataFrame) -> list[Contrast]:
    is_top = (households["kind"] == "high_rise") & households["is_top_floor"].astype("bool")
    groups = [("top_floor", "", "", is_top)]
    for kind in households["kind"].unique():
        is_kind = households["kind"] == kind
        groups.append(("kind", kind, "", is_kind))
        for building in households.loc[is_kind, "building_key"].unique():
            inside = is_kind & (households["building_key"] == building)
            code = str(households.loc[inside, "building"].iloc[0] or "")
            groups.append(("building_kind", kind, code, inside))
    made = [_compare(households, inside, name, kind, building) for name, kind, building, inside in groups]
    return [
        one for one in made if one.households >= LEAST_HOUSEHOLDS and one.other_households >= LEAST_HOUSEHOLDS
    ]


def _compare(
    households: pd.DataFrame, inside: pd.Series[bool], name: str, kind: str, building: str
) -> Contrast:
    owes = households["arrears_households"] > 0
    return Contrast(
        name=name,
        households=int(inside.sum()),
        in_arrears=int((inside & owes).sum()),
        other_households=int((~inside).sum()),
        other_in_arrears=int((~inside & owes).sum()),
        kind=kind,
        building=building,
    )


def _overlap(one: Contrast, other: Contrast) -> bool:
    """Whether two findings tell the same story: a kind, and that kind in one building."""
    return bool(one.kind) and one.kind == other.kind and (not one.building or not other.building)
