"""Kinds of units as the figures group them. A household is a dwelling, a shop or an office; spaces are none."""

from __future__ import annotations

from enum import StrEnum


class KindGroup(StrEnum):
    """What the overview can be narrowed to."""

    HOMES = "homes"
    SHOPS = "shops"
    OFFICES = "offices"
    SPACES = "spaces"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of units in the group."""
        return KINDS[self]


KINDS = {
    KindGroup.HOMES: ("high_rise", "townhouse", "villa"),
    KindGroup.SHOPS: ("shop",),
    KindGroup.OFFICES: ("office",),
    KindGroup.SPACES: ("parking", "storage"),
}
EVERY_KIND = tuple(kind for kinds in KINDS.values() for kind in kinds)
HOUSEHOLDS = frozenset(EVERY_KIND) - frozenset(KindGroup.SPACES.kinds)
