"""What a run computes from, in a handful of queries however many accounts there are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from billing.domain.contracts import clip_tariffs
from billing.domain.metered import tell_history
from billing.domain.pieces import cut_pieces
from billing.domain.pool_rules import BY_AREA
from billing.domain.pools import floor_coins
from billing.domain.rounding import COIN_FEN
from billing.domain.scopes import Places, Target, Tariff, Tier
from billing.domain.slab import (
    SHARE_SCALE,
    UNKNOWN,
    Accounts,
    DueItem,
    IntArray,
    MeterUses,
    Plan,
    PoolShares,
    Slab,
)
from billing.models import BillingPolicy, BillRun, FeeItem, PoolResult, TariffVersion
from billing.models.accounts import Proration
from billing.models.tariffs import Method
from billing.selectors.columns import ORDINAL, SEPARATOR, array_text, iso_days, read_integers, read_labelled
from billing.selectors.contracts import load_terms
from billing.selectors.traits import load_traits
from billing.selectors.turns import list_turns
from billing.selectors.unit_facts import FAR, load_unit_facts
from core.bulk import render_scaled
from core.money import to_fen
from core.periods import Period, span_of
from estates.models import Building, Unit, UnitKind
from estates.selectors import USE_OF_PERIOD, list_histories

KINDS = {kind: number for number, kind in enumerate(UnitKind.values)}
KIND_NUMBER = "array_position(%s, {}) - 1"

ACCOUNT_NAMES = ("id", "unit", "building", "kind", "area", "start", "until")
ACCOUNTS = f"""
    SELECT a.id, a.unit_id, coalesce(u.building_id, {UNKNOWN}), {KIND_NUMBER.format("u.kind::text")},
           coalesce(u.area_m2 * 10000, {UNKNOWN}), {ORDINAL.format("a.start")},
           coalesce({ORDINAL.format('a."end"')}, {FAR})
    FROM billing_chargeaccount a JOIN estates_unit u ON u.id = a.unit_id
    WHERE {{where}} ORDER BY u.sort_key, u.code COLLATE "C", a.unit_id, a.start
"""

UNIT_NAMES = ("id", "building", "kind", "area")
UNITS = f"""
    SELECT u.id, coalesce(u.building_id, {UNKNOWN}), {KIND_NUMBER.format("u.kind::text")},
           coalesce(coalesce(measured.area_m2, u.area_m2) * 10000, {UNKNOWN})
    FROM estates_unit u LEFT JOIN (
        SELECT DISTINCT ON (unit_id) unit_id, area_m2 FROM estates_unitarea
        WHERE start < %s ORDER BY unit_id, start DESC
    ) AS measured ON measured.unit_id = u.id
    WHERE u.community_id = %s ORDER BY u.code COLLATE "C"
"""

USE_NAMES = (
    "meter", "unit", "opening", "opened_on", "closing", "closed_on", "multiplier", "use", "first", "unread", "special",
)  # fmt: skip
USES = f"""
    SELECT meter.id, meter.unit_id, coalesce(opening.value, closing.value) * 10000,
           {ORDINAL.format("coalesce(opening.read_on, closing.read_on)")},
           closing.value * 10000, {ORDINAL.format("closing.read_on")}, closing.factor * 10000,
           coalesce(round(closing.level - opening.level, 4) * 10000, 0),
           (coalesce(opening.read_on, closing.read_on) = closing.read_on AND closing.read_on >= %(start)s)::int,
           (closing.read_on < %(start)s AND meter.retired_on IS NULL AND NOT meter.is_prepaid)::int,
           coalesce(opening.base <> closing.base OR opening.factor <> closing.factor OR opening.ahead <> 0
                    OR closing.ahead <> 0 OR opening.is_estimate OR closing.is_estimate, false)::int,
           meter.code
    {USE_OF_PERIOD}
    WHERE meter.kind = %(kind)s AND meter.unit_id = ANY(%(units)s::bigint[]) ORDER BY meter.unit_id, meter.id
