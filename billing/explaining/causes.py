"""What people call the causes of a difference between two runs, and what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.figures import format_change

CAUSE_NAMES: Mapping[str, Promise] = {
    "price": gettext_lazy("Price"),
    "area": gettext_lazy("Area"),
    "days": gettext_lazy("Days"),
    "use": gettext_lazy("Use"),
    "pool": gettext_lazy("Shared use"),
    "participants": gettext_lazy("Participants"),
    "state": gettext_lazy("New, left or vacant"),
    "method": gettext_lazy("Way of charging"),
    "item": gettext_lazy("Fee item begun or ended"),
    "rounding": gettext_lazy("Rounding"),
    "other": gettext_lazy("Not explained"),
}

CAUSE_MEANINGS: Mapping[str, Promise] = {
    "price": gettext_lazy("a tariff has another price or other slabs"),
    "area": gettext_lazy("the unit's own area is another one"),
    "days": gettext_lazy("more or fewer days are charged"),
    "use": gettext_lazy("the unit's own meters counted more or less"),
    "pool": gettext_lazy("what all together used, by the community's meters"),
    "participants": gettext_lazy("others share the same pool, or by other weights"),
    "state": gettext_lazy("units that came, left, or are charged in part"),
    "method": gettext_lazy("the fee item is worked out in another way now"),
    "item": gettext_lazy("charged this time but not last time, or the other way round"),
    "rounding": gettext_lazy("the odd fen"),
    "other": gettext_lazy("the line does not say where its amount comes from"),
}


def tell_causes(causes: Sequence[tuple[str, Decimal]]) -> str:
    """Say what moved a unit, the largest first: `Shared use +132.00 yuan; Price −3.00 yuan`."""
    return _("; ").join(f"{CAUSE_NAMES[cause]} {format_change(amount)}" for cause, amount in causes)
