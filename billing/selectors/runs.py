"""What the reviewer of a run reads: totals beside the period before, parked accounts, a sample, buildings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import MD5, Cast, Concat

from billing.models import Bill, BillRun, BillState, ChargeLine, PoolResult, RunProblem, RunSample
from core.money import ZERO
from estates.models import Building


@dataclass(frozen=True)
class ItemTotals:
    """What a fee item came to in this run and in the run before, in yuan; None where a run does not have it."""

    name: str
    now: Decimal | None
    before: Decimal | None

    @property
    def change(self) -> Decimal:
        """The difference between the two."""
        return (self.now or ZERO) - (self.before or ZERO)


@dataclass(frozen=True)
class BuildingBills:
    """How many bills a building has to print; the id is 0 for units that stand in no building."""

    building_id: int
    code: str
    count: int


def list_runs(user: Any) -> QuerySet[Any]:
    """The runs a person may see, newest first, each with its number of parked accounts."""
    parked = Count("problems", filter=Q(problems__blocks=True))
    runs = BillRun.objects.visible_to(user).select_related("community").annotate(parked=parked)
    return runs.order_by("-period_start", "community__code")


def list_problems(run: BillRun) -> list[RunProblem]:
    """What was found in a run, parked accounts first."""
    return list(RunProblem.objects.filter(run=run).order_by("-blocks", "unit", "code", "pk"))


def find_run_before(run: BillRun) -> BillRun | None:
    """The run of the same community and schedule before this one."""
    earlier = BillRun.objects.filter(
        community_id=run.community_id, schedule=run.schedule, period_start__lt=run.period_start
    )
    return earlier.order_by("-period_start").first()


def compare_runs(run: BillRun, before: BillRun | None) -> list[ItemTotals]:
    """Both runs' totals by fee item, in the order of the bill. The changes add up to that of the totals."""
    now, then = _totals(run), _totals(before) if before else {}
    return [
        ItemTotals(name, now.get((rank, code, name)), then.get((rank, code, name)))
        for rank, code, name in sorted({*now, *then})
    ]


def _totals(run: BillRun) -> dict[tuple[int, str, str], Decimal]:
    lines = ChargeLine.objects.filter(bill__run=run).exclude(bill__state=BillState.VOID)
    rows = lines.order_by().values_list("fee_item__rank", "fee_item__code", "fee_item__name")
    return {(rank, code, name): total for rank, code, name, total in rows.annotate(total=Sum("amount"))}


def find_random_bills(run: BillRun, seed: str, count: int) -> list[int]:
    """The ids of bills the seed draws: at random, and the same ones whenever it is asked again."""
    draw = MD5(Concat(Cast("pk", CharField()), Value(f"-{seed}")))
    bills = Bill.objects.filter(run=run).exclude(state=BillState.VOID)
    return list(bills.order_by(draw, "pk").values_list("pk", flat=True)[:count])


def find_sample(run: BillRun) -> RunSample | None:
    """The newest sample of a run, signed or not."""
    return RunSample.objects.filter(run=run).first()


def list_samples(run: BillRun) -> list[RunSample]:
    """All samples of a run, the newest first."""
    return list(RunSample.objects.filter(run=run))


def list_parked_since(run: BillRun) -> dict[tuple[str, str], datetime]:
    """Since when each unit is parked for the same reason, by unit and code, over this run and those before."""
    parked = RunProblem.objects.filter(run__community_id=run.community_id, blocks=True)
    rows = parked.filter(run__period_start__lte=run.period_start).order_by().values_list("unit", "code")
    return {(unit, code): since for unit, code, since in rows.annotate(Min("run__opened_at"))}


@dataclass(frozen=True)
class PoolChange:
    """A pool of this run beside that of the run before: what all together used, and what it cost.

    None: there was no such pool, or its cost is a bill's and no meter counted anything.
    """

    name: str
    meter: str
    use_before: Decimal | None
    use_now: Decimal | None
    amount_before: Decimal | None
    amount_now: Decimal

    @property
    def change(self) -> Decimal:
        """What the pool costs more or less."""
        return self.amount_now - (self.amount_before or ZERO)


def compare_pools(run: BillRun, before: BillRun | None) -> list[PoolChange]:
    """The pools of a run beside those of the run before, the one that changed most first."""
    earlier = {_pool_key(pool): pool for pool in PoolResult.objects.filter(run=before)} if before else {}
    changes = [
        _pool_change(pool, earlier.get(_pool_key(pool)))
        for pool in PoolResult.objects.filter(run=run).select_related("fee_item")
    ]
    return sorted(changes, key=lambda change: -abs(change.change))


def _pool_key(pool: PoolResult) -> tuple[int, str, str, str]:
    return pool.fee_item_id, pool.applies_to, pool.meter_code, pool.key


def _pool_change(now: PoolResult, before: PoolResult | None) -> PoolChange:
    return PoolChange(
        name=now.fee_item.name,
        meter=now.meter_code,
        use_before=before.use if before else None,
        use_now=now.use,
        amount_before=before.amount if before else None,
        amount_now=now.amount,
    )


def list_drafts_by_building(run: BillRun) -> list[BuildingBills]:
    """The buildings that still have drafts, in walking order, with their numbers."""
    return _by_building(run, BillState.DRAFT)


def list_buildings_to_print(run: BillRun) -> list[BuildingBills]:
    """The buildings of a run's issued bills in walking order, with their numbers."""
    return _by_building(run, BillState.ISSUED)


def _by_building(run: BillRun, state: str) -> list[BuildingBills]:
    bills = Bill.objects.filter(run=run, state=state).order_by()
    counts = dict(bills.values_list("account__unit__building").annotate(Count("pk")))
    buildings = Building.objects.filter(pk__in=[pk for pk in counts if pk]).order_by("sort_key")
    rows = [BuildingBills(building.pk, building.code, counts[building.pk]) for building in buildings]
    return [*rows, BuildingBills(0, "", counts[None])] if None in counts else rows


def count_drafts(run: BillRun) -> int:
    """How many of a run's bills are not issued yet."""
    return Bill.objects.filter(run=run, state=BillState.DRAFT).count()
