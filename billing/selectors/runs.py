"""What the reviewer of a run reads: totals beside the period before, parked accounts, a sample, buildings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Sum, Value
from django.db.models.functions import MD5, Cast, Concat

from billing.models import Bill, BillRun, BillState, ChargeLine, RunProblem
from estates.models import Building

ZERO = Decimal("0.00")
SAMPLE = 5


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


def draw_sample(run: BillRun, count: int = SAMPLE) -> list[Bill]:
    """Draw bills of a run to be checked by hand: at random, and the same ones whenever the run is asked."""
    seed = MD5(Concat(Cast("pk", CharField()), Value(f"-{run.pk}")))
    bills = Bill.objects.filter(run=run).exclude(state=BillState.VOID).annotate(draw=seed)
    return list(bills.select_related("account__unit", "account__payer").order_by("draw")[:count])


def list_buildings_to_print(run: BillRun) -> list[BuildingBills]:
    """The buildings of a run's issued bills in walking order, with their numbers."""
    bills = Bill.objects.filter(run=run, state=BillState.ISSUED).order_by()
    counts = dict(bills.values_list("account__unit__building").annotate(Count("pk")))
    buildings = Building.objects.filter(pk__in=[pk for pk in counts if pk]).order_by("sort_key")
    rows = [BuildingBills(building.pk, building.code, counts[building.pk]) for building in buildings]
    return [*rows, BuildingBills(0, "", counts[None])] if None in counts else rows


def count_drafts(run: BillRun) -> int:
    """How many of a run's bills are not issued yet."""
    return Bill.objects.filter(run=run, state=BillState.DRAFT).count()
