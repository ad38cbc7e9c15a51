"""Names of kinds, places, buckets and findings, in the language of the reader."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.cards import Finding
from core.figures import format_number, format_rate
from dashboards.domain.ageing import Bucket
from dashboards.domain.contrasts import Contrast
from dashboards.domain.kinds import KindGroup
from dashboards.domain.places import LEVELS, Place
from estates.models import UnitKind


def name_kind_group(group: KindGroup | None) -> str:
    """What the filter calls a group of kinds."""
    names = {
        None: _("All units"),
        KindGroup.HOMES: _("Dwellings"),
        KindGroup.SHOPS: _("Shops"),
        KindGroup.OFFICES: _("Offices"),
        KindGroup.SPACES: _("Parking and storage"),
    }
    return names[group]


def name_kind(kind: str) -> str:
    """What people call a kind of unit."""
    return str(UnitKind(kind).label)


def name_bucket(bucket: Bucket) -> str:
    """The span of a bucket: 1–30 days, over 1 year."""
    if bucket.last is None:
        return _("over 1 year")
    return _("%(first)d–%(last)d days") % {"first": bucket.first, "last": bucket.last}


def name_building(code: str) -> str:
    """8栋; a building with a name of its own keeps it."""
    return _("Building %(code)s") % {"code": code} if code.isalnum() and code.isascii() else code


def name_place(place: Place) -> str:
    """What people call a place, inside the place above it."""
    facts = place.facts
    if place.level == "community":
        return str(facts["community"])
    if place.level == "building":
        return name_building(facts["building"]) if facts["building"] else _("Outside buildings")
    if place.level == "stair":
        return _("Stair %(stair)s") % {"stair": facts["stair"]} if facts["stair"] else _("Without a stair")
    return str(facts["room"] if facts["building"] else facts["code"])


def count_households(count: int) -> str:
    """61 户; households are dwellings, shops and offices."""
    return ngettext("%(count)s household", "%(count)s households", count) % {"count": format_number(count)}


def tag_households(count: int) -> str:
    """61 户, beside a bar."""
    return pgettext("households, beside a bar", "%(count)s hh") % {"count": format_number(count)}


def count_days(days: int) -> str:
    """521 天."""
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": format_number(days)}


def tell_contrast(contrast: Contrast, url: str) -> Finding:
    """A group that stands out, in words: 顶层 31.7% 欠费，60 户里 19 户；其余 8.8%，1,204 户里 106 户。"""
    shares = {
        "share": format_rate(contrast.share),
        "other": format_rate(contrast.other_share),
        "owing": format_number(contrast.in_arrears),
        "all": format_number(contrast.households),
        "other_owing": format_number(contrast.other_in_arrears),
        "other_all": format_number(contrast.other_households),
    }
    lead = _("%(group)s: %(share)s in arrears") % {"group": name_contrast(contrast), **shares}
    text = (
        _(", %(owing)s of %(all)s households; all others %(other)s, %(other_owing)s of %(other_all)s.")
        % shares
    )
    return Finding(lead, text, is_hot=True, url=url)


def name_contrast(contrast: Contrast) -> str:
    """What people call the group."""
    if contrast.name == "top_floor":
        return _("Top floors")
    kind = name_kind(contrast.kind)
    if contrast.name == "kind":
        return kind
    return pgettext("kind of units in a building", "%(kind)s in %(building)s") % {
        "kind": kind,
        "building": name_building(contrast.building) if contrast.building else _("Outside buildings"),
    }


def trace_place(place: Place) -> list[str]:
    """Community, building and stair of a place, each in a column of its own; empty below the place's level."""
    level = LEVELS.index(place.level)
    facts = place.facts
    building = name_building(facts["building"]) if facts["building"] else _("Outside buildings")
    return [str(facts["community"]), building if level >= 1 else "", facts["stair"] if level >= 2 else ""]
