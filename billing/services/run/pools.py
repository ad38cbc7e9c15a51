"""Pools of a run: worked out once for the whole community and frozen with their participants (B4)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

from billing.domain.pools import (
    Pool,
    Units,
    days_with_payer,
    list_pools,
    price_shown,
    share_coins,
    weigh_units,
)
from billing.domain.rates import clip_days
from billing.domain.scopes import classify
from billing.domain.slab import PRICE_SCALE, DueItem, Finding, IntArray, Plan
from billing.models import BillRun, PoolResult, RunProblem
from billing.selectors.columns import arrays
from billing.selectors.snapshot import CommunityUse, Holdings, find_community_use
from billing.services.run.problems import as_problem, get_fee_names, record_findings
from core.bulk import copy_rows
from core.money import to_yuan

LATE = "pool_joined_late"


def share_pools(run: BillRun, plan: Plan, holdings: Holdings) -> None:
    """Share each pool that is due and not shared in this run yet; a pool once shared stays as it is.

    What cannot be shared is a remark of the run. Units that would take part today but came after their pool was
    shared are named: they get no part, so that the others' parts still sum to the pool.
    """
    RunProblem.objects.filter(run=run, code__startswith="pool_").delete()
    units = holdings.places.unit
    pools = [(item, pool) for item in plan.items for pool in list_pools(item)]
    for item, pool in pools:
        weights = _weigh(plan, item, pool, holdings)
        shared = PoolResult.objects.filter(
            run=run, fee_item_id=item.id, applies_to=pool.applies_to, meter_code=pool.meter
        ).first()
        if shared:
            _name_late_units(run, item, units[weights > 0], shared)
        else:
            _share(run, item, pool, units, weights)


def _weigh(plan: Plan, item: DueItem, pool: Pool, holdings: Holdings) -> IntArray:
    places, accounts = holdings.places, holdings.accounts
    first, end = clip_days(accounts, item.period)
    days = days_with_payer(places.unit, accounts.unit, end - first)
    classes = classify(places, item.tariffs, plan.targets)
    return weigh_units(pool, item, Units(places.unit, holdings.area, days), classes)


def _name_late_units(run: BillRun, item: DueItem, units: IntArray, shared: PoolResult) -> None:
    late = units[~np.isin(units, np.array(shared.unit_ids, dtype=np.int64))]
    record_findings(run, [Finding(LATE, item.code, late, blocks=False)])


def _share(run: BillRun, item: DueItem, pool: Pool, units: IntArray, weights: IntArray) -> None:
    use = find_community_use(run.community_id, pool.meter, item.period)
    obstacle = _find_obstacle(use, weights)
    if use is None or obstacle:
        as_problem(run, obstacle, pool.meter, get_fee_names(run), fee=item.code, blocks=False).save()
        return
    taking_part = weights > 0
    coins = pool.amount_coins(Fraction(use.use), item.period.days)
    shares = share_coins(coins, weights[taking_part]) * pool.coin_fen
    copy_rows(
        PoolResult._meta.db_table,
        {
            "fee_item_id": [item.id],
            "run_id": [run.pk],
            "applies_to": [pool.applies_to],
            "meter_code": [pool.meter],
            "period_start": [item.period.start],
            "period_end": [item.period.end],
            "opening": [use.opening],
            "closing": [use.closing],
            "use": [use.use],
            "price": [Decimal(price_shown(pool, item.period.days)) / PRICE_SCALE],
            "amount": [to_yuan(coins * pool.coin_fen)],
            "key": [pool.key],
            "rounding": [pool.last.rounding],
            "tariff_version_id": [pool.last.id],
            "unit_ids": arrays([units[taking_part]]),
            "weights": arrays([weights[taking_part]]),
            "shares_fen": arrays([shares]),
        },
    )


def _find_obstacle(use: CommunityUse | None, weights: IntArray) -> str:
    """The code of what keeps a pool from being shared, or nothing."""
    if use is None:
        return "pool_no_meter"
    if use.use < 0:
        return "pool_backwards"
    return "" if weights.any() else "pool_nobody"
