"""Pools as they were shared, and the requests to share them again, in a person's scope."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from billing.models import PoolResharing, PoolResult
from billing.models.requests import RequestQuerySet


def list_pools(user: Any) -> QuerySet[PoolResult]:
    """The pools a person may see, the latest period first."""
    pools: QuerySet[PoolResult] = PoolResult.objects.visible_to(user)
    return pools.select_related("fee_item__community").order_by("-period_start", "-pk")


def list_resharings(user: Any) -> RequestQuerySet[PoolResharing]:
    """The requests a person may see, newest first."""
    asked: RequestQuerySet[PoolResharing] = PoolResharing.objects.visible_to(user)
    return asked.select_related("community")
