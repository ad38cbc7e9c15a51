"""Pools of a run: worked out once for the whole community and frozen with their participants (B4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from billing.domain.pool_rules import SHARE
from billing.domain.pools import (
    Pool,
    Units,
    Weights,
    count_worth,
    days_with_payer,
    list_pools,
    price_shown,
    share_coins,
    weigh_units,
)
from billing.domain.rates import clip_days
from billing.domain.scopes import classify
from billing.domain.slab import PRICE_SCALE, BoolArray, DueItem, Finding, IntArray, Plan
from billing.models import BillRun, PoolResult, RunProblem
from billing.selectors.columns import arrays
from billing.selectors.pools import Measured, find_billed, find_measured, load_pool_facts
from billing.selectors.snapshot import Holdings, load_areas
from billing.selectors.unit_facts import load_unit_facts
from billing.services.run.problems import as_problem, get_fee_names, record_findings
from core.bulk import copy_rows
from core.money import to_fen, to_yuan
from core.periods import Period
from estates.models import Unit

LATE = "pool_joined_late"
SAID_AGAIN = (LATE, "pool_no_meter", "pool_unread", "pool_no_bill", "pool_backwards", "pool_nobody")
"""Remarks about pools that each pass over a run makes anew; the others belong to the moment of sharing."""

NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Cost:
    """What a pool came to in whole coins, and the columns of its results that say how."""

    coins: int
    columns: dict[str, Any]


@dataclass(frozen=True)
class DuePool:
    """A pool of a run that is due, with the weights of all units by each of its keys."""

    run: BillRun
    item: DueItem
    pool: Pool
    units: Units
    weights: list[Weights]

    @property
    def takes_part(self) -> BoolArray:
        """Who takes part by any key."""
        found: BoolArray = np.any([weights.weight > 0 for weights in self.weights], axis=0)
        return found

    def say(self, code: str, **figures: object) -> None:
        """Write a remark of the run about this pool."""
        names = get_fee_names(self.run)
        as_problem(self.run, code, self.pool.meter, names, fee=self.item.code, blocks=False, **figures).save()


def share_pools(run: BillRun, plan: Plan, holdings: Holdings) -> None:
    """Share each pool that is due and not shared in this run yet; a pool once shared stays as it is.

    What cannot be shared is a remark of the run. Units that would take part today but came after their pool was
    shared are named: they get no part, so that the others' parts still sum to the pool.
    """
    RunProblem.objects.filter(run=run, code__in=SAID_AGAIN).delete()
    for due in list_due_pools(run, plan, holdings):
        shared = list(_results(due))
        if shared:
            _name_late_units(due, shared)
        else:
            _share(due)


def list_due_pools(run: BillRun, plan: Plan, holdings: Holdings) -> Iterator[DuePool]:
    """Yield every pool that is due in a run with the weights of all units; what they ask is loaded once a period."""
    pools = [(item, pool) for item in plan.items for pool in list_pools(item)]
    of_period: dict[Period, list[Pool]] = {}
    for item, pool in pools:
        of_period.setdefault(item.period, []).append(pool)
    facts = {period: load_pool_facts(run.community_id, found, period) for period, found in of_period.items()}
    areas = {period: load_areas(run.community_id, period) for period in of_period}
    payers = {period: _count_payers(holdings, found, period) for period, found in of_period.items()}
    for item, pool in pools:
        days, worth = payers[item.period]
        units = Units(holdings.places.unit, areas[item.period], days, worth, facts[item.period])
        classes = classify(holdings.places, item.tariffs, plan.targets)
        yield DuePool(run, item, pool, units, weigh_units(pool, item, units, classes))


def _count_payers(holdings: Holdings, pools: list[Pool], period: Period) -> tuple[IntArray, IntArray | None]:
    """The days of a period each unit has a payer for, and what they are worth where a pool asks about vacancy."""
    units, accounts = holdings.places.unit, holdings.accounts
    first, end = clip_days(accounts, period)
    days = days_with_payer(units, accounts.unit, end - first)
    if not any(pool.rule.vacancy == SHARE for pool in pools):
        return days, None
    return days, count_worth(units, days, accounts, period, load_unit_facts(units.tolist(), period))


def _results(due: DuePool) -> Iterator[PoolResult]:
    rows = PoolResult.objects.filter(
        run=due.run, fee_item_id=due.item.id, applies_to=due.pool.applies_to, meter_code=due.pool.meter
    )
    yield from rows.filter(rule__in=("", due.pool.rule_text))


def _name_late_units(due: DuePool, shared: list[PoolResult]) -> None:
    there = {unit for result in shared for unit in result.unit_ids}
    units = due.units.id[due.takes_part]
    late = units[~np.isin(units, np.array(sorted(there), dtype=np.int64))]
    record_findings(due.run, [Finding(LATE, due.item.code, late, blocks=False)])


def _share(due: DuePool) -> None:
    cost = _find_cost(due)
    if cost is None:
        return
    _name_lacking_units(due)
    for place, coins in enumerate(due.pool.split_coins(cost.coins)):
        if due.weights[place].weight.any():
            _freeze(due, place, coins, cost)
        else:
            due.say("pool_nobody")


def _find_cost(due: DuePool) -> Cost | None:
    """What the pool came to, or None once it has been said what is in the way."""
    return _cost_by_bill(due) if due.pool.last.is_billed else _cost_by_meters(due)


def _cost_by_bill(due: DuePool) -> Cost | None:
    billed = find_billed(due.run.community_id, due.pool.meter, due.item.period)
    if billed is None:
        due.say("pool_no_bill")
        return None
    coins = due.pool.billed_coins(to_fen(billed), due.item.period.days)
    return Cost(coins, {"measured": [{"billed": f"{billed:.2f}"}]})


def _cost_by_meters(due: DuePool) -> Cost | None:
    measured = find_measured(due.run.community_id, due.pool, due.item.period)
    hindrance = _find_hindrance(measured)
    if measured is None or hindrance:
        due.say(hindrance)
        return None
    if measured.missing:
        due.say("pool_meters_missing", meters=", ".join(measured.missing[:NAMED_AT_MOST]))
    days, use = due.item.period.days, measured.balance.shared
    columns = {
        "opening": [measured.main.opening],
        "closing": [measured.main.closing],
        "use": [use],
        "price": [Decimal(price_shown(due.pool, days)) / PRICE_SCALE],
        "measured": [measured.as_dict()],
    }
    return Cost(due.pool.amount_coins(Fraction(use), days), columns)


def _find_hindrance(measured: Measured | None) -> str:
    """The code of what keeps a pool from being shared by its meters; empty when nothing does."""
    if measured is None:
        return "pool_no_meter"
    if not measured.main.is_read:
        return "pool_unread"
    return "pool_backwards" if measured.runs_backwards else ""


def _freeze(due: DuePool, place: int, coins: int, cost: Cost) -> None:
    item, pool, found = due.item, due.pool, due.weights[place]
    taking_part = found.weight > 0
    weights, times = found.weight[taking_part], found.times[taking_part]
    copy_rows(
        PoolResult._meta.db_table,
        {
            **cost.columns,
            "whole": [to_yuan(cost.coins * pool.coin_fen)],
            "fee_item_id": [item.id],
            "run_id": [due.run.pk],
            "applies_to": [pool.applies_to],
            "meter_code": [pool.meter],
            "period_start": [item.period.start],
            "period_end": [item.period.end],
            "rule": [pool.rule_text],
            "agreement": [pool.rule.agreement],
            "percents": [f"{{{','.join(pool.rule.percents)}}}"],
            "place": [place],
            "amount": [to_yuan(coins * pool.coin_fen)],
            "key": [pool.rule.keys[place].title],
            "rounding": [pool.last.rounding],
            "tariff_version_id": [pool.last.id],
            "unit_ids": arrays([due.units.id[taking_part]]),
            "weights": arrays([weights]),
            "times": arrays([times if times.min() < found.full else times[:0]]),
            "scale": [found.scale],
            "shares_fen": arrays([share_coins(coins, weights) * pool.coin_fen]),
        },
    )


def _name_lacking_units(due: DuePool) -> None:
    """Say which units would take part, had the register their figure: area, coefficient, a meter of their own."""
    lacking = due.units.id[np.any([weights.lacking for weights in due.weights], axis=0)]
    if lacking.size:
        named = Unit.objects.filter(pk__in=lacking[:NAMED_AT_MOST].tolist()).order_by("code")
        codes = ", ".join(named.values_list("code", flat=True))
        due.say("pool_left_out", count=lacking.size, units=codes)
