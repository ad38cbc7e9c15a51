"""What a community publishes of its pools: a year of them, month by month (DOMAIN-RULES 4.6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from billing.models import PoolResult, RunState
from core.money import ZERO, to_yuan
from core.naturalsort import natural_key
from core.periods import Period
from estates.domain.city_packs import Rule, Topic, disclosed_by, find_rule
from estates.models import Community, Meter


@dataclass(frozen=True)
class Held:
    """A unit the reader pays or paid for, and since when until when (the day after the last)."""

    unit_id: int
    start: date
    end: date | None

    def on(self, row: PoolResult) -> bool:
        """Whether it was held on any day of the pool's period."""
        return self.start < row.period_end and (self.end is None or row.period_start < self.end)


@dataclass(frozen=True)
class DisclosedShare:
    """One key of a pool: what it shared among how many, and what of it fell to the reader's own units."""

    key: str
    percent: str
    amount: Decimal
    participants: int
    own: Decimal | None


@dataclass(frozen=True)
class DisclosedMonth:
    """A pool in one period. Readings, use and price are None where the supplier's bill was shared.

    loss, borne: what no sub-meter saw, and what of it the company bears; None where there are no sub-meters.
    """

    result_id: int
    period: Period
    opening: Decimal | None
    closing: Decimal | None
    use: Decimal | None
    price: Decimal | None
    amount: Decimal
    loss: Decimal | None
    borne: Decimal | None
    shares: tuple[DisclosedShare, ...]

    @property
    def participants(self) -> int:
        """How many took part, by the key most took part in."""
        return max(share.participants for share in self.shares)

    @property
    def own(self) -> Decimal | None:
        """What fell to the reader's own units, by all keys; None when none of them took part."""
        parts = [share.own for share in self.shares if share.own is not None]
        return sum(parts, ZERO) if parts else None


@dataclass(frozen=True)
class DisclosedPool:
    """A pool of a year: what it is, how it was shared and where that was agreed, and its months."""

    name: str
    meter: str
    meter_kind: str
    applies_to: str
    agreements: tuple[str, ...]
    months: tuple[DisclosedMonth, ...]

    @property
    def total(self) -> Decimal:
        """What the pool came to in the year."""
        return sum((month.amount for month in self.months), ZERO)

    @property
    def use(self) -> Decimal | None:
        """What was used in the year; None where suppliers' bills were shared."""
        uses = [month.use for month in self.months if month.use is not None]
        return sum(uses, Decimal(0)) if uses else None

    @property
    def own(self) -> Decimal | None:
        """What fell to the reader's own units in the year."""
        parts = [month.own for month in self.months if month.own is not None]
        return sum(parts, ZERO) if parts else None


def list_disclosed(
    community_id: int, cycle: Period, own: Collection[Held] | None = None
) -> list[DisclosedPool]:
    """Return the pools whose periods begin in the cycle, of issued runs only; two queries.

    With ``own`` only pools that these units take part in, with what fell to them while they were held; who else took
    part is never said.
    """
    kinds = dict(Meter.objects.filter(community_id=community_id, unit=None).values_list("code", "kind"))
    rows = PoolResult.objects.filter(
        fee_item__community_id=community_id,
        run__state=RunState.ISSUED,
        period_start__gte=cycle.start,
        period_start__lt=cycle.end,
    ).select_related("fee_item")
    if own is not None:
        rows = rows.filter(unit_ids__overlap=[held.unit_id for held in own])
    ordered = sorted(rows, key=_order)
    return [_pool(list(of_pool), kinds, own) for _name, of_pool in groupby(ordered, key=_name)]


def _order(result: PoolResult) -> tuple[Any, ...]:
    """Fee items in the order of the bill, buildings as people count them, then months and keys."""
    scope = natural_key(result.applies_to)
    item = (result.fee_item.rank, result.fee_item_id)
    return (*item, scope, *_name(result), result.period_start, result.rule, result.place)


def _name(result: PoolResult) -> tuple[Any, ...]:
    return (result.fee_item_id, result.applies_to, result.meter_code)


def _pool(rows: Sequence[PoolResult], kinds: dict[str, str], own: Collection[Held] | None) -> DisclosedPool:
    first = rows[0]
    months = groupby(rows, key=lambda row: (row.period_start, row.rule))
    return DisclosedPool(
        name=first.fee_item.name,
        meter=first.meter_code,
        meter_kind=kinds.get(first.meter_code, ""),
        applies_to=first.applies_to,
        agreements=tuple(dict.fromkeys(row.agreement for row in rows if row.agreement)),
        months=tuple(_month(list(of_month), own) for _key, of_month in months),
    )


def _month(rows: Sequence[PoolResult], own: Collection[Held] | None) -> DisclosedMonth:
    first = rows[0]
    return DisclosedMonth(
        result_id=first.pk,
        period=Period(first.period_start, first.period_end),
        opening=first.opening,
        closing=first.closing,
        use=first.use,
        price=first.price,
        amount=sum((row.amount for row in rows), ZERO),
        loss=_figure(first, "loss"),
        borne=_figure(first, "borne"),
        shares=tuple(_share(row, own) for row in rows),
    )


def _figure(row: PoolResult, name: str) -> Decimal | None:
    return Decimal(row.measured[name]) if name in row.measured else None


def _share(row: PoolResult, own: Collection[Held] | None) -> DisclosedShare:
    fen = list(_own_fen(row, own)) if own else []
    return DisclosedShare(
        key=row.key,
        percent=row.percents[row.place] if len(row.percents) > 1 else "",
        amount=row.amount,
        participants=len(row.unit_ids),
        own=to_yuan(sum(fen)) if fen else None,
    )


def _own_fen(row: PoolResult, own: Collection[Held]) -> Iterator[int]:
    units = {held.unit_id for held in own if held.on(row)}
    return (fen for unit, fen in zip(row.unit_ids, row.shares_fen, strict=True) if unit in units)


def list_years(community_id: int) -> list[int]:
    """Return the years that have shared pools, newest first."""
    days = PoolResult.objects.filter(fee_item__community_id=community_id, run__state=RunState.ISSUED)
    return [day.year for day in days.dates("period_start", "year", order="DESC")]


@dataclass(frozen=True)
class DisclosureDuty:
    """What the local rule asks of a year's shared costs: the rule, and the last day for the newest of them.

    ``by`` is None where no rule sets a day, or nothing was shared in the year.
    """

    rule: Rule
    by: date | None


def get_disclosure_duty(community: Community, pools: Sequence[DisclosedPool], year: int) -> DisclosureDuty:
    """Return the duty for these pools of a year, by the rule in force when the year's last pool began."""
    begun = [month.period.start for pool in pools for month in pool.months]
    newest = max(begun, default=date(year, 12, 31))
    rule = find_rule(community.city_pack, Topic.DISCLOSURE, newest)
    return DisclosureDuty(rule, disclosed_by(community.city_pack, newest) if begun else None)


def year_of(year: int) -> Period:
    """Return a calendar year as a period."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))
