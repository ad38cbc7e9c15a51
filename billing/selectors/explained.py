"""Bills with every line opened and compared with the bill before: a handful of queries however many bills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import F, OuterRef, Subquery

from billing.domain.comparison import Change, Charge, compare
from billing.domain.explain import Explanation, explain
from billing.domain.steps import Background, FrozenPool
from billing.models import Bill, BillState, ChargeLine, PoolResult, TariffVersion
from billing.models.bills import CORRECTION
from billing.selectors.late_fee_names import name_late_fee
from core.money import ZERO
from core.periods import Period
from estates.models import Meter


@dataclass(frozen=True)
class ExplainedLine:
    """A charge line opened. ``change`` compares its fee item with the bill before; None when there is none.

    ``name`` is the fee item's; a late fee also names what it grew on, for a bill may hold several.

    A fee item of several parts on one bill is compared once, on its first part.
    """

    line_id: int
    fee_item_id: int
    fee_item_code: str
    name: str
    period: Period
    method: str
    amount: Decimal
    explanation: Explanation
    change: Change | None


@dataclass(frozen=True)
class ExplainedBill:
    """A bill with its lines opened. ``gone``: fee items of the bill before that this one does not have."""

    bill_id: int
    total: Decimal
    lines: tuple[ExplainedLine, ...]
    gone: tuple[tuple[str, Change], ...] = ()
    previous_total: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """The total against that of the bill before, which all the changes add up to; None on a first bill."""
        return None if self.previous_total is None else self.total - self.previous_total

    @cached_property
    def changes(self) -> tuple[tuple[str, Change], ...]:
        """The change of every fee item by name, in the order of the bill, those that are gone last."""
        return (*((line.name, line.change) for line in self.lines if line.change), *self.gone)


def explain_line(line_id: int) -> ExplainedLine:
    """One line opened and compared with the bill before. Raises ChargeLine.DoesNotExist."""
    bill_id = ChargeLine.objects.values_list("bill_id", flat=True).get(pk=line_id)
    return next(line for line in explain_bill(bill_id).lines if line.line_id == line_id)


def explain_bill(bill_id: int) -> ExplainedBill:
    """One bill with all its lines opened. Raises KeyError when there is no such bill."""
    return explain_bills([bill_id])[bill_id]


def explain_bills(bill_ids: Sequence[int]) -> dict[int, ExplainedBill]:
    """Many bills with all their lines opened, in five queries."""
    bills = _with_previous(bill_ids)
    previous: dict[int, int | None] = {bill.pk: getattr(bill, "previous_id", None) for bill in bills}
    lines = _lines_of([*previous, *(pk for pk in previous.values() if pk)])
    scene = _Scene(line for of_bill in lines.values() for line in of_bill)
    return {bill.pk: _explain(bill, lines, scene) for bill in bills}


def _with_previous(bill_ids: Sequence[int]) -> list[Bill]:
    """The bills, each with id and total of the bill before it of the same account and schedule.

    A correction has none: what it is compared with stands in its lines.
    """
    earlier = Bill.objects.filter(
        account=OuterRef("account"),
        schedule=OuterRef("schedule"),
        period_start__lt=OuterRef("period_start"),
        state=BillState.ISSUED,
    )
    earlier = earlier.exclude(schedule=CORRECTION).order_by("-period_start")
    found = Bill.objects.filter(pk__in=bill_ids).annotate(
        previous_id=Subquery(earlier.values("pk")[:1]), previous_total=Subquery(earlier.values("total")[:1])
    )
    return list(found)


def _lines_of(bill_ids: Iterable[int]) -> dict[int, list[ChargeLine]]:
    rows = ChargeLine.objects.filter(bill__in=list(bill_ids)).select_related("fee_item")
    grouped: dict[int, list[ChargeLine]] = defaultdict(list)
    for line in rows.annotate(unit_id=F("bill__account__unit_id")).order_by(
        "fee_item__rank", "fee_item", "part"
    ):
        grouped[line.bill_id].append(line)
    return grouped


class _Scene:
    """The rows around many lines, read at once: frozen pools, first days of versions, kinds of meters."""

    def __init__(self, lines: Iterable[ChargeLine]) -> None:
        inputs = [line.inputs for line in lines if line.inputs]
        pools = {data["pool"] for data in inputs if "pool" in data}
        self.pools = PoolResult.objects.select_related("fee_item").in_bulk(pools)
        versions = {part["version"] for data in inputs for part in data.get("parts", ())}
        self.versions = TariffVersion.objects.in_bulk(versions)
        late = {data["principal_line"] for data in inputs if "principal_line" in data}
        self.principals = ChargeLine.objects.select_related("fee_item").in_bulk(late)
        codes = {pool.meter_code for pool in self.pools.values()}
        meters = Meter.objects.filter(unit=None, code__in=codes).values_list("community_id", "code", "kind")
        self.meter_kinds = {(community, code): kind for community, code, kind in meters}

    def name(self, line: ChargeLine) -> str:
        """What a line is called."""
        principal = self.principals.get(line.inputs.get("principal_line", 0))
        item = line.fee_item.name
        return name_late_fee(item, principal.fee_item.name) if principal else item

    def background(self, line: ChargeLine) -> Background:
        """What stands beside one line."""
        numbers = {part["version"] for part in line.inputs.get("parts", ())}
        versions = [self.versions[number] for number in numbers if number in self.versions]
        kinds: list[str] = [version.formula.get("meter_kind", "") for version in versions]
        pool = self.pools.get(line.inputs.get("pool", 0))
        if pool:
            kinds = [self.meter_kinds.get((pool.fee_item.community_id, pool.meter_code), "")]
        return Background(
            since={version.pk: version.start for version in versions},
            meter_kind=next(iter(kinds), ""),
            pool=_frozen(pool, getattr(line, "unit_id", 0)) if pool else None,
        )


def _frozen(pool: PoolResult, unit_id: int) -> FrozenPool | None:
    if unit_id not in pool.unit_ids:
        return None
    return FrozenPool(
        opening=pool.opening,
        closing=pool.closing,
        use=pool.use,
        price=pool.price,
        weights=pool.weights,
        at=pool.unit_ids.index(unit_id),
        measured=pool.measured,
    )


def _explain(bill: Bill, lines: Mapping[int, list[ChargeLine]], scene: _Scene) -> ExplainedBill:
    previous_id: int | None = getattr(bill, "previous_id", None)
    own, before = lines.get(bill.pk, []), lines.get(previous_id or 0, [])
    charges, earlier = _charges(own, scene), _charges(before, scene)
    names = {line.fee_item_id: line.fee_item.name for line in before}
    gone = [item for item in earlier if item not in charges]
    return ExplainedBill(
        bill_id=bill.pk,
        total=bill.total,
        lines=tuple(
            _explain_line(line, scene, _change(line, charges, earlier) if previous_id else None)
            for line in own
        ),
        gone=tuple((names[item], compare(None, earlier[item])) for item in gone),
        previous_total=getattr(bill, "previous_total", None),
    )


def _change(line: ChargeLine, charges: Mapping[int, Charge], earlier: Mapping[int, Charge]) -> Change | None:
    item = line.fee_item_id
    return compare(charges[item], earlier.get(item)) if line.part == 0 else None


def _explain_line(line: ChargeLine, scene: _Scene, change: Change | None) -> ExplainedLine:
    return ExplainedLine(
        line_id=line.pk,
        fee_item_id=line.fee_item_id,
        fee_item_code=line.fee_item.code,
        name=scene.name(line),
        period=Period(line.period_start, line.period_end),
        method=line.method,
        amount=line.amount,
        explanation=explain(
            method=line.method, inputs=line.inputs, amount=line.amount, background=scene.background(line)
        ),
        change=change,
    )


def _charges(lines: Sequence[ChargeLine], scene: _Scene) -> dict[int, Charge]:
    """What each fee item costs on a bill, its parts together."""
    by_item: dict[int, list[ChargeLine]] = defaultdict(list)
    for line in lines:
        by_item[line.fee_item_id].append(line)
    return {
        item: Charge(
            amount=sum((part.amount for part in parts), ZERO),
            method=parts[0].method,
            parts=[part.inputs for part in parts if part.method == parts[0].method],
            background=scene.background(parts[0]),
        )
        for item, parts in by_item.items()
    }
