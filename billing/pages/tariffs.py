"""Prices as clerks say them, and what an import of tariffs shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.domain.pool_rules import PoolRule
from billing.domain.tariff_notation import rule_of
from billing.domain.tariff_plan import HeldItem, Terms, VersionKey
from billing.domain.working import plain_text
from billing.explaining.pools import key_words
from billing.explaining.values import USE_UNITS
from billing.models.tariffs import Method, Rounding
from billing.services.tariffs import TariffOutcome
from core.cards import FlowStep
from estates.models import UnitKind
from estates.pages import roster_tiles

MOST_PROBLEMS = 300


def tariff_steps(current: int) -> list[FlowStep]:
    """Return the steps of a tariff import with the current one marked."""
    labels = (_("Choose the file"), _("Look at it"), _("Done"))
    return [FlowStep(label, step < current, step == current) for step, label in enumerate(labels, start=1)]


def outcome_page(outcome: TariffOutcome) -> dict[str, Any]:
    """Return the tiles, findings and versions of a tariff file; blocking findings come first."""
    plan = outcome.plan
    problems = sorted(outcome.problems, key=lambda problem: not problem.blocks)
    versions = [*plan.created.items(), *plan.updated.items()]
    return {
        "tiles": roster_tiles(plan.counts),
        "problems": problems[:MOST_PROBLEMS],
        "problems_left": max(0, len(problems) - MOST_PROBLEMS),
        "versions": [_shown_version(key, terms, plan.items) for key, terms in versions],
        "is_idle": not (plan.items or versions),
    }


def _shown_version(key: VersionKey, terms: Terms, items: Mapping[str, HeldItem]) -> dict[str, Any]:
    """A version as a row of the preview; the last day is inclusive, as people say it."""
    item = items.get(key.code)
    return {
        "name": item.name if item else key.code,
        "applies_to": scope_words(key.applies_to),
        "method": Method(terms.method).label,
        "price": price_words(terms.method, terms.priced.price, terms.priced.formula),
        "start": key.start,
        "last": terms.end and terms.end - timedelta(days=1),
        "rounding": Rounding(terms.rounding).label,
    }


def price_words(method: str, price: Decimal | None, formula: Mapping[str, Any]) -> str:
    """Say a price as a clerk would: `2.40 元/㎡·月`, `10 吨以内 3.20，以上 6.00 元`, `P1，0.6283 元/度，按面积`."""
    kind = USE_UNITS.get(formula.get("meter_kind", ""), "")
    figure = plain_text(price or Decimal(0), 2)
    if method == "tiers":
        return f"{tier_words(formula['tiers'], str(kind))}"
    words = {"price": figure, "unit": kind, "meter": formula.get("pool_meter", "")}
    if method == "pool":
        return pool_words(rule_of(formula), {**words, "price": "" if price is None else figure})
    if method == "meter":
        return _("%(price)s yuan/%(unit)s") % words
    return (_("%(price)s yuan/㎡·month") if method == "area" else _("%(price)s yuan/month")) % words


def pool_words(rule: PoolRule, words: Mapping[str, Any]) -> str:
    """Say how a pool is shared: `P1，0.6283 元，60% 按建筑面积，40% 按户，floor>=2`."""
    lead = (
        _("meter %(meter)s, %(price)s yuan")
        if words["price"]
        else _("meter %(meter)s, by the supplier's bill")
    )
    keys = [
        key_words(key.title)
        if len(rule.keys) == 1
        else f"{key.percent.normalize():f}% {key_words(key.title)}"
        for key in rule.keys
    ]
    return _(", ").join([lead % words, *keys, *rule.options])


def tier_words(tiers: Sequence[Sequence[str | None]], unit: str) -> str:
    """Say the slabs of a price, the open one last."""
    words = [
        {"limit": limit, "price": plain_text(Decimal(price or 0), 2), "unit": unit} for limit, price in tiers
    ]
    closed = [_("up to %(limit)s %(unit)s %(price)s") % slab for slab in words[:-1]]
    return _(", ").join([*closed, _("above %(price)s yuan") % words[-1]])


def scope_words(applies_to: str) -> str:
    """Say what a tariff applies to: the whole community, a kind of unit, a building, a unit."""
    scope, _colon, name = applies_to.partition(":")
    if scope == "kind":
        return str(UnitKind(name).label)
    if scope == "building":
        return _("building %(name)s") % {"name": name}
    if scope == "stair":
        building, _dash, stair = name.rpartition("-")
        return _("building %(building)s, stair %(stair)s") % {"building": building, "stair": stair}
    return name or _("the whole community")
