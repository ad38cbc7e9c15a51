"""Reads of fee items and tariffs."""

from __future__ import annotations

from billing.domain.tariff_notation import Priced
from billing.domain.tariff_plan import HeldItem, HeldTariffs, Terms, VersionKey
from billing.domain.tariff_rows import Known
from billing.models import ChargeLine, FeeItem, TariffVersion
from estates.models import Building, Community, Unit


def get_known_scopes(community: Community) -> Known:
    """The buildings, stairs and units that a tariff may name."""
    buildings = Building.objects.filter(community=community).values_list("code", flat=True)
    units = Unit.objects.filter(community=community)
    stairs = units.exclude(building=None).values_list("building__code", "stair").distinct()
    return Known(
        frozenset(buildings),
        frozenset(units.values_list("code", flat=True)),
        frozenset(f"{building}-{stair or 0}" for building, stair in stairs),
    )


def get_held_tariffs(community: Community) -> HeldTariffs:
    """The fee items and versions of a community that a tariff file is planned against: three queries."""
    billed = set(
        ChargeLine.objects.filter(fee_item__community=community).values_list("fee_item__code").distinct()
    )
    items = FeeItem.objects.filter(community=community)
    versions = TariffVersion.objects.filter(fee_item__community=community).select_related("fee_item")
    return HeldTariffs(
        items={
            item.code: HeldItem(item.name, item.cycle, item.timing, (item.code,) in billed, item.counted_from)
            for item in items
        },
        versions={
            VersionKey(version.fee_item.code, version.applies_to, version.start): _terms(version)
            for version in versions
        },
    )


def _terms(version: TariffVersion) -> Terms:
    return Terms(version.method, Priced(version.price, version.formula), version.rounding, version.end)