"""


def load_plan(run: BillRun) -> Plan:
    """Return what is due in the run: fee items in the order of the bill, with the versions that may charge.

    Where contracts are recorded, versions charge on their days only.
    """
    month = Period(run.period_start, run.period_end)
    items = FeeItem.objects.filter(community_id=run.community_id).order_by("rank", "code")
    by_period, terms = _prorates_by_period(run.community_id), load_terms(run.community_id)
    found = (due for item in items for due in _due_items(item, month, by_period))
    due_items = (replace(due, tariffs=clip_tariffs(due.tariffs, terms)) for due in found)
    charged = tuple(due for due in due_items if due.tariffs)
    return Plan(month, charged, map_targets(run.community_id, charged))


def _prorates_by_period(community_id: int) -> bool:
    policy = BillingPolicy.objects.filter(community=community_id).first() or BillingPolicy()
    return policy.proration == Proration.PERIOD


def _due_items(item: FeeItem, month: Period, by_days_of_period: bool) -> Iterator[DueItem]:
    for turn in list_turns(item, month):
        yield DueItem(
            item.pk,
            item.code,
            turn.period,
            list_tariffs(item, turn.period),
            turn.units,
            turn.month_day,
            honours_vacancy=item.honours_vacancy,
            by_days_of_period=by_days_of_period,
        )


def list_tariffs(item: FeeItem, period: Period) -> tuple[Tariff, ...]:
    """Return the versions of a fee item in force on any day of a period, as the rules of billing see them."""
    versions = (
        TariffVersion.objects.filter(fee_item=item).overlapping(period.start, period.end).order_by("pk")
    )
    return tuple(map(as_tariff, versions))


def as_tariff(version: TariffVersion) -> Tariff:
    """Return a tariff version as the rules of billing see it."""
    formula: Mapping[str, Any] = version.formula
    tiers = tuple(
        Tier(None if up_to is None else Decimal(up_to), Decimal(price))
        for up_to, price in formula.get("tiers", ())
    )
    return Tariff(
        id=version.pk,
        applies_to=version.applies_to,
        method=version.method,
        start=version.start,
        end=version.end,
        price=version.price or Decimal(0),
        rounding=version.rounding,
        tiers=tiers,
        meter_kind=formula.get("meter_kind", ""),
        pool_meter=formula.get("pool_meter", ""),
        pool_key=formula.get("pool_key", ""),
        pool_rules=tuple(formula.get("pool_rules", ())),
        is_billed=version.method == Method.POOL and version.price is None,
        agreement=formula.get("agreement", ""),
        expression=formula.get("expression", ""),
    )


def map_targets(community_id: int, items: Iterable[DueItem]) -> dict[str, Target]:
    """Return what each scope of the tariffs means; scopes that name nothing in the register are left out."""
    scopes = {tariff.applies_to for item in items for tariff in item.tariffs}
    buildings, stairs, units = (
        {scope.partition(":")[2] for scope in scopes if scope.startswith(prefix)}
        for prefix in ("building:", "stair:", "unit:")
    )
    found: dict[str, Target] = {"*": 0}
    found |= {f"kind:{kind}": number for kind, number in KINDS.items()}
    found |= {f"stair:{stair}": ids for stair, ids in find_stairs(community_id, stairs).items()}
    for code, pk in Building.objects.filter(community_id=community_id, code__in=buildings).values_list(
        "code", "pk"
    ):
        found[f"building:{code}"] = pk
    for code, pk in Unit.objects.filter(community_id=community_id, code__in=units).values_list("code", "pk"):
        found[f"unit:{code}"] = pk
    return found


def find_stairs(community_id: int, stairs: Iterable[str]) -> dict[str, IntArray]:
    """Return the units of each of these stairs (``8-2``: stair 2 of building 8) that the register has."""
    named = [tuple(stair.rpartition("-")[::2]) for stair in sorted(stairs)]
    rows = Unit.objects.filter(
        community_id=community_id,
        building__code__in={building for building, _stair in named},
        stair__in={stair for _building, stair in named},
    )
    found: dict[str, list[int]] = {}
    for building, stair, pk in rows.order_by("pk").values_list("building__code", "stair", "pk"):
        if (building, stair) in named:
            found.setdefault(f"{building}-{stair}", []).append(pk)
    return {stair: np.array(units, dtype=np.int64) for stair, units in found.items()}


@dataclass(frozen=True)
class Holdings:
    """A whole community: its units in the order of their codes, and the accounts charged."""

    places: Places
    accounts: Accounts


def load_holdings(community_id: int, plan: Plan) -> Holdings:
    """Return the units of a community, and its accounts that hold on any day the plan charges, in walking order."""
    span = hull(plan)
    units = read_integers(UNIT_NAMES, UNITS, [list(KINDS), span.end, community_id])
    where = 'a.community_id = %s AND a.start < %s AND (a."end" IS NULL OR a."end" > %s)'
    accounts = _accounts(where, [community_id, span.end, span.start])
    return Holdings(Places(units["id"], units["building"], units["kind"]), accounts)


def load_areas(community_id: int, period: Period) -> IntArray:
    """Return the areas × 10⁴ of all units of a community, in the order of their codes, on a period's last day."""
    return read_integers(UNIT_NAMES, UNITS, [list(KINDS), period.end, community_id])["area"]


