"""The value of a step as people write it: money, areas, prices, use, shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from billing.domain.working import exact_text
from core.figures import format_area, format_money

USE_UNITS: Mapping[str, Promise] = {
    "water": pgettext_lazy("unit of water", "m³"),
    "electricity": pgettext_lazy("unit of electricity", "kWh"),
    "gas": pgettext_lazy("unit of gas", "m³"),
    "heat": pgettext_lazy("unit of heat", "kWh"),
}


def to_decimal(value: Fraction, places: int = 2) -> Decimal:
    """Round a fraction half-even to so many places, for showing only."""
    return round(Decimal(value.numerator) / Decimal(value.denominator), places)


def money_text(value: Fraction, figures: Mapping[str, Any]) -> str:
    """Say an amount of yuan: `1,684.03`."""
    return format_money(to_decimal(value))


def _working(value: Fraction, figures: Mapping[str, Any]) -> str:
    return _("%(amount)s yuan") % {"amount": exact_text(value, 2)}


def _added(value: Fraction, figures: Mapping[str, Any]) -> str:
    return _("+%(amount)s yuan") % {"amount": exact_text(value, 2)}


def use_text(value: Fraction, figures: Mapping[str, Any]) -> str:
    """Say what a meter counted, in the unit of its kind: `12.5 m³`."""
    return f"{exact_text(value)} {USE_UNITS.get(figures['meter_kind'], '')}".rstrip()


def _price_of_use(value: Fraction, figures: Mapping[str, Any]) -> str:
    unit = USE_UNITS.get(figures["meter_kind"], "")
    return f"{_working(value, figures)}/{unit}" if unit else _working(value, figures)


def _late_rate(value: Fraction, figures: Mapping[str, Any]) -> str:
    words = {"percent": exact_text(value * 100)}
    return (_("%(percent)s%% once") if figures["once"] else _("%(percent)s%% a day")) % words


VALUES: Mapping[str, Callable[[Fraction, Mapping[str, Any]], str]] = {
    "area": lambda value, figures: format_area(to_decimal(value, 4)),
    "price_area": lambda value, figures: _("%(price)s yuan/㎡·month") % {"price": exact_text(value, 2)},
    "price_month": lambda value, figures: _("%(price)s yuan/month") % {"price": exact_text(value, 2)},
    "price_use": _price_of_use,
    "months": lambda value, figures: months_text(value),
    "use": use_text,
    "share": lambda value, figures: f"{to_decimal(value * 100, 4):f}%",
    "number": lambda value, figures: exact_text(value),
    "part_due": lambda value, figures: f"{exact_text(value * 100)}%",
    "yuan": _working,
    "working": _working,
    "change": _added,
    "money": money_text,
    "late_rate": _late_rate,
    "none": lambda value, figures: "",
}


def months_text(value: Fraction) -> str:
    """Say a number of months, whole or in parts."""
    if value.denominator == 1:
        return ngettext("%(count)s month", "%(count)s months", int(value)) % {"count": int(value)}
    return _("%(count)s months") % {"count": exact_text(value)}
