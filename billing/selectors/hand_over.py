"""What a change of a unit did to bills, and a transfer as its paper shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from billing.domain.sheets import Letterhead
from billing.holdings import Holding, list_holdings
from billing.models import Bill, BillState, ChargeAccount, ChargeLine, UnitChange, Waiver
from billing.models.bills import CORRECTION
from billing.models.changes import ChangeKind
from billing.selectors.outstanding import lines_with_outstanding
from billing.selectors.sheets import letterhead_of
from core.money import ZERO
from core.periods import Period
from estates.domain.city_packs import owner_pays_from
from estates.models import Occupancy, OccupancyRole, Unit


def find_beginning(unit: Unit) -> date | None:
    """Return the day from which the owner pays by the hand-over on record; None where none is."""
    return unit.handed_over_on and owner_pays_from(unit.community.city_pack, unit.handed_over_on)


def find_moved(unit: Unit, on: date) -> date | None:
    """Return the first day that would be somebody else's to pay if the unit were handed over on a day; None: no day is.

    A unit that was not the developer's on record has been its owner's all along.
    """
    was, begins = find_beginning(unit), owner_pays_from(unit.community.city_pack, on)
    if unit.is_developers:
        return begins
    return None if was in (None, begins) else min(was, begins)


def is_billed_since(unit: Unit, day: date) -> bool:
    """Whether a bill of the unit, a draft too, holds days from this one on."""
    lines = ChargeLine.objects.filter(bill__account__unit=unit, period_end__gt=day)
    return lines.exclude(bill__state=BillState.VOID).exclude(bill__run=None).exists()


def find_waiting_hand_over(unit: Unit) -> UnitChange | None:
    """Return the hand-over of a unit that waits for a second person, or None; there is one at a time."""
    waiting: UnitChange | None = (
        UnitChange.objects.waiting().filter(unit=unit, kind=ChangeKind.HAND_OVER).first()
    )
    return waiting


@dataclass(frozen=True)
class Effects:
    """The reductions and correction bills that a change led to."""

    reductions: list[Waiver]
    bills: list[Bill]


def list_effects_of_change(change: UnitChange) -> Effects:
    """Return what was put right when the change was made."""
    return list_effects_of(Q(account__unit=change.unit_id), [f"change:{change.pk}"])


def list_effects_of(of_bills: Q, sources: Collection[str]) -> Effects:
    """Return what these deeds put right; correction bills are looked for among ``of_bills`` only."""
    reductions = Waiver.objects.filter(source__in=sources).select_related("line__fee_item")
    bills = Bill.objects.filter(of_bills, schedule=CORRECTION, lines__inputs__deed__in=list(sources))
    return Effects(list(reductions.order_by("pk")), list(bills.distinct().order_by("pk")))


@dataclass(frozen=True)
class OpenLine:
    """What the old owner still owes of a line."""

    name: str
    period: Period
    due_on: date
    outstanding: Decimal


@dataclass(frozen=True)
class SplitLine:
    """A fee of the period in which the unit changed hands on ``day``: both parts, which sum to the whole."""

    name: str
    period: Period
    day: date
    old: Decimal
    new: Decimal

    @property
    def old_days(self) -> int:
        """Days of the period that are the seller's."""
        return (self.day - self.period.start).days

    @property
    def new_days(self) -> int:
        """Days of the period that are the buyer's."""
        return (self.period.end - self.day).days

    @property
    def whole(self) -> Decimal:
        """What the period costs."""
        return self.old + self.new


@dataclass(frozen=True)
class HandOverSheet:
    """A transfer on paper, for seller and buyer."""

    letterhead: Letterhead
    number: str
    unit: str
    first_day: date
    last_day: date
    as_of: date
    old_owner: str
    new_owner: str
    open_lines: tuple[OpenLine, ...]
    split: tuple[SplitLine, ...]
    holdings: tuple[Holding, ...]
    reason: str

    @property
    def outstanding(self) -> Decimal:
        """What the old owner still owes in all."""
        return sum((line.outstanding for line in self.open_lines), ZERO)

    @property
    def split_sums(self) -> tuple[Decimal, Decimal, Decimal]:
        """What the running periods cost in all, the seller's part of it and the buyer's."""
        old, new = (sum((getattr(line, side) for line in self.split), ZERO) for side in ("old", "new"))
        return old + new, old, new


def find_accounts_of_transfer(change: UnitChange) -> tuple[ChargeAccount | None, ChargeAccount | None]:
    """Return the accounts that pay for the unit before a transfer and from it on; the same one when a tenant pays."""
    accounts = ChargeAccount.objects.filter(unit=change.unit).select_related("payer").order_by("pk")
    last_day = date.fromordinal(change.first_day.toordinal() - 1)
    return accounts.on(last_day).first(), accounts.on(change.first_day).first()


def hand_over_sheet(change: UnitChange, as_of: date) -> HandOverSheet:
    """Return the paper of a transfer that was made: what is open, how the period is split, whose the money is."""
    day = change.first_day
    last_day = date.fromordinal(day.toordinal() - 1)
    old, new = find_accounts_of_transfer(change)
    sellers = Occupancy.objects.filter(unit=change.unit, role=OccupancyRole.OWNER, end=day).order_by("pk")
    return HandOverSheet(
        letterhead=letterhead_of(change.community),
        number=f"{change.pk:06d}",
        unit=change.unit.label,
        first_day=day,
        last_day=last_day,
        as_of=as_of,
        old_owner="、".join(sellers.values_list("person__name", flat=True)),
        new_owner=change.name,
        open_lines=tuple(_list_open(old)) if old else (),
        split=tuple(_list_split(old, new, day)) if old and new and old != new else (),
        holdings=tuple(list_holdings(change)),
        reason=change.reason,
    )


def _lines_of(account: ChargeAccount) -> Any:
    lines = lines_with_outstanding(ChargeLine.objects.filter(bill__account=account))
    return lines.select_related("fee_item", "bill").order_by("period_start", "fee_item__rank", "part")


def _list_open(account: ChargeAccount) -> list[OpenLine]:
    return [
        OpenLine(
            line.fee_item.name, Period(line.period_start, line.period_end), line.bill.due_on, line.outstanding
        )
        for line in _lines_of(account).exclude(outstanding=0)
    ]


def _list_split(old: ChargeAccount, new: ChargeAccount, day: date) -> list[SplitLine]:
    """Each fee of the days around the transfer; the old owner's lines end on the day or reach beyond it."""
    before = [line for line in _lines_of(old) if line.period_start < day <= line.period_end]
    after = [line for line in _lines_of(new) if line.period_start == day]
    rows = []
    for item in {line.fee_item_id: line.fee_item for line in (*before, *after)}.values():
        olds = [line for line in before if line.fee_item_id == item.pk]
        news = [line for line in after if line.fee_item_id == item.pk]
        if not (olds and news):
            continue
        period = Period(olds[0].period_start, max(line.period_end for line in (*olds, *news)))
        parts = [sum((line.amount - line.waived for line in lines), ZERO) for lines in (olds, news)]
        rows.append(SplitLine(item.name, period, day, *parts))
    return rows