def with_pools(plan: Plan, run_id: int) -> Plan:
    """Return the plan with the frozen pools of the run."""
    return replace(plan, pools=load_pools(run_id))


def load_slab(plan: Plan, account_ids: Sequence[int]) -> Slab:
    """Return the facts of these accounts and of all others of their units in the periods that are due."""
    span = hull(plan)
    where = """a.unit_id IN (SELECT unit_id FROM billing_chargeaccount WHERE id = ANY(%s::bigint[]))
               AND a.start < %s AND (a."end" IS NULL OR a."end" > %s)"""
    accounts = _accounts(where, [array_text(account_ids), span.end, span.start])
    units = accounts.units.tolist()
    accounts = cut_pieces(accounts, load_unit_facts(units, span))
    wanted = {(t.meter_kind, item.period) for item in plan.items for t in item.tariffs if t.meter_kind}
    uses = {(kind, period): load_uses(kind, period, units) for kind, period in sorted(wanted)}
    return Slab(accounts, uses, load_traits(plan, units))


def hull(plan: Plan) -> Period:
    """Return the days from the first to the last that the plan charges; the run's own month when nothing is due."""
    return span_of([item.period for item in plan.items] or [plan.run])


def _accounts(where: str, params: Sequence[Any]) -> Accounts:
    columns = read_integers(ACCOUNT_NAMES, ACCOUNTS.format(where=where), [list(KINDS), *params])
    columns["share"] = np.full_like(columns["id"], SHARE_SCALE)
    return Accounts(*columns.values())


def load_uses(kind: str, period: Period, units: Sequence[int]) -> MeterUses:
    """Return what the units' meters of one kind counted in a period, units with several meters added up.

    A meter whose only reading fell in the period has just been opened: it counts nothing yet.
    """
    params = {"start": period.start, "end": period.end, "kind": kind, "units": array_text(units)}
    meters, codes = read_labelled(USE_NAMES, USES, params)
    texts = np.array(_meter_texts(meters, codes), dtype=object)
    _tell_special(texts, meters)
    unit, first = np.unique(meters["unit"], return_index=True)
    opened, backwards, unread = meters["first"] == 1, meters["use"] < 0, meters["unread"] == 1
    if unit.size == texts.size:
        return MeterUses(unit, meters["use"], texts, opened, backwards, unread)
    return MeterUses(
        unit,
        np.add.reduceat(meters["use"], first),
        np.array([", ".join(part) for part in np.split(texts, first[1:])], dtype=object),
        np.logical_and.reduceat(opened, first),
        np.logical_or.reduceat(backwards, first),
        np.logical_or.reduceat(unread, first),
    )


