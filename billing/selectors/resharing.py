"""Pools as they were shared, the requests to share them again in a person's scope, and what those moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from django.db.models import QuerySet

from billing.domain.rounding import COIN_FEN
from billing.domain.slab import IntArray, Plan, PoolShares
from billing.models import ChargeLine, PoolResharing, PoolResult, Waiver
from billing.models.bills import CORRECTION
from billing.models.requests import RequestQuerySet
from core.money import to_fen


def list_pools(user: Any) -> QuerySet[PoolResult]:
    """The pools a person may see, the latest period first."""
    pools: QuerySet[PoolResult] = PoolResult.objects.visible_to(user)
    return pools.select_related("fee_item__community").order_by("-period_start", "-pk")


def list_resharings(user: Any) -> RequestQuerySet[PoolResharing]:
    """The requests a person may see, newest first."""
    asked: RequestQuerySet[PoolResharing] = PoolResharing.objects.visible_to(user)
    return asked.select_related("community")


def shared_again(plan: Plan, run_id: int) -> Plan:
    """Return a plan with the shares its frozen pools came to by later splits, for those too who joined then."""
    moved = sum_moved(run_id)
    if not moved:
        return plan
    pools = {item: [_move(pool, moved[pool.result]) for pool in pools] for item, pools in plan.pools.items()}
    return replace(plan, pools=pools)


def _move(pool: PoolShares, moved: Mapping[int, int]) -> PoolShares:
    units = np.union1d(pool.unit, np.array(list(moved), dtype=np.int64))
    at = np.searchsorted(units, pool.unit)

    def spread(column: IntArray) -> IntArray:
        wide = np.zeros_like(units)
        wide[at] = column
        return wide

    added = np.array([moved.get(unit, 0) for unit in units.tolist()], dtype=np.int64)
    return replace(
        pool,
        unit=units,
        weight=spread(pool.weight),
        share_coins=spread(pool.share_coins) + added // COIN_FEN[pool.rounding],
        floor_coins=spread(pool.floor_coins),
        times=None if pool.times is None else spread(pool.times),
    )


def sum_moved(run_id: int) -> Mapping[int, Mapping[int, int]]:
    """What later splits of a run's pools added to shares, or took from them, in fen: by pool and unit.

    It is what was decided: a bill that was voided since changes nothing about the shares of a pool.
    """
    asked = PoolResharing.objects.filter(pool__run=run_id).approved().select_related("pool")
    pools = {one.source: one.pool for one in asked}
    moved: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    if not pools:
        return moved
    less = Waiver.objects.filter(source__in=pools, reverses=None).values_list(
        "source", "line__fee_item", "line__bill__account__unit", "amount"
    )
    for source, item, unit, amount in less:
        if item == pools[source].fee_item_id:  # a split takes late fee back too
            moved[pools[source].pk][unit] -= to_fen(amount)
    more = ChargeLine.objects.filter(bill__schedule=CORRECTION, inputs__deed__in=list(pools))
    for source, unit, amount in more.values_list("inputs__deed", "bill__account__unit", "amount"):
        moved[pools[source].pk][unit] += to_fen(amount)
    return moved
