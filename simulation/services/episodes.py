"""Events of the demo besides paying: approved vacancies, a year paid ahead, and a storage room the roster forgot.

Who it happens to follows from the order of the houses, and when from the months that are left, so that the same plot
tells the same story and the last month shows every stage side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from billing.models import ChargeAccount, FeeItem, PoolResult
from billing.selectors.discounts import find_monthly_fee
from billing.selectors.outstanding import open_lines
from billing.services import vacancies
from billing.services.resharing_requests import approve_resharing, request_resharing
from core.money import ZERO, to_yuan
from core.periods import Period
from estates.models import Meter, Unit, UnitKind, VacancyEntitlement
from estates.services.roster import import_roster
from estates.services.vacancies import Inspection, inspect_vacancy, refuse_vacancy
from payments.models import Channel
from payments.services.booking import Incoming, book_receipt
from simulation.domain.community import SyntheticCommunity
from simulation.domain.files import ROSTER_HEAD, forgotten_room_row
from simulation.domain.houses import HIGH_RISE
from simulation.services.founding import Founded, as_csv

EMPTY_FOR = timedelta(days=180)
MONTHS_AHEAD = 12
PAYS_AHEAD_IN = 1
"""The month of the story, counted from 0, in which somebody pays a year ahead."""


class Empty(NamedTuple):
    """A flat that stands empty: how many months before the last one it is applied for, and how far it comes.

    ``used``: how many months before the last one water runs in it again; None: it does not.
    """

    applied: int
    until: str
    used: int | None = None


STAGES = (
    Empty(3, "approve", used=1),
    Empty(2, "approve"),
    Empty(1, "refuse"),
    Empty(0, "inspect"),
    Empty(0, "apply"),
)
"""One flat each: ended by use, running, refused, waiting for a decision, waiting for somebody to look."""


@dataclass
class Episodes:
    """The households of the episodes, and how many months the story has."""

    plan: SyntheticCommunity
    founded: Founded
    months: int
    empty: dict[str, Empty] = field(init=False)
    ahead: str = field(init=False)

    def __post_init__(self) -> None:
        """Choose the households of the episodes among the occupied high-rise flats."""
        codes = [h.house.code for h in self.plan.households if h.resident and h.house.kind == HIGH_RISE]
        chosen = codes[:: max(1, len(codes) // (len(STAGES) + 1))]
        self.ahead = chosen[0] if chosen else ""
        self.empty = dict(zip(chosen[1:], STAGES, strict=False))

    def leave(self, number: int) -> None:
        """Let no water run, from this month's reading on, in flats that stand empty."""
        left = self.months - 1 - number
        self.plan.vacant.clear()
        self.plan.vacant.update(
            code for code, one in self.empty.items() if one.used is None or left > one.used
        )

    def enter_forgotten_room(self, number: int, first: date, now: datetime) -> None:
        """Before the last run a storage room is entered that the roster forgot: it shares its building's power."""
        if number and number == self.months - 1:
            row = forgotten_room_row(self.plan)
            file = as_csv("roster.csv", [ROSTER_HEAD, row])
            import_roster(
                community=self.founded.community, file=file, by=self.founded.clerk, today=first, now=now
            )

    def happen(self, number: int, month: Period, now: datetime) -> None:
        """Live what falls into the first days of a month, after its bills were issued."""
        left = self.months - 1 - number
        for code, one in self.empty.items():
            if left == one.applied:
                self._stand_empty(self._unit(code), one.until, month.start, now)
        vacancies.end_used_vacancies(community=self.founded.community, day=month.start, now=now)
        if number == PAYS_AHEAD_IN and self.ahead:
            self._pay_ahead(self._unit(self.ahead), now)
        if number and not left:
            self._share_again(month.previous(), now)

    def _unit(self, code: str) -> Unit:
        unit: Unit = Unit.objects.select_related("community").get(community=self.founded.community, code=code)
        return unit

    def _stand_empty(self, unit: Unit, until: str, day: date, now: datetime) -> None:
        """Apply at the desk, look with the meter in hand, and let the manager decide."""
        clerk, manager = self.founded.clerk, self.founded.manager
        vacancy = vacancies.apply(
            unit=unit, empty_since=day - EMPTY_FOR, reason="长期在外地工作，房屋空置", by=clerk, now=now
        )
        if until == "apply":
            return
        self._inspect(vacancy, day, now)
        if until == "refuse":
            refuse_vacancy(vacancy=vacancy, reason="上门查看时有人居住", by=manager, now=now)
        elif until == "approve":
            vacancies.approve(vacancy=vacancy, reason="", by=manager, now=now)

    def _inspect(self, vacancy: VacancyEntitlement, day: date, now: datetime) -> None:
        meters = Meter.objects.filter(unit=vacancy.unit_id).select_related("unit")
        shown = {meter.pk: self.plan.meters.water[vacancy.unit.code] for meter in meters}
        inspection = Inspection(day, "水电总阀已关，家具盖着布", shown)
        inspect_vacancy(vacancy=vacancy, inspection=inspection, by=self.founded.clerk, now=now)

    def _share_again(self, month: Period, now: datetime) -> None:
        """The power on the bills of a month is shared with the forgotten room too: unpaid shares become smaller."""
        community = self.founded.community
        room = Unit.objects.select_related("building").get(community=community, kind=UnitKind.STORAGE)
        pools = PoolResult.objects.filter(run__community=community, run__period_start=month.start)
        for pool in pools.filter(applies_to=f"building:{room.building}"):
            asked = request_resharing(
                pool=pool, reason="地下储藏室漏登记，补录后公摊电费重新分摊", by=self.founded.clerk, now=now
            )
            approve_resharing(asked=asked, by=self.founded.manager, now=now)

    def _pay_ahead(self, unit: Unit, now: datetime) -> None:
        """Pay twelve months of the property fee at the desk, and what is open of it, which earns the gift."""
        item = FeeItem.objects.get(community=self.founded.community, code="wuye")
        for account in ChargeAccount.objects.filter(unit=unit).on(now.date()):
            monthly = find_monthly_fee(account.pk, item.pk)
            owed = _sum_open(account, item)
            if monthly:
                amount = to_yuan(int(monthly * MONTHS_AHEAD)) + owed
                money = Incoming(account.pk, Channel.CASH, amount, now, chosen={}, meant_for=item.pk)
                book_receipt(incoming=money, now=now, by=self.founded.clerk)


def _sum_open(account: ChargeAccount, item: FeeItem) -> Decimal:
    lines: Sequence[Decimal] = [
        line.outstanding for line in open_lines(account_ids=[account.pk]) if line.fee_item_id == item.pk
    ]
    return sum(lines, ZERO)