def _meter_texts(meters: Mapping[str, IntArray], codes: Sequence[str]) -> list[str]:
    """The JSON of each meter as a line remembers it: ``billing.domain.inputs.MeterUse``."""
    values = (render_scaled(meters[name], 4) for name in ("opening", "closing", "multiplier", "use"))
    days = (iso_days(meters[name]) for name in ("opened_on", "closed_on"))
    quoted = json.dumps(codes, separators=(SEPARATOR, ":"))[1:-1].split(SEPARATOR) if codes else []
    rows = zip(quoted, *days, *values, strict=True)
    return [
        f'{{"meter": {code}, "opening": {{"on": "{opened}", "value": "{opening}"}}, '
        f'"closing": {{"on": "{closed}", "value": "{closing}"}}, "multiplier": "{multiplier}", "use": "{use}"}}'
        for code, opened, closed, opening, closing, multiplier, use in rows
    ]


def _tell_special(texts: npt.NDArray[np.object_], meters: Mapping[str, IntArray]) -> None:
    """Let the lines of changed, turned or estimated meters remember how their use came about; these are few."""
    rows = np.flatnonzero(meters["special"])
    if not rows.size:
        return
    since, until = (
        extreme(meters[name][rows]) for name, extreme in (("opened_on", np.min), ("closed_on", np.max))
    )
    histories = list_histories(
        meters["meter"][rows].tolist(), date.fromordinal(int(since)), date.fromordinal(int(until))
    )
    for row in rows.tolist():
        opened, closed = (date.fromordinal(int(meters[name][row])) for name in ("opened_on", "closed_on"))
        history = [shown for shown in histories[int(meters["meter"][row])] if opened <= shown.on <= closed]
        texts[row] = f"{texts[row][:-1]}, {json.dumps(tell_history(history))[1:-1]}}}"


def load_pools(run_id: int) -> dict[int, list[PoolShares]]:
    """Return the frozen pools of a run by fee item."""
    pools: dict[int, list[PoolShares]] = {}
    for result in PoolResult.objects.filter(run_id=run_id).select_related("fee_item").order_by("pk"):
        pools.setdefault(result.fee_item_id, []).append(as_shares(result))
    return pools


def as_shares(result: PoolResult) -> PoolShares:
    """Return a frozen pool as columns by rising unit id, and the JSON its lines have in common."""
    weights = np.array(result.weights, dtype=np.int64)
    coin = COIN_FEN[result.rounding]
    floors = floor_coins(to_fen(result.amount) // coin, weights)
    units = np.array(result.unit_ids, dtype=np.int64)
    order = np.argsort(units)
    return PoolShares(
        rounding=result.rounding,
        by_area=result.key == BY_AREA,
        facts=_pool_facts(result, int(weights.sum())),
        unit=units[order],
        weight=weights[order],
        share_coins=(np.array(result.shares_fen, dtype=np.int64) // coin)[order],
        floor_coins=floors[order],
        times=np.array(result.times, dtype=np.int64)[order] if result.times else None,
        full=max(result.times, default=1),
        result=result.pk,
    )


def _pool_facts(result: PoolResult, total: int) -> str:
    facts: dict[str, Any] = {
        "pool": result.pk,
        "meter": result.meter_code,
        "amount": f"{result.amount:.2f}",
        "key": result.key,
        "total": total,
        "scale": result.scale,
        "participants": len(result.unit_ids),
        "rounding": result.rounding,
        "version": result.tariff_version_id,
    }
    if len(result.percents) > 1:
        facts |= {"whole": f"{result.whole:.2f}", "percents": result.percents, "place": result.place}
    if result.agreement:
        facts["agreement"] = result.agreement
    return json.dumps(facts, ensure_ascii=False)[1:-1]
